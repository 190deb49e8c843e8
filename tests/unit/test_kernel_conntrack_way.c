/* Making way in conntrack for a flow to be handed over: what may go, and what must stay. */
#include "kernel_conntrack.h"

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

/* Does what stands in the way of p's connection go? */
static int make_way(struct netlink *nl, const struct places *p)
{
	struct conntrack_hand hand = hand_of(p, OURS | FOREIGN);

	told.count = 0;
	return conntrack_make_way(nl, &hand, our_bits, tell, &told);
}

static void test_way_for_the_client_side(void **state)
{
	static const uint8_t live[] = { TCP_CONNTRACK_SYN_SENT,    TCP_CONNTRACK_SYN_RECV,
					TCP_CONNTRACK_ESTABLISHED, TCP_CONNTRACK_FIN_WAIT,
					TCP_CONNTRACK_CLOSE_WAIT,  TCP_CONNTRACK_LAST_ACK };
	static const uint8_t over[] = { TCP_CONNTRACK_TIME_WAIT, TCP_CONNTRACK_CLOSE };
	struct netlink *nl = need_netns(state);
	struct places p = places_of(AF_INET);

	assert_int_equal(make_way(nl, &p), 0); /* nothing is there */
	make_plain(nl, 0, &p.client, &p.to, FOREIGN);
	for (size_t i = 0; i < sizeof live; i++) {
		move_to(nl, &p.client, &p.to, live[i]);
		assert_int_equal(make_way(nl, &p), -EBUSY);
		assert_true(is_there(nl, &p.client, &p.to));
	}
	for (size_t i = 0; i < sizeof over; i++) {
		move_to(nl, &p.client, &p.to, over[i]);
		assert_int_equal(make_way(nl, &p), 0);
		assert_int_equal(told.count, 0); /* it was not ours */
		assert_false(is_there(nl, &p.client, &p.to));
		make_plain(nl, 0, &p.client, &p.to, FOREIGN);
	}
}

/* A client that begins anew from the same port has forgotten the former connection. */
static void test_way_for_a_former_one_of_ours(void **state)
{
	struct netlink *nl = need_netns(state);
	struct places p = places_of(AF_INET6);
	struct conntrack_hand hand = hand_of(&p, OURS);

	assert_int_equal(conntrack_hand_over(nl, &hand), 0);
	assert_int_equal(make_way(nl, &p), 0);
	assert_int_equal(told.count, 1);
	assert_true(addr_equal(&told.last.client, &p.client));
	assert_false(is_there(nl, &p.client, &p.to));
	/* what is in another zone stands in nobody's way */
	make_plain(nl, ZONE, &p.client, &p.to, FOREIGN);
	assert_int_equal(make_way(nl, &p), 0);
	assert_int_equal(conntrack_forget(nl, ZONE, IPPROTO_TCP, &p.client, &p.to), 0);
}

/* From the client to the server in another way, or under another address: it lives, whoever's it is. */
static void test_way_for_the_server_side(void **state)
{
	struct netlink *nl = need_netns(state);
	struct places p = places_of(AF_INET);
	struct places other = p;
	struct conntrack_hand hand;

	make_plain(nl, 0, &p.client, &p.server, 0);
	assert_int_equal(make_way(nl, &p), -EBUSY);
	assert_true(is_there(nl, &p.client, &p.server));
	move_to(nl, &p.client, &p.server, TCP_CONNTRACK_TIME_WAIT);
	assert_int_equal(make_way(nl, &p), 0);
	assert_false(is_there(nl, &p.client, &p.server));
	other.to = p.other_to;
	hand = hand_of(&other, OURS);
	assert_int_equal(conntrack_hand_over(nl, &hand), 0);
	assert_int_equal(make_way(nl, &p), -EBUSY);
	assert_int_equal(told.count, 0);
	assert_true(is_there(nl, &p.client, &p.other_to));
	move_to(nl, &p.client, &p.other_to, TCP_CONNTRACK_CLOSE);
	assert_int_equal(make_way(nl, &p), 0);
	assert_int_equal(told.count, 1);
	assert_true(addr_equal(&told.last.to, &p.other_to));
	assert_false(is_there(nl, &p.client, &p.other_to));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_way_for_the_client_side),
		TEST(test_way_for_a_former_one_of_ours),
		TEST(test_way_for_the_server_side),
	};

	return cmocka_run_group_tests(tests, enter, leave_netns);
}
