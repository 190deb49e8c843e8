/* What the hands believe of their sniffers: a socketpair whose other end plays one that was taken over. */
#include <errno.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.h"
#include "carry/tcp_session.h"
#include "unit.h"

enum {
	TURN_MS = 20, /* what is on its way arrives within */
	FLOODS = 100000,
};

struct house {
	struct gate gate;
	struct counters counters;
	struct timer stop;
	int sniffers[2]; /* the ends that the tests play */
};

static void stop_fires(struct timer *t)
{
	loop_stop(container_of(t, struct house, stop)->gate.loop);
}

static void turn(struct house *h)
{
	assert_int_equal(timer_arm(h->gate.loop, &h->stop, clock_ms() + TURN_MS), 0);
	assert_int_equal(loop_run(h->gate.loop), 0);
}

/* One divert and two routes: whatever is not decided, or not allowed, is rejected as unknown. */
static int make_table(void)
{
	struct table counts = { .divert_count = 1, .route_count = 2 };
	struct table_divert divert = {
		.wait_ms = 60 * 1000,
		.sniff_bytes = 1024,
		.silent = { .action = ANSWER_REJECT },
		.unknown = { .action = ANSWER_REJECT },
		.direct_route = TABLE_NONE,
	};
	struct table *t;
	int fd;

	assert_int_equal(table_new(&t, &fd, &counts), 0);
	memcpy((uint8_t *)t + t->diverts_at, &divert, sizeof divert);
	assert_int_equal(table_seal(t, fd), 0);
	return fd;
}

/* A new sniffer number `index`, in the place of the one before. */
static void link_up(struct house *h, unsigned index)
{
	int fds[2];

	if (h->sniffers[index] >= 0)
		(void)close(h->sniffers[index]);
	assert_int_equal(question_pair(fds), 0);
	assert_int_equal(asker_link_up(&h->gate, index, fds[0]), 0);
	h->sniffers[index] = fds[1];
}

static int setup(void **state)
{
	struct house *h = calloc(1, sizeof *h);

	assert_non_null(h);
	h->stop.fire = stop_fires;
	h->sniffers[0] = -1;
	h->sniffers[1] = -1;
	assert_int_equal(loop_new(&h->gate.loop), 0);
	assert_int_equal(gate_init(&h->gate, h->gate.loop, &h->counters, 0), 0);
	assert_int_equal(gate_set_table(&h->gate, make_table()), 0);
	*state = h;
	return 0;
}

static int teardown(void **state)
{
	struct house *h = *state;
	struct loop *loop = h->gate.loop;

	gate_done(&h->gate);
	turn(h); /* ended sessions are freed after a turn */
	loop_free(loop);
	for (int i = 0; i < 2; i++) {
		if (h->sniffers[i] >= 0)
			(void)close(h->sniffers[i]);
	}
	free(h);
	return 0;
}

/* A client that said something; its end is in *client. */
static struct tcp_session *session(struct house *h, int *client)
{
	struct addr nobody = { 0 };
	int fds[2];

	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, fds), 0);
	*client = fds[1];
	assert_int_equal(write(fds[1], "hello", 5), 5);
	assert_int_equal(tcp_session_open(&h->gate, 0, fds[0], &nobody), 0);
	return LIST_FIRST(&h->gate.sessions);
}

static struct question take_question(const struct house *h, unsigned index)
{
	uint8_t message[sizeof(struct question) + 5];
	struct question q;

	assert_int_equal(recv(h->sniffers[index], message, sizeof message, MSG_DONTWAIT),
			 sizeof message);
	memcpy(&q, message, sizeof q);
	assert_int_equal(q.size, 5);
	return q;
}

static void say(const struct house *h, unsigned index, const struct answer *a)
{
	assert_int_equal(send(h->sniffers[index], a, sizeof *a, MSG_NOSIGNAL), sizeof *a);
}

static struct answer reject(uint64_t flow, uint16_t route)
{
	return (struct answer){
		.flow = flow, .verdict = ANSWER_DECIDED, .action = ANSWER_REJECT, .route = route
	};
}

static bool is_believed(const struct house *h)
{
	return h->counters.whys[FLOW_WHY_rejected] == 1;
}

/* The carrier has hung up on a sniffer. */
static bool is_down(const struct house *h, unsigned index)
{
	return h->gate.asker.links[index].w.fd < 0;
}

/* Another sniffer takes its place, is asked again, and believed. */
static void recovers(struct house *h, unsigned index)
{
	struct answer a;

	link_up(h, index);
	a = reject(take_question(h, index).flow, 1);
	say(h, index, &a);
	turn(h);
	assert_true(is_believed(h));
	assert_int_equal(h->counters.route_total[1], 1);
	assert_int_equal(h->gate.session_count, 0);
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
	say(h, 0, &pong);
	turn(h);
	assert_true(is_down(h, 0));
	assert_int_equal(asker_alive(&h->gate, 60 * 1000), 0);
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

/* A question over which sniffer after sniffer dies is not asked for ever. */
static void test_a_deadly_question(void **state)
{
	struct house *h = *state;
	int client;

	(void)session(h, &client);
	for (int i = 0; i < 3; i++) {
		assert_int_equal(h->gate.session_count, 1);
		link_up(h, 0);
		(void)take_question(h, 0);
		(void)close(h->sniffers[0]);
		h->sniffers[0] = -1;
		turn(h);
	}
	assert_int_equal(h->gate.session_count, 0);
	assert_int_equal(h->counters.whys[FLOW_WHY_rejected], 1);
	assert_int_equal(h->counters.route_total[0] + h->counters.route_total[1], 0);
	(void)close(client);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
		TEST(test_a_good_answer),
		TEST(test_an_answer_by_the_wrong_sniffer),
		TEST(test_an_answer_that_names_another_flow),
		TEST(test_unsolicited),
		TEST(test_an_answer_twice),
		TEST(test_garbage_sizes),
		TEST(test_garbage_content),
		TEST(test_a_flood),
		TEST(test_what_the_divert_may_not),
		TEST(test_a_deadly_question),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
