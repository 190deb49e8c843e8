/* What the hands believe of their sniffers: a socketpair whose other end plays one that was taken over. */
#include <errno.h>

#include "carry_sniffers.h"

enum {
	FLOODS = 100000,
};

/* The carrier has hung up on a sniffer. */
static bool is_down(const struct house *h, unsigned index)
{
	return h->gate.asker.links[index].w.fd < 0;
}

static void test_a_good_answer(void **state)
{
	struct house *h = *state;
	int client;

	(void)session(h, &client);
	recovers(h, 0);
	(void)close(client);
}

static void test_an_answer_by_the_wrong_sniffer(void **state)
{
	struct house *h = *state;
	struct answer a;
	int client;

	link_up(h, 0);
	(void)session(h, &client);
	a = reject(take_question(h, 0).flow, 0);
	link_up(h, 1);
	asker_ping(&h->gate); /* so that an answer of it is due */
	say(h, 1, &a);
	turn(h);
	assert_false(is_believed(h));
	a.route = 1;
	say(h, 0, &a);
	turn(h);
	assert_true(is_believed(h));
	assert_int_equal(h->counters.route_total[0], 0);
	assert_int_equal(h->counters.route_total[1], 1);
	(void)close(client);
}

static void test_an_answer_that_names_another_flow(void **state)
{
	static const uint64_t changes[] = { 1ull << 32, 1ull << 63, 1, 63, 0x7fffffff, 0xffffffff };
	struct house *h = *state;
	struct answer good;
	struct answer a;
	int client;

	link_up(h, 0);
	(void)session(h, &client);
	good = reject(take_question(h, 0).flow, 0);
	for (size_t i = 0; i < sizeof changes / sizeof *changes; i++) {
		h->gate.asker.links[0].expected = 2; /* as with another question under way */
		a = good;
		a.flow ^= changes[i];
		say(h, 0, &a);
		turn(h);
		assert_false(is_believed(h));
		assert_false(is_down(h, 0));
	}
	recovers(h, 0);
	(void)close(client);
}

static void test_unsolicited(void **state)
{
	struct house *h = *state;
	struct answer pong = { .verdict = ANSWER_PONG };

	link_up(h, 0);
	say(h, 0, &pong); /* one for each ping, not two */
	turn(h);
	assert_true(is_down(h, 0));
	assert_int_equal(h->counters.sniffer_losses, 1);
}

/* The second answer must not decide the next flow, which has the place of the first. */
static void test_an_answer_twice(void **state)
{
	struct house *h = *state;
	struct answer a;
	int clients[2];

	link_up(h, 0);
	(void)session(h, &clients[0]);
	a = reject(take_question(h, 0).flow, 0);
	say(h, 0, &a);
	turn(h);
	assert_true(is_believed(h));
	(void)session(h, &clients[1]);
	say(h, 0, &a);
	turn(h);
	assert_int_equal(h->counters.whys[FLOW_WHY_rejected], 1);
	assert_int_equal(h->gate.session_count, 1);
	(void)close(clients[0]);
	(void)close(clients[1]);
}

static void test_garbage_sizes(void **state)
{
	static const size_t sizes[] = { 1, 8, sizeof(struct answer) - 1, sizeof(struct answer) + 1,
					60000 };
	static uint8_t rubbish[60000];
	struct house *h = *state;
	struct tcp_session *s;
	struct answer a;
	int client;

	link_up(h, 0);
	s = session(h, &client);
	for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
		a = reject(take_question(h, 0).flow, 0); /* would be good, but for its size */
		memcpy(rubbish, &a, sizeof a);
		assert_int_equal(send(h->sniffers[0], rubbish, sizes[i], MSG_NOSIGNAL), sizes[i]);
		turn(h);
		assert_false(is_believed(h));
		assert_true(is_down(h, 0));
		s->times_lost = 0; /* else it would be given up as unknown */
		link_up(h, 0);
	}
	assert_int_equal(h->counters.sniffer_losses, sizeof sizes / sizeof *sizes);
	recovers(h, 0);
	(void)close(client);
}

