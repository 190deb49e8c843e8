/* Datagrams of undecided flows: what the sniffer is asked, when, and how much is held of strangers. */
#include "carry_udp.h"

enum {
	LARGE = DATAGRAMS_MOST_BYTES,
};

static struct {
	struct question q;
	uint8_t run[DATAGRAMS_ROOM];
} asked;

/* Take the next question. False: there is none. */
static bool take(const struct house *h, unsigned index)
{
	ssize_t size = recv(h->sniffers[index], &asked, sizeof asked, MSG_DONTWAIT);

	if (size < 0)
		return false;
	assert_int_equal(size, sizeof asked.q + asked.q.size);
	assert_int_equal(asked.q.kind, QUESTION_FLOW);
	assert_int_equal(asked.q.transport, QUESTION_UDP);
	assert_true(question_is_sane(&asked.q, (size_t)size));
	return true;
}

static void say_more(struct house *h, uint32_t wanted)
{
	struct answer a = { .flow = asked.q.flow, .verdict = ANSWER_MORE, .wanted = wanted };

	say(h, 0, &a);
	turn(h);
}

static void say_drop(struct house *h)
{
	struct answer a = {
		.flow = asked.q.flow, .verdict = ANSWER_DECIDED, .action = ANSWER_DROP, .route = 1
	};

	say(h, 0, &a);
	turn(h);
}

static void test_the_question(void **state)
{
	struct house *h = *state;
	struct udp_listener *l = listener(h);
	struct addr from = client(1);
	struct addr to = target();

	link_up(h, 0);
	(void)first(l, 1, datagram("one", 3));
	assert_true(take(h, 0));
	assert_false(asked.q.is_final);
	assert_int_equal(asked.q.divert, 0);
	assert_true(addr_equal(&asked.q.client, &from));
	assert_true(addr_equal(&asked.q.to, &to));
	assert_int_equal(asked.q.size, 5);
	assert_memory_equal(asked.run, "\0\3one", 5);
	assert_int_equal(h->counters.udp_undecided, 1);
	assert_int_equal(h->gate.session_count, 0); /* it takes no place of others */
}

/* What comes meanwhile is asked about once the answer is there, all at once. */
static void test_one_question_at_a_time(void **state)
{
	struct house *h = *state;
	struct udp_run two = datagram("two", 3);
	struct udp_run empty = datagram(NULL, 0);
	struct udp_flow *f;

	link_up(h, 0);
	f = first(listener(h), 1, datagram("one", 3));
	assert_true(take(h, 0));
	udp_hold_take(f, &two);
	udp_hold_take(f, &empty);
	turn(h);
	assert_false(take(h, 0));
	say_more(h, 6);
	assert_true(take(h, 0));
	assert_int_equal(asked.q.size, 12);
	assert_memory_equal(asked.run, "\0\3one\0\3two\0\0", 12);
	say_drop(h);
	assert_int_equal(f->state, UDP_MUTE);
	assert_null(f->held);
	assert_int_equal(h->counters.udp_held, 0);
	assert_int_equal(h->counters.udp_undecided, 0);
	assert_int_equal(h->counters.route_total[1], 1);
	assert_int_equal(h->counters.whys[FLOW_WHY_dropped], 1);
}

/* Fewer bytes than it said are of no use. */
static void test_wanted(void **state)
{
	struct house *h = *state;
	struct udp_run four = datagram("four", 4);
	struct udp_flow *f;

	link_up(h, 0);
	f = first(listener(h), 1, datagram("one", 3));
	assert_true(take(h, 0));
	say_more(h, 5 + 6 + 1);
	udp_hold_take(f, &four);
	assert_false(take(h, 0));
	udp_hold_take(f, &four);
	assert_true(take(h, 0));
	assert_int_equal(asked.q.size, 5 + 6 + 6);
}

static void test_as_many_as_are_looked_at(void **state)
{
	struct house *h = *state;
	struct udp_run one = datagram("x", 1);
	struct udp_flow *f;

	link_up(h, 0);
	f = first(listener(h), 1, one);
	assert_true(take(h, 0));
	for (int i = 1; i < DATAGRAMS_MOST + 3; i++)
		udp_hold_take(f, &one);
	assert_int_equal(h->counters.udp_lost, 3);
	say_more(h, 4);
	assert_true(take(h, 0));
	assert_true(asked.q.is_final);
	assert_int_equal(asked.q.size, DATAGRAMS_MOST * 3);
	say_more(h, 1000); /* no answer to a last question: it is unknown */
	assert_null(known(h, 1));
	assert_int_equal(h->counters.whys[FLOW_WHY_rejected], 1);
}

