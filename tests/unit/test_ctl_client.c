/* The clients of the control socket: good requests, bad ones, slow and vanished clients, too many. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.h"
#include "ctl_settle.h"

static void expect(struct world *w, const char *request, const char *answer)
{
	assert_string_equal(hear(say(w, 0, request)), answer);
}

static void test_each_command_answers(void **state)
{
	struct world *w = *state;

	assert_memory_equal(hear(say(w, 0, "{\"command\":\"status\"}\n")), "{\"version\":\"", 12);
	expect(w, "{\"command\":\"nft\"}\n",
	       "{\"nft\":\"table inet shunt {\\n\\t/\\\\\\n}\\n\"}\n");
	expect(w, " { \"closed\" : true, \"command\":\"nft\" } \n",
	       "{\"nft\":\"table inet \\\"closed\\\"\\n\"}\n");
	expect(w, "{\"command\":\"nft\",\"closed\":false}\n",
	       "{\"nft\":\"table inet shunt {\\n\\t/\\\\\\n}\\n\"}\n");
	assert_memory_equal(hear(say(w, 0, "{\"command\":\"config\"}\n")), "{\"shunt\":", 9);
	w->flows_now = 0;
	expect(w, "{\"command\":\"flows\"}\n", "{\"flows\":[],\"left_out\":0}\n");
}

static void test_bad_requests_say_why(void **state)
{
	static const char *const table[][2] = {
		{ "\n", "bad request: a JSON object is expected" },
		{ "hello\n", "a JSON object is expected" },
		{ "[\"status\"]\n", "a JSON object is expected" },
		{ "{\"command\":\"status\"\n", "the object does not end" },
		{ "{\"command\":\"status\"}\n{\"command\":\"status\"}\n", "one line is taken" },
		{ "{\"command\":\"statsu\"}\n", "unknown command statsu: the nearest is status" },
		{ "{\"command\":\"status\",\"x\":true}\n", "status takes no \\\"x\\\"" },
		{ "{\"command\":\"status\",\"closed\":true}\n", "status takes no \\\"closed\\\"" },
		{ "{\"text\":false,\"command\":\"nft\"}\n", "nft takes no \\\"text\\\"" },
		{ "{\"command\":\"nft\",\"closed\":1}\n", "must be true or false" },
	};
	struct world *w = *state;

	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		const char *answer = hear(say(w, 0, table[i][0]));

		assert_memory_equal(answer, "{\"error\":\"", 10);
		assert_non_null(strstr(answer, table[i][1]));
		assert_string_equal(answer + strlen(answer) - 3, "\"}\n");
	}
	/* a NUL is not a blank, and no end either */
	assert_non_null(strstr(hear(talk(w, 0, "{\"command\":\"status\"}\0\n", 22)),
			       "there is more behind the object"));
	assert_int_equal(w->asked_count, 0);
}

static void test_too_long_a_request(void **state)
{
	struct world *w = *state;
	char text[CTL_MOST_REQUEST_BYTES + 1];

	memset(text, ' ', sizeof(text));
	text[sizeof(text) - 2] = '\n'; /* the longest that is taken, and blank */
	assert_non_null(strstr(hear(talk(w, 0, text, sizeof(text) - 1)), "bad request"));
	text[sizeof(text) - 2] = ' ';
	assert_non_null(strstr(hear(talk(w, 0, text, sizeof(text))), "longer than 4096 bytes"));
}

static void test_a_request_in_pieces(void **state)
{
	struct world *w = *state;
	struct talker *t = say(w, 0, "{\"command\":");

	settle(w);
	assert_int_equal(send(t->watch.fd, "\"nft\"", 5, 0), 5);
	settle(w);
	assert_false(t->is_over);
	assert_int_equal(send(t->watch.fd, "}", 1, 0), 1);
	assert_int_equal(shutdown(t->watch.fd, SHUT_WR), 0); /* as good as a newline */
	assert_memory_equal(hear(t), "{\"nft\":", 7);
}

static void test_a_source_that_fails(void **state)
{
	struct world *w = *state;

	w->nft_result = -EPERM;
	expect(w, "{\"command\":\"nft\"}\n",
	       "{\"error\":\"the table inet shunt cannot be read\"}\n");
	w->flows_result = -ENOTCONN;
	assert_non_null(strstr(hear(say(w, 0, "{\"command\":\"flows\"}\n")),
			       "{\"error\":\"Transport endpoint is not connected\"}"));
}

static void test_no_more_than_the_limit(void **state)
{
	struct world *w = *state;
	struct talker *late;

	for (size_t i = 0; i < CTL_MOST_CLIENTS; i++)
		(void)say(w, i, "{");
	settle(w);
	late = say(w, CTL_MOST_CLIENTS, "{\"command\":\"nft\"}\n");
	settle(w);
	assert_false(late->is_over); /* it waits in the listen queue */
	assert_int_equal(late->size, 0);
	hang_up(&w->talkers[3]);
	assert_memory_equal(hear(late), "{\"nft\":", 7);
}

static void test_looking_and_leaving(void **state)
{
	struct world *w = *state;

	for (size_t i = 0; i < 3 * CTL_MOST_CLIENTS; i++) {
		(void)say(w, 0, "");
		hang_up(&w->talkers[0]);
		if (i % 8 == 0)
			settle(w);
	}
	/* a request whose client did not wait for the answer */
	(void)say(w, 0, "{\"command\":\"status\"}\n");
	hang_up(&w->talkers[0]);
	assert_memory_equal(hear(say(w, 1, "{\"command\":\"nft\"}\n")), "{\"nft\":", 7);
}

static void test_deadlines(void **state)
{
	struct world *w = *state;
	struct talker *asks, *silent, *slow;
	uint64_t start = clock_ms();

	silent = say(w, 0, "");
	slow = say(w, 1, "{\"command\":\"sta");
	asks = say(w, 2, "{\"command\":\"flows\"}\n");
	assert_string_equal(hear(asks),
			    "{\"error\":\"the carriers did not list their flows within 3 s\"}\n");
	assert_in_range(clock_ms() - start, CTL_FLOWS_MS - 100, CTL_FLOWS_MS + 1500);
	assert_string_equal(hear(silent), "{\"error\":\"no request within 5 s\"}\n");
	assert_string_equal(hear(slow), "{\"error\":\"no request within 5 s\"}\n");
	assert_in_range(clock_ms() - start, CTL_REQUEST_MS - 100, CTL_REQUEST_MS + 1500);
}

static void test_freed_in_every_state(void **state)
{
	struct world *w = *state;

	(void)say(w, 0, "{");
	for (size_t i = 1; i < 4; i++) {
		(void)say(w, i, "{\"command\":\"flows\"}\n");
		settle(w);
	}
	assert_int_equal(w->asked_count, 1);
	ctl_free(w->ctl);
	w->ctl = NULL;
	assert_int_equal(w->asked_count, 1); /* nobody is asked any more */
	ctl_free(NULL);
	settle(w);
	assert_true(w->talkers[0].is_over && w->talkers[1].is_over && w->talkers[3].is_over);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TALK_TEST(test_each_command_answers), TALK_TEST(test_bad_requests_say_why),
		TALK_TEST(test_too_long_a_request),   TALK_TEST(test_a_request_in_pieces),
		TALK_TEST(test_a_source_that_fails),  TALK_TEST(test_no_more_than_the_limit),
		TALK_TEST(test_looking_and_leaving),  TALK_TEST(test_deadlines),
		TALK_TEST(test_freed_in_every_state),
	};

	(void)alarm(60); /* a test that hangs has failed */
	return cmocka_run_group_tests(tests, NULL, NULL);
}