static void test_garbage_content(void **state)
{
	struct house *h = *state;
	struct answer a;
	int client;

	link_up(h, 0);
	(void)session(h, &client);
	a = reject(take_question(h, 0).flow, 0);
	memset(a.name, 'x', sizeof a.name); /* no NUL */
	say(h, 0, &a);
	turn(h);
	assert_false(is_believed(h));
	assert_true(is_down(h, 0));
	recovers(h, 0);
	(void)close(client);
}

/* One turn takes no more of it than was asked for. */
static void test_a_flood(void **state)
{
	struct house *h = *state;
	struct answer a = { .flow = UINT64_MAX,
			    .verdict = ANSWER_DECIDED,
			    .action = ANSWER_REJECT };
	int client;
	int sent = 0;

	link_up(h, 0);
	(void)session(h, &client);
	(void)take_question(h, 0);
	while (sent < FLOODS && send(h->sniffers[0], &a, sizeof a, MSG_DONTWAIT | MSG_NOSIGNAL) > 0)
		sent++;
	assert_in_range(sent, 2, FLOODS - 1);
	turn(h);
	turn(h);
	assert_true(is_down(h, 0));
	assert_false(is_believed(h));
	recovers(h, 0);
	(void)close(client);
}

/* As one whose memory somebody else has now. */
static void is_freed(struct asked *a)
{
	memset(a, 0xff, sizeof *a);
}

static void test_one_that_ends_in_line(void **state)
{
	static const struct asked_kind kind = { .again = is_freed };
	const struct question q = { .kind = QUESTION_PING };
	struct house *h = *state;
	uint8_t message[sizeof q];
	struct asked asked = { .kind = &kind };

	assert_int_equal(asker_ask(&h->gate, &asked, &q, message), -EAGAIN); /* nobody is there */
	assert_true(asked.is_in_line);
	newborn(h, 0);
	assert_true(TAILQ_EMPTY(&h->gate.asker.waiting));
}

/* Neither a route nor a backend, nor `original`, that the divert does not have. */
static void test_what_the_divert_may_not(void **state)
{
	static const struct answer bad[] = {
		{ .verdict = ANSWER_DECIDED, .action = ANSWER_REJECT, .route = 2 },
		{ .verdict = ANSWER_DECIDED, .action = ANSWER_REJECT, .route = 0xfffd },
		{ .verdict = ANSWER_DECIDED, .action = ANSWER_ORIGINAL, .route = 0 },
		{ .verdict = ANSWER_DECIDED, .action = ANSWER_BACKEND, .route = 0, .backend = 0 },
		{ .verdict = ANSWER_DECIDED,
		  .action = ANSWER_BACKEND,
		  .route = 0,
		  .backend = 0xffff },
	};
	size_t count = sizeof bad / sizeof *bad;
	struct house *h = *state;
	struct answer a;
	int client;

	link_up(h, 0);
	for (size_t i = 0; i < count; i++) {
		(void)session(h, &client);
		a = bad[i];
		a.flow = take_question(h, 0).flow;
		say(h, 0, &a);
		turn(h);
		assert_int_equal(h->counters.whys[FLOW_WHY_rejected], i + 1);
		assert_int_equal(h->counters.route_total[0] + h->counters.route_total[1], 0);
		assert_int_equal(h->gate.session_count, 0);
		(void)close(client);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_a_good_answer),
		TEST(test_an_answer_by_the_wrong_sniffer),
		TEST(test_an_answer_that_names_another_flow),
		TEST(test_unsolicited),
		TEST(test_an_answer_twice),
		TEST(test_garbage_sizes),
		TEST(test_garbage_content),
		TEST(test_a_flood),
		TEST(test_one_that_ends_in_line),
		TEST(test_what_the_divert_may_not),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
