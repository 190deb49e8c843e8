/* Who asks for a reload waits for the end of the one that begins afterwards. */
#include <string.h>

#include "ctl_settle.h"

static void test_the_end_answers(void **state)
{
	struct world *w = *state;
	struct talker *a = say(w, 0, "{\"command\":\"reload\"}\n");
	struct talker *b;

	settle(w);
	assert_int_equal(w->reloads, 1);
	assert_false(a->is_over);
	ctl_reload_done(w->ctl, 0); /* of one before */
	settle(w);
	assert_false(a->is_over);
	b = say(w, 1, "{\"command\":\"reload\"}\n"); /* while the first is under way */
	settle(w);
	w->reload = (struct ctl_reload){ .count = 3, .failed = 1, .last = "ok" };
	ctl_reload_done(w->ctl, 1);
	assert_string_equal(hear(a), "{\"count\":3,\"failed\":1,\"last\":\"ok\",\"problem\":null,"
				     "\"faults\":[]}\n");
	settle(w);
	assert_false(b->is_over);
	w->reload.last = "unchanged";
	ctl_reload_done(w->ctl, 2);
	assert_non_null(strstr(hear(b), "\"last\":\"unchanged\""));
}

static void test_one_end_for_many(void **state)
{
	static const char *const faults[] = { "x.conf:3: \"no\" such key", "x.conf:9: none" };
	struct world *w = *state;
	struct talker *a = say(w, 0, "{\"command\":\"reload\"}\n");
	struct talker *b = say(w, 1, "{\"command\":\"reload\"}\n");

	settle(w);
	(void)say(w, 2, "{\"command\":\"reload\"}\n");
	settle(w);
	hang_up(&w->talkers[2]); /* who goes away is not missed */
	settle(w);
	assert_int_equal(w->reloads, 3);
	w->reload = (struct ctl_reload){
		.failed = 1, .last = "refused", .faults = faults, .fault_count = 2
	};
	ctl_reload_done(w->ctl, 3);
	assert_string_equal(hear(a), "{\"count\":0,\"failed\":1,\"last\":\"refused\","
				     "\"problem\":\"x.conf:3: \\\"no\\\" such key\","
				     "\"faults\":[\"x.conf:3: \\\"no\\\" such key\","
				     "\"x.conf:9: none\"]}\n");
	assert_string_equal(hear(b), a->got);
}

static void test_status_tells(void **state)
{
	struct world *w = *state;

	w->reload = (struct ctl_reload){ .count = 2, .last = "ok" };
	say(w, 0, "{\"command\":\"status\"}\n");
	(void)hear(&w->talkers[0]);
	assert_non_null(strstr(w->talkers[0].got,
			       "\"config\":{\"file\":\"/etc/shunt/shunt.conf\",\"age_ms\":6"));
	assert_non_null(strstr(w->talkers[0].got,
			       "\"reload\":{\"count\":2,\"failed\":0,\"last\":\"ok\","
			       "\"problem\":null,\"faults\":[]}"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TALK_TEST(test_the_end_answers),
		TALK_TEST(test_one_end_for_many),
		TALK_TEST(test_status_tells),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
