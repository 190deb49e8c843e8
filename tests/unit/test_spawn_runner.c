/* Programs that are run for those who ask: words, failures, limits, and what is left of them. */
#include "spawn_ask.h"

/* What a shell says of "yes", "more", "status", "kill", "other" and nothing, for each of them. */
static void test_words_of_one_flow(void **state)
{
	static const struct {
		const char *says;
		enum spawn_word word;
	} cases[] = {
		{ "echo own", SPAWN_YES },
		{ "printf own", SPAWN_YES },
		{ "printf 'own \\r\\n\\n'", SPAWN_YES },
		{ "echo more", SPAWN_MORE },
		{ "echo no", SPAWN_NO },
		{ "echo ownx", SPAWN_NO },
		{ "echo Own", SPAWN_NO },
		{ "printf 'own\\0'", SPAWN_NO },
		{ "printf 'own\\nown'", SPAWN_NO },
		{ ":", SPAWN_NO },
		{ "exit 1", SPAWN_NO },
		{ "echo own; exit 1", SPAWN_NO },
		{ "echo own; exit 2", SPAWN_FAILED },
		{ "echo own; kill -KILL $$", SPAWN_FAILED },
		{ "test \"$(cat)\" = 'the bytes' && echo $SHUNT_PROBE", SPAWN_YES },
		{ "test $SHUNT_CLIENT-$SHUNT_TO-$SHUNT_TRANSPORT = 192.0.2.1:1234-192.0.2.2:443-tcp && echo own",
		  SPAWN_YES },
		{ "test \"$(ulimit -n) $(ulimit -c)\" = '64 0' && echo own", SPAWN_YES },
	};
	struct stage *s = *state;

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		only(s, "own", cases[i].says, false);
		expect(s, i, "own", "the bytes", cases[i].word);
	}
}

static void test_unknown_name(void **state)
{
	struct stage *s = *state;

	ask(s, 1, "nobody", "");
	assert_int_equal(s->words[1], SPAWN_FAILED); /* at once */
	only(s, "own", "echo own", false);
	ask(s, 2, "ow", "");
	assert_int_equal(s->words[2], SPAWN_FAILED);
}

static void test_out_of_time(void **state)
{
	struct stage *s = *state;
	uint64_t from_ms = clock_ms();

	only(s, "own", "sleep 20; echo own", false);
	expect(s, 1, "own", "", SPAWN_FAILED);
	assert_in_range(clock_ms() - from_ms, SPAWN_MOST_MS - 50, SPAWN_MOST_MS + 900);
	pass(s, 100);
	assert_int_equal(s->runner.once_count, 0);
}

/* No more run at a time, and wait, than may; none is forgotten. */
static void test_too_many(void **state)
{
	enum { ALL = RUNNER_MOST_ONCE + RUNNER_MOST_WAITING + 10 };
	struct stage *s = *state;

	only(s, "own", "sleep 20", false);
	for (unsigned i = 0; i < ALL; i++)
		ask(s, i, "own", "");
	assert_int_equal(s->runner.once_count, RUNNER_MOST_ONCE);
	assert_int_equal(s->runner.waiting_count, RUNNER_MOST_WAITING);
	assert_int_equal(s->answers, 10);
	await(s, ALL);
	for (unsigned i = 0; i < ALL; i++)
		assert_int_equal(s->words[i], SPAWN_FAILED);
}

/* Those who wait for programs that are slow stand in nobody else's way. */
static void test_two_lines(void **state)
{
	enum { ALL = RUNNER_MOST_ONCE + RUNNER_MOST_WAITING };
	struct stage *s = *state;
	struct tool_terms terms[] = { shell("own", "sleep 20", false),
				      shell("other", lines_shell, true),
				      shell("third", "echo third", false) };

	assert_int_equal(runner_set(&s->runner, terms, 3), 0);
	for (unsigned i = 0; i < ALL; i++)
		ask(s, i, "own", "");
	assert_int_equal(s->answers, 0);
	ask(s, ALL, "third", ""); /* it would have to wait for the same places */
	assert_int_equal(s->words[ALL], SPAWN_FAILED);
	expect(s, ALL + 1, "other", "y", SPAWN_YES);
	assert_int_equal(s->answers, 2);
}

/* Each of many has its turn. */
static void test_in_turn(void **state)
{
	struct stage *s = *state;

	only(s, "own", "echo own", false);
	for (unsigned i = 0; i < 4 * RUNNER_MOST_ONCE; i++)
		ask(s, i, "own", "");
	assert_int_equal(s->runner.once_count, RUNNER_MOST_ONCE);
	await(s, 4 * RUNNER_MOST_ONCE);
	for (unsigned i = 0; i < 4 * RUNNER_MOST_ONCE; i++)
		assert_int_equal(s->words[i], SPAWN_YES);
	assert_int_equal(s->runner.once_count, 0);
}

/* Another program of the same name takes over what the one before was asked. */
static void test_changed(void **state)
{
	struct stage *s = *state;
	pid_t before;

	only(s, "own", lines_shell, true);
	expect(s, 0, "own", "y", SPAWN_YES);
	before = life_of(s);
	only(s, "own", lines_shell, true);
	assert_int_equal(life_of(s), before); /* nothing has changed */
	ask(s, 1, "own", "s");
	only(s, "own", "while read -r n rest; do echo $n yes; done", true);
	await(s, 2);
	assert_int_equal(s->words[1], SPAWN_YES);
	runner_anew(&s->runner);
	expect(s, 2, "own", "s", SPAWN_YES);
	only(s, "own", "echo own", false);
	expect(s, 3, "own", "s", SPAWN_YES);
}

static void test_taken_away(void **state)
{
	struct tool_terms none;
	struct stage *s = *state;

	only(s, "own", "sleep 20", false);
	ask(s, 0, "own", "");
	assert_int_equal(runner_set(&s->runner, &none, 0), 0);
	assert_int_equal(s->words[0], SPAWN_FAILED);
	pass(s, 200);
	assert_int_equal(s->runner.once_count, 0);
	only(s, "own", lines_shell, true);
	ask(s, 1, "own", "s");
	assert_int_equal(runner_set(&s->runner, &none, 0), 0);
	assert_int_equal(s->words[1], SPAWN_FAILED);
}

/* Nobody is answered who has gone; what runs for him ends. */
static void test_asker_gone(void **state)
{
	struct stage *s = *state;

	only(s, "own", "sleep 20", false);
	for (unsigned i = 0; i < 2 * RUNNER_MOST_ONCE; i++)
		ask(s, i, "own", "");
	runner_forget(&s->runner, s);
	assert_true(LIST_EMPTY(&s->runner.jobs));
	pass(s, 200);
	assert_int_equal(s->runner.once_count, 0);
	assert_int_equal(s->answers, 0);
	only(s, "own", lines_shell, true);
	ask(s, 40, "own", "y");
	runner_forget(&s->runner, s);
	expect(s, 41, "own", "n", SPAWN_NO); /* and no word of the former's */
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		SPAWN_TEST(test_words_of_one_flow), SPAWN_TEST(test_unknown_name),
		SPAWN_TEST(test_out_of_time),       SPAWN_TEST(test_too_many),
		SPAWN_TEST(test_two_lines),         SPAWN_TEST(test_in_turn),
		SPAWN_TEST(test_changed),           SPAWN_TEST(test_taken_away),
		SPAWN_TEST(test_asker_gone),
	};

	(void)signal(SIGPIPE, SIG_IGN);
	log_set_level(LOG_LEVEL_ERROR);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