/* The first is held whatever its size, and asked about as far as that goes. */
static void test_a_first_one_that_is_too_large(void **state)
{
	static const uint8_t data[65507];
	struct house *h = *state;
	struct udp_flow *f;

	link_up(h, 0);
	f = first(listener(h), 1, datagram(data, sizeof data));
	assert_true(take(h, 0));
	assert_true(asked.q.is_final);
	assert_int_equal(asked.q.size, DATAGRAMS_ROOM);
	assert_int_equal(f->held->bytes, sizeof data);
}

static void test_wait_is_over(void **state)
{
	struct house *h = *state;
	struct udp_flow *f;

	link_up(h, 0);
	f = first(listener(h), 1, datagram("one", 3));
	assert_true(take(h, 0));
	say_more(h, 6);
	udp_flow_deadline(f, 1);
	turn(h);
	assert_true(take(h, 0));
	assert_true(asked.q.is_final);
	udp_flow_deadline(f, 1); /* nor is there an answer to that */
	turn(h);
	assert_int_equal(h->counters.whys[FLOW_WHY_rejected], 1);
}

/* Two sniffers die over it: it is not asked about again. */
static void test_a_deadly_question(void **state)
{
	struct house *h = *state;

	link_up(h, 0);
	(void)first(listener(h), 1, datagram("one", 3));
	assert_true(take(h, 0));
	die(h, 0);
	assert_int_equal(h->counters.whys[FLOW_WHY_rejected], 0);
	link_up(h, 0);
	assert_true(take(h, 0));
	die(h, 0);
	assert_int_equal(h->counters.whys[FLOW_WHY_rejected], 1);
	assert_int_equal(h->counters.udp_undecided, 0);
}

/* The oldest goes, but not before those that are just being judged. */
static void test_too_many(void **state)
{
	struct house *h = *state;
	struct udp_listener *l = listener(h);

	link_up(h, 0);
	(void)first(l, 0, datagram("one", 3));
	assert_true(take(h, 0));
	(void)close(h->sniffers[0]); /* it says nothing any more, but nobody has noticed yet */
	h->sniffers[0] = -1;
	for (unsigned i = 1; i < UDP_MOST_UNDECIDED; i++)
		(void)first(l, i, datagram("one", 3));
	assert_int_equal(h->counters.udp_evicted, 0);
	for (unsigned i = 0; i < 10; i++)
		(void)first(l, UDP_MOST_UNDECIDED + i, datagram("one", 3));
	assert_int_equal(h->counters.udp_evicted, 10);
	assert_int_equal(h->counters.whys[FLOW_WHY_limit], 10);
	assert_int_equal(h->counters.udp_undecided, UDP_MOST_UNDECIDED);
	assert_int_equal(h->gate.udp->flows.count, UDP_MOST_UNDECIDED);
	assert_non_null(known(h, 0));
	for (unsigned i = 1; i <= 10; i++)
		assert_null(known(h, i));
	assert_non_null(known(h, 11));
}

static void test_too_many_bytes(void **state)
{
	static const uint8_t data[LARGE];
	struct house *h = *state;
	struct udp_listener *l = listener(h);
	unsigned i = 0;

	while (!h->counters.udp_evicted) {
		(void)first(l, i++, datagram(data, sizeof data));
		assert_true(h->counters.udp_held <= UDP_MOST_HELD_BYTES);
		assert_true(i < UDP_MOST_UNDECIDED);
	}
	assert_true(h->counters.udp_held > UDP_MOST_HELD_BYTES - LARGE - 100);
	assert_null(known(h, 0));
	assert_non_null(known(h, 1));
	assert_non_null(known(h, i - 1));
}

/* Dropped ones are remembered, but not without end; nor are there lines without end. */
static void test_too_many_mute(void **state)
{
	struct house *h = *state;
	struct udp_listener *l = listener(h);

	for (unsigned i = 0; i < UDP_MOST_MUTE + 10; i++)
		udp_flow_mute(first(l, i, datagram("one", 3)));
	assert_int_equal(h->gate.udp->mute_count, UDP_MOST_MUTE);
	assert_int_equal(h->gate.udp->flows.count, UDP_MOST_MUTE);
	assert_int_equal(h->counters.whys[FLOW_WHY_dropped], UDP_MOST_MUTE + 10);
	assert_int_equal(h->counters.flows_active, 0);
	assert_in_range(h->counters.udp_unlogged, 1, UDP_MOST_MUTE + 10 - UDP_MOST_LINES);
	assert_null(known(h, 9));
	assert_non_null(known(h, 10));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_the_question),
		TEST(test_one_question_at_a_time),
		TEST(test_wanted),
		TEST(test_as_many_as_are_looked_at),
		TEST(test_a_first_one_that_is_too_large),
		TEST(test_wait_is_over),
		TEST(test_a_deadly_question),
		TEST(test_too_many),
		TEST(test_too_many_bytes),
		TEST(test_too_many_mute),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
