/* Sniffers that die: which question is to blame, who waits, and what the keeper hears. */
#include "carry_sniffers.h"

/* A question over which sniffer after sniffer dies is not asked for ever. */
static void test_a_deadly_question(void **state)
{
	struct house *h = *state;
	int client;

	(void)session(h, &client);
	for (int i = 0; i < 2; i++) {
		assert_int_equal(h->gate.session_count, 1);
		link_up(h, 0);
		(void)take_question(h, 0);
		die(h, 0);
	}
	assert_int_equal(h->gate.session_count, 0);
	assert_int_equal(h->counters.whys[FLOW_WHY_rejected], 1);
	assert_int_equal(h->counters.route_total[0] + h->counters.route_total[1], 0);
	(void)close(client);
}

/* Those behind it are asked again before it, and are never blamed. */
static void test_a_deadly_question_costs_nobody_else(void **state)
{
	struct house *h = *state;
	struct tcp_session *sessions[3];
	struct answer a;
	int clients[3];

	link_up(h, 0);
	for (int i = 0; i < 3; i++)
		sessions[i] = session(h, &clients[i]);
	die(h, 0);
	assert_int_equal(sessions[0]->times_lost, 1);
	assert_int_equal(sessions[1]->times_lost + sessions[2]->times_lost, 0);
	link_up(h, 0);
	for (int i = 0; i < 2; i++) {
		a = reject(take_question(h, 0).flow, 1);
		say(h, 0, &a);
		turn(h);
	}
	assert_int_equal(h->counters.route_total[1], 2);
	assert_ptr_equal(LIST_FIRST(&h->gate.sessions), sessions[0]);
	(void)take_question(h, 0);
	die(h, 0);
	assert_int_equal(h->gate.session_count, 0);
	assert_int_equal(h->counters.whys[FLOW_WHY_rejected], 3);
	assert_int_equal(h->counters.route_total[1], 2);
	for (int i = 0; i < 3; i++)
		(void)close(clients[i]);
}

/* What it had said before it died counts, though it left questions unread and the kernel tells of that first. */
static void test_last_words(void **state)
{
	struct house *h = *state;
	struct tcp_session *sessions[4];
	struct answer a;
	int clients[4];

	newborn(h, 0);
	for (int i = 0; i < 4; i++)
		sessions[i] = session(h, &clients[i]);
	a = (struct answer){ .verdict = ANSWER_PONG };
	say(h, 0, &a);
	a = reject(take_question(h, 0).flow, 1);
	say(h, 0, &a);
	(void)take_question(h, 0); /* the deadly one */
	die(h, 0);
	assert_int_equal(h->counters.route_total[1], 1);
	assert_int_equal(h->gate.session_count, 3);
	assert_int_equal(sessions[1]->times_lost, 1);
	assert_int_equal(sessions[2]->times_lost + sessions[3]->times_lost, 0);
	for (int i = 0; i < 4; i++)
		(void)close(clients[i]);
}

/* Who comes into the place of the guilty one, which is gone, is not blamed for it. */
static void test_a_deadly_question_whose_client_left(void **state)
{
	struct house *h = *state;
	struct tcp_session *left;
	struct tcp_session *stays;
	int clients[2];

	link_up(h, 0);
	left = session(h, &clients[0]);
	stays = session(h, &clients[1]);
	tcp_session_end(left, FLOW_WHY_reset_client);
	die(h, 0);
	assert_int_equal(stays->times_lost, 0);
	(void)close(clients[0]);
	(void)close(clients[1]);
}

/* Sniffers that never answered anything died of something else: what waits goes on waiting. */
static void test_sniffers_that_die_at_birth(void **state)
{
	struct house *h = *state;
	int client;

	(void)session(h, &client);
	for (int i = 0; i < 10; i++) {
		newborn(h, 0);
		(void)take_question(h, 0);
		die(h, 0);
	}
	assert_int_equal(h->heard[0], 0);
	recovers(h, 0);
	(void)close(client);
}

/* A reload sends another: that is nobody's fault. */
static void test_a_sniffer_that_is_replaced(void **state)
{
	struct house *h = *state;
	int client;

	link_up(h, 0);
	(void)session(h, &client);
	for (int i = 0; i < 10; i++) {
		(void)take_question(h, 0);
		link_up(h, 0);
	}
	assert_int_equal(h->counters.sniffer_losses, 0);
	recovers(h, 0);
	(void)close(client);
}

static void test_answers_are_told(void **state)
{
	struct house *h = *state;

	newborn(h, 0);
	assert_int_equal(h->heard[0], 0);
	pong(h, 0);
	assert_int_equal(h->heard[0], 1);
	asker_ping(&h->gate);
	pong(h, 0);
	assert_int_equal(h->heard[0], 1); /* a moment ago */
	link_up(h, 0);
	assert_int_equal(h->heard[0], 2); /* of each life at once */
	link_up(h, 1);
	assert_int_equal(h->heard[1], 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_a_deadly_question),
		TEST(test_a_deadly_question_costs_nobody_else),
		TEST(test_last_words),
		TEST(test_a_deadly_question_whose_client_left),
		TEST(test_sniffers_that_die_at_birth),
		TEST(test_a_sniffer_that_is_replaced),
		TEST(test_answers_are_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
