/* Entries of relayed UDP flows giving place to those that lead the flows on. */
#include "kernel/conntrack_swap.h"
#include "kernel_conntrack.h"

enum {
	HELD = 0x59000000,
	REPLY = 0x57000000,
	SERVER_ZONE = 1444,
	OLD_S = 90,
	STREAM_S = 120,
};

/* Who went. */
static struct {
	unsigned count;
	struct conntrack_entry last;
} told;

static int tell(const struct conntrack_entry *entry, void *arg)
{
	assert_ptr_equal(arg, &told);
	told.count++;
	told.last = *entry;
	return 0;
}

/* Somebody's plain flow in that zone. */
static void make_udp(struct netlink *nl, uint16_t zone, const struct addr *from,
		     const struct addr *to, uint32_t mark)
{
	_Alignas(struct nlmsghdr) char buf[NETLINK_MESSAGE_BYTES];
	struct nlmsghdr *m = begin(buf, from->family);

	m->nlmsg_flags = NLM_F_CREATE | NLM_F_EXCL;
	if (zone)
		mnl_attr_put_u16(m, CTA_ZONE, htons(zone));
	put_tuple(m, CTA_TUPLE_ORIG, from, to, IPPROTO_UDP);
	put_tuple(m, CTA_TUPLE_REPLY, to, from, IPPROTO_UDP);
	mnl_attr_put_u32(m, CTA_TIMEOUT, htonl(30));
	mnl_attr_put_u32(m, CTA_MARK, htonl(mark));
	assert_int_equal(netlink_request(nl, m), 0);
}

static struct conntrack_swap swap_of(const struct places *p)
{
	struct conntrack_swap s = { .hand = hand_of(p, OURS),
				    .held_marks = { HELD, REPLY },
				    .own_mask = our_bits,
				    .hand_mask = 0xf9000000,
				    .old_s = OLD_S,
				    .server_zone = SERVER_ZONE,
				    .gone = tell,
				    .arg = &told };

	s.hand.transport = IPPROTO_UDP;
	s.hand.timeout_s = STREAM_S;
	told.count = 0;
	return s;
}

static int find(struct netlink *nl, const struct addr *from, const struct addr *to,
		struct conntrack_entry *e)
{
	return conntrack_get(nl, IPPROTO_UDP, from, to, e);
}

/* Which server is this client led to? */
static void leads_to(struct netlink *nl, const struct addr *client, const struct addr *to,
		     const struct addr *server, uint32_t mark)
{
	struct conntrack_entry e = { 0 };

	assert_int_equal(find(nl, client, to, &e), 0);
	assert_true(addr_equal(&e.server, server));
	assert_int_equal(e.transport, IPPROTO_UDP);
	assert_int_equal(e.mark, mark);
}

static void swaps(struct netlink *nl, uint16_t family)
{
	struct places p = places_of(family);
	struct conntrack_swap s = swap_of(&p);
	struct conntrack_entry e;
	uint32_t mark;

	make_udp(nl, 0, &p.client, &p.to, HELD | FOREIGN);
	make_udp(nl, SERVER_ZONE, &p.client, &p.server, OURS);
	/* the same ports of TCP are another connection */
	make_plain(nl, 0, &p.client, &p.to, FOREIGN);
	assert_int_equal(conntrack_swap(nl, &s), 0);
	assert_int_equal(s.foreign, FOREIGN);
	assert_int_equal(told.count, 0);
	leads_to(nl, &p.client, &p.to, &p.server, OURS | FOREIGN);
	assert_int_equal(find(nl, &p.client, &p.to, &e), 0);
	assert_in_range(e.timeout_s, STREAM_S - 5, STREAM_S);
	assert_int_equal(conntrack_mark(nl, SERVER_ZONE, IPPROTO_UDP, &p.client, &p.server, &mark),
			 -ENOENT);
	assert_true(is_there(nl, &p.client, &p.to));
	assert_int_equal(conntrack_forget(nl, 0, IPPROTO_UDP, &p.client, &p.to), 0);
}

static void test_swap(void **state)
{
	struct netlink *nl = need_netns(state);

	swaps(nl, AF_INET);
	swaps(nl, AF_INET6);
}

/* Where the client went anyway: both sides are those of the former entry. */
static void test_to_the_original(void **state)
{
	struct netlink *nl = need_netns(state);
	struct places p = places_of(AF_INET);
	struct conntrack_swap s = swap_of(&p);

	s.hand.server = p.to;
	make_udp(nl, 0, &p.client, &p.to, HELD | FOREIGN);
	make_udp(nl, SERVER_ZONE, &p.client, &p.to, 0);
	assert_int_equal(conntrack_swap(nl, &s), 0);
	leads_to(nl, &p.client, &p.to, &p.to, OURS | FOREIGN);
}

/* Somebody flushed conntrack, or the flow was quiet for long. */
static void test_nothing_was_there(void **state)
{
	struct netlink *nl = need_netns(state);
	struct places p = places_of(AF_INET6);
	struct conntrack_swap s = swap_of(&p);

	assert_int_equal(conntrack_swap(nl, &s), 0);
	assert_int_equal(s.foreign, 0);
	leads_to(nl, &p.client, &p.to, &p.server, OURS);
}

