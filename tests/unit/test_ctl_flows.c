/* The queue of clients that want flows, and the longest answers there are. */
#include <json-c/json.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "ctl_settle.h"

static void test_flows_are_asked_for_one_at_a_time(void **state)
{
	struct world *w = *state;
	struct talker *a, *b, *c;

	a = say(w, 0, "{\"command\":\"flows\"}\n");
	settle(w);
	b = say(w, 1, "{\"command\":\"flows\"}\n");
	settle(w);
	c = say(w, 2, "{\"command\":\"flows\"}\n");
	settle(w);
	assert_int_equal(w->asked_count, 1);
	list_flows(w, w->asked[0] + 1, 1); /* a number that is not open: ignored */
	list_flows(w, w->asked[0], 1);
	assert_non_null(strstr(hear(a), "{\"flows\":[{\"id\":0,"));
	assert_non_null(strstr(a->got, "\"name\":\"git.example.com\""));
	assert_non_null(strstr(a->got, "],\"left_out\":0}\n"));
	assert_int_equal(w->asked_count, 2);
	assert_true(w->asked[1] != w->asked[0]);
	list_flows(w, w->asked[0], 1); /* late: void */
	settle(w);
	assert_false(b->is_over);

	/* the second goes away: the third is asked for, the answer to the second is void */
	hang_up(b);
	settle(w);
	assert_int_equal(w->asked_count, 3);
	list_flows(w, w->asked[1], 2);
	ctl_fail(w->ctl, w->asked[1], "never heard");
	settle(w);
	assert_false(c->is_over);
	ctl_fail(w->ctl, w->asked[2], "a carrier was lost");
	assert_string_equal(hear(c), "{\"error\":\"a carrier was lost\"}\n");
	ctl_flows_end(w->ctl, 0); /* no client has this number, ever */
}

static void test_who_leaves_the_queue_is_not_asked_for(void **state)
{
	struct world *w = *state;
	struct talker *a = say(w, 0, "{\"command\":\"flows\"}\n");

	settle(w);
	(void)say(w, 1, "{\"command\":\"flows\"}\n");
	settle(w);
	hang_up(&w->talkers[1]);
	settle(w);
	list_flows(w, w->asked[0], 0);
	assert_string_equal(hear(a), "{\"flows\":[],\"left_out\":0}\n");
	assert_int_equal(w->asked_count, 1);
}

static void test_a_long_answer_to_a_slow_client(void **state)
{
	struct world *w = *state;
	struct json_object *answer, *flows, *left_out;
	struct talker *t;

	w->flows_now = CTL_MOST_FLOWS + 17;
	t = say(w, 0, "{\"command\":\"flows\"}\n");
	assert_int_equal(loop_change(w->loop, &t->watch, 0), 0);
	settle(w); /* the socket is full, the server does other things */
	assert_memory_equal(hear(say(w, 1, "{\"command\":\"nft\"}\n")), "{\"nft\":", 7);
	assert_false(t->is_over);
	assert_int_equal(loop_change(w->loop, &t->watch, EPOLLIN), 0);
	answer = json_tokener_parse(hear(t));
	assert_non_null(answer);
	assert_true(json_object_object_get_ex(answer, "flows", &flows));
	assert_int_equal(json_object_array_length(flows), CTL_MOST_FLOWS);
	assert_true(json_object_object_get_ex(answer, "left_out", &left_out));
	assert_int_equal(json_object_get_int64(left_out), 17);
	json_object_put(answer);
}

static void test_answers_that_nobody_takes(void **state)
{
	struct world *w = *state;
	bool refused = false;
	struct talker *t;

	w->flows_now = CTL_MOST_FLOWS;
	for (size_t i = 0; i < TALK_GREEDY; i++) {
		t = say(w, i, "{\"command\":\"flows\"}\n");
		assert_int_equal(loop_change(w->loop, &t->watch, 0), 0);
		settle(w);
	}
	for (size_t i = 0; i < TALK_GREEDY; i++) {
		t = &w->talkers[i];
		if (!t->is_over) /* a refusal came and went: hanging up is always heard */
			assert_int_equal(loop_change(w->loop, &t->watch, EPOLLIN), 0);
		refused = refused || strstr(hear(t), "\"left_out\":0}") == NULL;
	}
	assert_true(refused);
	assert_int_equal(w->asked_count, TALK_GREEDY);
	hang_up(&w->talkers[0]); /* all of it is free again */
	assert_non_null(strstr(hear(say(w, 0, "{\"command\":\"nft\"}\n")), "{\"nft\":"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TALK_TEST(test_flows_are_asked_for_one_at_a_time),
		TALK_TEST(test_who_leaves_the_queue_is_not_asked_for),
		TALK_TEST(test_a_long_answer_to_a_slow_client),
		TALK_TEST(test_answers_that_nobody_takes),
	};

	(void)alarm(60); /* a test that hangs has failed */
	return cmocka_run_group_tests(tests, NULL, NULL);
}
