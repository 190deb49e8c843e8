/* Entries of the kernel's conntrack, in a network namespace of this test's own; skipped without root. */
#include "kernel_conntrack.h"

enum {
	MANY = 700, /* more than one datagram holds */
};

static void hand_over(struct netlink *nl, uint16_t family, bool has_stamps)
{
	struct places p = places_of(family);
	struct conntrack_hand hand = hand_of(&p, OURS | FOREIGN);
	struct conntrack_entry e = { 0 };
	uint32_t mark = 7;

	hand.has_stamps = has_stamps;
	assert_int_equal(conntrack_hand_over(nl, &hand), 0);
	assert_int_equal(conntrack_get_by_answers(nl, IPPROTO_TCP, &p.to, &p.client, &e), -ENOENT);
	assert_int_equal(conntrack_get_by_answers(nl, IPPROTO_TCP, &p.server, &p.client, &e), 0);
	assert_true(addr_equal(&e.to, &p.to));
	e = (struct conntrack_entry){ 0 };
	assert_int_equal(conntrack_get(nl, IPPROTO_TCP, &p.client, &p.to, &e), 0);
	assert_true(addr_equal(&e.client, &p.client));
	assert_true(addr_equal(&e.to, &p.to));
	assert_true(addr_equal(&e.server, &p.server));
	assert_int_equal(e.state, CONNTRACK_LIVE);
	assert_int_equal(e.answer_shift, hand.answer_shift);
	assert_int_equal(e.has_stamps, hand.has_stamps);
	assert_int_equal(e.mark, OURS | FOREIGN);
	assert_in_range(e.timeout_s, TIMEOUT_S - 10, TIMEOUT_S);
	assert_int_not_equal(e.id, 0);
	assert_int_equal(conntrack_mark(nl, 0, IPPROTO_TCP, &p.client, &p.to, &mark), 0);
	assert_int_equal(mark, OURS | FOREIGN);
	/* once is enough */
	assert_int_equal(conntrack_hand_over(nl, &hand), -EEXIST);
	assert_int_equal(conntrack_forget(nl, 0, IPPROTO_TCP, &p.client, &p.to), 0);
	assert_int_equal(conntrack_forget(nl, 0, IPPROTO_TCP, &p.client, &p.to), -ENOENT);
	assert_int_equal(conntrack_get(nl, IPPROTO_TCP, &p.client, &p.to, &e), -ENOENT);
	assert_int_equal(conntrack_mark(nl, 0, IPPROTO_TCP, &p.client, &p.to, &mark), -ENOENT);
	assert_int_equal(mark, OURS | FOREIGN); /* as it was */
}

static void test_hand_over(void **state)
{
	struct netlink *nl = need_netns(state);

	hand_over(nl, AF_INET, false);
	hand_over(nl, AF_INET, true);
	hand_over(nl, AF_INET6, true);
}

/* To where the client went anyway: nothing but the shift. */
static void test_to_the_original(void **state)
{
	struct netlink *nl = need_netns(state);
	struct places p = places_of(AF_INET6);
	struct conntrack_hand hand = hand_of(&p, OURS);
	struct conntrack_entry e = { 0 };

	hand.server = hand.to;
	assert_int_equal(conntrack_hand_over(nl, &hand), 0);
	assert_int_equal(conntrack_get(nl, IPPROTO_TCP, &p.client, &p.to, &e), 0);
	assert_true(addr_equal(&e.server, &p.to));
	assert_int_equal(e.answer_shift, hand.answer_shift);
}

/* What would give a client another port towards the server is refused, not done quietly. */
static void test_the_port_is_kept(void **state)
{
	struct netlink *nl = need_netns(state);
	struct places p = places_of(AF_INET);
	struct conntrack_hand hand = hand_of(&p, OURS);

	assert_int_equal(conntrack_hand_over(nl, &hand), 0);
	hand.to = p.other_to;
	assert_int_equal(conntrack_hand_over(nl, &hand), -EEXIST);
	assert_false(is_there(nl, &p.client, &p.other_to));
}

/* The same connection in two zones: each has its own mark, and its own end. */
static void test_zones(void **state)
{
	static const uint16_t families[] = { AF_INET, AF_INET6 };
	struct netlink *nl = need_netns(state);

	for (int i = 0; i < 2; i++) {
		struct places p = places_of(families[i]);
		struct conntrack_hand hand = hand_of(&p, OURS);
		uint32_t mark = 0;

		make_plain(nl, ZONE, &p.client, &p.to, FOREIGN);
		assert_int_equal(conntrack_mark(nl, 0, IPPROTO_TCP, &p.client, &p.to, &mark),
				 -ENOENT);
		assert_int_equal(conntrack_hand_over(nl, &hand), 0);
		assert_int_equal(conntrack_mark(nl, ZONE, IPPROTO_TCP, &p.client, &p.to, &mark), 0);
		assert_int_equal(mark, FOREIGN);
		assert_int_equal(conntrack_mark(nl, ZONE + 1, IPPROTO_TCP, &p.client, &p.to, &mark),
				 -ENOENT);
		assert_int_equal(conntrack_forget(nl, ZONE + 1, IPPROTO_TCP, &p.client, &p.to),
				 -ENOENT);
		assert_int_equal(conntrack_forget(nl, ZONE, IPPROTO_TCP, &p.client, &p.to), 0);
		assert_true(is_there(nl, &p.client, &p.to));
	}
}