/* One that was handed over before between the same two. */
static void test_a_former_one(void **state)
{
	struct netlink *nl = need_netns(state);
	struct places p = places_of(AF_INET);
	struct places other = p;
	struct conntrack_swap s = swap_of(&p);

	assert_int_equal(conntrack_swap(nl, &s), 0);
	other.server.port++;
	s = swap_of(&other);
	assert_int_equal(conntrack_swap(nl, &s), 0);
	assert_int_equal(told.count, 1);
	assert_true(addr_equal(&told.last.server, &p.server));
	leads_to(nl, &p.client, &p.to, &other.server, OURS);
}

/* The client's flow by another of our addresses has the server's side: it lives, or is old. */
static void test_the_servers_side(void **state)
{
	struct netlink *nl = need_netns(state);
	struct places p = places_of(AF_INET);
	struct places other = p;
	struct conntrack_swap s;
	struct conntrack_entry e;

	other.to = p.other_to;
	s = swap_of(&other);
	assert_int_equal(conntrack_swap(nl, &s), 0);
	make_udp(nl, 0, &p.client, &p.to, HELD | FOREIGN);
	make_udp(nl, SERVER_ZONE, &p.client, &p.server, 0);
	s = swap_of(&p);
	assert_int_equal(conntrack_swap(nl, &s), -EBUSY);
	assert_int_equal(told.count, 0);
	/* nothing has changed but that the relay's entry is made anew */
	leads_to(nl, &p.client, &p.other_to, &p.server, OURS);
	leads_to(nl, &p.client, &p.to, &p.to, HELD | FOREIGN);
	assert_int_equal(conntrack_set_timeout(nl, IPPROTO_UDP, &p.client, &p.other_to, OLD_S), 0);
	assert_int_equal(conntrack_swap(nl, &s), 0);
	assert_int_equal(told.count, 1);
	assert_true(addr_equal(&told.last.to, &p.other_to));
	assert_int_equal(find(nl, &p.client, &p.other_to, &e), -ENOENT);
	leads_to(nl, &p.client, &p.to, &p.server, OURS | FOREIGN);
}

/* What is not ours stays, however old. */
static void test_strangers(void **state)
{
	struct netlink *nl = need_netns(state);
	struct places p = places_of(AF_INET);
	struct conntrack_swap s = swap_of(&p);

	make_udp(nl, 0, &p.client, &p.server, FOREIGN);
	assert_int_equal(conntrack_swap(nl, &s), -EBUSY);
	leads_to(nl, &p.client, &p.server, &p.server, FOREIGN);
	assert_int_equal(conntrack_forget(nl, 0, IPPROTO_UDP, &p.client, &p.server), 0);
	make_udp(nl, 0, &p.client, &p.to, FOREIGN);
	assert_int_equal(conntrack_swap(nl, &s), -EBUSY);
	leads_to(nl, &p.client, &p.to, &p.to, FOREIGN);
	assert_int_equal(told.count, 0);
}

/* An entry that began with an answer of ours has the addresses the other way round. */
static void test_begun_by_an_answer(void **state)
{
	struct netlink *nl = need_netns(state);
	struct places p = places_of(AF_INET6);
	struct conntrack_swap s = swap_of(&p);

	make_udp(nl, 0, &p.to, &p.client, REPLY | FOREIGN);
	assert_int_equal(conntrack_swap(nl, &s), 0);
	assert_int_equal(s.foreign, FOREIGN);
	leads_to(nl, &p.client, &p.to, &p.server, OURS | FOREIGN);
}

static bool may_not(const struct conntrack_swap *s)
{
	assert_int_equal(s->foreign, FOREIGN);
	return false;
}

static void test_it_may_not(void **state)
{
	struct netlink *nl = need_netns(state);
	struct places p = places_of(AF_INET);
	struct conntrack_swap s = swap_of(&p);

	s.may = may_not;
	make_udp(nl, 0, &p.client, &p.to, HELD | FOREIGN);
	assert_int_equal(conntrack_swap(nl, &s), -ECANCELED);
	leads_to(nl, &p.client, &p.to, &p.to, HELD | FOREIGN);
}

/* Nor does then one end that was handed over before. */
static void test_a_former_one_stays(void **state)
{
	struct netlink *nl = need_netns(state);
	struct places p = places_of(AF_INET);
	struct places other = p;
	struct conntrack_swap s = swap_of(&p);

	s.hand.mark |= FOREIGN;
	assert_int_equal(conntrack_swap(nl, &s), 0);
	other.server.port++;
	s = swap_of(&other);
	s.may = may_not;
	assert_int_equal(conntrack_swap(nl, &s), -ECANCELED);
	assert_int_equal(told.count, 0);
	leads_to(nl, &p.client, &p.to, &p.server, OURS | FOREIGN);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_swap),
		TEST(test_to_the_original),
		TEST(test_nothing_was_there),
		TEST(test_a_former_one),
		TEST(test_the_servers_side),
		TEST(test_strangers),
		TEST(test_begun_by_an_answer),
		TEST(test_it_may_not),
		TEST(test_a_former_one_stays),
	};

	return cmocka_run_group_tests(tests, enter, leave_netns);
}