/* One that is over goes soon; another one that took its place has its time. */
static void test_linger(void **state)
{
	struct netlink *nl = need_netns(state);
	struct places p = places_of(AF_INET);
	struct conntrack_entry e;

	assert_int_equal(conntrack_linger(nl, &p.client, &p.to, 30, 500), -ENOENT);
	make_plain(nl, 0, &p.client, &p.to, OURS);
	assert_int_equal(conntrack_linger(nl, &p.client, &p.to, 30, 500), 0);
	assert_int_equal(conntrack_get(nl, IPPROTO_TCP, &p.client, &p.to, &e), 0);
	assert_in_range(e.timeout_s, 490, 500);
	move_to(nl, &p.client, &p.to, TCP_CONNTRACK_TIME_WAIT);
	assert_int_equal(conntrack_linger(nl, &p.client, &p.to, 30, 500), 0);
	assert_int_equal(conntrack_get(nl, IPPROTO_TCP, &p.client, &p.to, &e), 0);
	assert_in_range(e.timeout_s, 20, 30);
	assert_int_equal(e.state, CONNTRACK_CLOSED);
}

struct seen {
	unsigned count;
	unsigned stop_at; /* 0: never */
	struct conntrack_entry last;
};

static int note(const struct conntrack_entry *entry, void *arg)
{
	struct seen *seen = arg;

	seen->last = *entry;
	return ++seen->count == seen->stop_at ? -ECANCELED : 0;
}

static struct seen dump(struct netlink *nl, uint32_t mark, uint32_t mask)
{
	struct seen seen = { 0 };

	assert_int_equal(conntrack_dump(nl, mark, mask, note, &seen), 0);
	return seen;
}

static void test_dump(void **state)
{
	struct netlink *nl = need_netns(state);
	struct places v4 = places_of(AF_INET);
	struct places v6 = places_of(AF_INET6);
	struct conntrack_hand hand = hand_of(&v6, OURS | FOREIGN);
	struct seen seen;

	assert_int_equal(dump(nl, OURS, our_bits).count, 0);
	assert_int_equal(conntrack_hand_over(nl, &hand), 0);
	make_plain(nl, 0, &v4.client, &v4.to, FOREIGN);
	make_plain(nl, 0, &v4.client, &v4.other_to, OURS + 0x01000000);
	seen = dump(nl, OURS, our_bits);
	assert_int_equal(seen.count, 1);
	assert_true(addr_equal(&seen.last.server, &v6.server));
	assert_int_equal(seen.last.answer_shift, hand.answer_shift);
	assert_int_equal(dump(nl, FOREIGN, FOREIGN).count, 2);
	assert_int_equal(dump(nl, 0, 0).count, 3);
}

static void test_flush(void **state)
{
	struct netlink *nl = need_netns(state);
	struct places v4 = places_of(AF_INET);
	struct places v6 = places_of(AF_INET6);

	make_plain(nl, 0, &v4.client, &v4.to, OURS | FOREIGN);
	make_plain(nl, ZONE, &v6.client, &v6.to, OURS);
	make_plain(nl, 0, &v4.client, &v4.other_to, OURS + 0x01000000);
	assert_int_equal(conntrack_flush(nl, 0, our_bits), -EINVAL);
	assert_int_equal(conntrack_flush(nl, OURS, 0), -EINVAL);
	assert_int_equal(dump(nl, 0, 0).count, 3);
	assert_int_equal(conntrack_flush(nl, OURS, our_bits), 0);
	assert_int_equal(dump(nl, 0, 0).count, 1);
	assert_int_equal(conntrack_flush(nl, OURS, our_bits), 0);
	assert_int_equal(dump(nl, 0, 0).count, 1);
}

static void test_dump_of_many(void **state)
{
	struct netlink *nl = need_netns(state);
	struct places p = places_of(AF_INET);
	struct seen seen = { .stop_at = 3 };

	for (unsigned i = 0; i < MANY; i++) {
		p.client.port++;
		make_plain(nl, 0, &p.client, &p.to, OURS);
	}
	assert_int_equal(dump(nl, OURS, our_bits).count, MANY);
	assert_int_equal(conntrack_dump(nl, OURS, our_bits, note, &seen), -ECANCELED);
	assert_int_equal(seen.count, 3);
	/* what was left unread disturbs nobody */
	assert_true(is_there(nl, &p.client, &p.to));
	assert_int_equal(dump(nl, OURS, our_bits).count, MANY);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_hand_over), TEST(test_to_the_original), TEST(test_the_port_is_kept),
		TEST(test_zones),     TEST(test_linger),          TEST(test_dump),
		TEST(test_flush),     TEST(test_dump_of_many),
	};

	return cmocka_run_group_tests(tests, enter, leave_netns);
}
