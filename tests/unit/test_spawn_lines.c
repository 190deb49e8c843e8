/* Programs that are kept running: words, silence, ends and further lives. */
#include "spawn_ask.h"

static void test_words_by_line(void **state)
{
	struct stage *s = *state;

	only(s, "own", lines_shell, true);
	expect(s, 1, "own", "y", SPAWN_YES);
	expect(s, 2, "own", "m", SPAWN_MORE);
	expect(s, 3, "own", "n", SPAWN_NO);
	expect(s, 4, "own", "", SPAWN_NO);
	expect(s, 5, "own", "x", SPAWN_FAILED); /* it ended */
	expect(s, 6, "own", "y", SPAWN_YES);    /* and began again */
	expect(s, 7, "own", "p", SPAWN_FAILED); /* said what is no answer */
	expect(s, 8, "own", "y", SPAWN_YES);
}

/* Some are not answered: they cost time, and after several in a row its life. */
static void test_silence(void **state)
{
	struct stage *s = *state;
	pid_t before;

	only(s, "own", lines_shell, true);
	expect(s, 0, "own", "y", SPAWN_YES);
	before = life_of(s);
	for (unsigned i = 1; i < LINES_MOST_SILENT; i++)
		ask(s, i, "own", "s");
	await(s, LINES_MOST_SILENT);
	expect(s, 10, "own", "y", SPAWN_YES);
	assert_int_equal(life_of(s), before);
	for (unsigned i = 11; i < 11 + LINES_MOST_SILENT; i++)
		ask(s, i, "own", "s");
	await(s, s->answers + LINES_MOST_SILENT);
	expect(s, 20, "own", "y", SPAWN_YES);
	assert_int_not_equal(life_of(s), before);
}

/* A first line that is not read keeps those behind it waiting, and a flood of them is written in parts. */
static void test_one_that_reads_slowly(void **state)
{
	static char bytes[SPAWN_MOST_BYTES + 1];
	struct stage *s = *state;

	memset(bytes, 'y', SPAWN_MOST_BYTES);
	only(s, "own", "sleep 0.3; while read -r n rest; do echo $n yes; done", true);
	for (unsigned i = 0; i < 20; i++)
		ask(s, i, "own", bytes);
	assert_true(s->runner.waiting_count > 0);
	await(s, 20);
	for (unsigned i = 0; i < 20; i++)
		assert_int_equal(s->words[i], SPAWN_YES);
}

static void test_ends_at_once(void **state)
{
	struct stage *s = *state;
	struct tool *t;

	only(s, "own", "exit 3", true);
	for (unsigned i = 0; i < 4; i++)
		expect(s, i, "own", "y", SPAWN_FAILED);
	t = LIST_FIRST(&s->runner.tools);
	assert_true(t->lines.stillborn >= 2);
	assert_true(t->lines.due_ms > clock_ms());
}

/* Flows whose `wait` is nearly over say nothing about a program that is quick enough. */
static void test_no_time_left(void **state)
{
	struct stage *s = *state;
	pid_t before;

	only(s, "own", "while read -r n rest; do sleep 0.1; echo $n yes; done", true);
	expect(s, 0, "own", "", SPAWN_YES);
	before = life_of(s);
	for (unsigned i = 1; i <= LINES_MOST_SILENT; i++)
		ask_within(s, i, "own", "", 5);
	ask(s, 10, "own", "");
	await(s, s->answers + LINES_MOST_SILENT + 1);
	for (unsigned i = 1; i <= LINES_MOST_SILENT; i++)
		assert_int_equal(s->words[i], SPAWN_FAILED);
	assert_int_equal(s->words[10], SPAWN_YES);
	assert_int_equal(life_of(s), before);
}

/* One that was silent once, long ago, has its time again. */
static void test_no_time_left_later(void **state)
{
	struct stage *s = *state;
	pid_t before;

	only(s, "own", lines_shell, true);
	expect(s, 0, "own", "s", SPAWN_FAILED);
	before = life_of(s);
	for (unsigned i = 1; i <= LINES_MOST_SILENT; i++)
		ask_within(s, i, "own", "s", 5);
	await(s, 1 + LINES_MOST_SILENT);
	expect(s, 10, "own", "y", SPAWN_YES);
	assert_int_equal(life_of(s), before);
}

/* But one that is silent for long is found out by them, too. */
static void test_silence_in_little_time(void **state)
{
	struct stage *s = *state;
	pid_t before;

	only(s, "own", lines_shell, true);
	expect(s, 0, "own", "y", SPAWN_YES);
	before = life_of(s);
	ask_within(s, 1, "own", "s", 5);
	await(s, 2);
	pass(s, SPAWN_MOST_MS);
	assert_int_equal(life_of(s), before);
	for (unsigned i = 10; i < 10 + LINES_MOST_SILENT; i++)
		ask_within(s, i, "own", "s", 5);
	await(s, 2 + LINES_MOST_SILENT);
	expect(s, 20, "own", "y", SPAWN_YES);
	assert_int_not_equal(life_of(s), before);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		SPAWN_TEST(test_words_by_line),          SPAWN_TEST(test_silence),
		SPAWN_TEST(test_no_time_left),           SPAWN_TEST(test_no_time_left_later),
		SPAWN_TEST(test_silence_in_little_time), SPAWN_TEST(test_one_that_reads_slowly),
		SPAWN_TEST(test_ends_at_once),
	};

	(void)signal(SIGPIPE, SIG_IGN);
	log_set_level(LOG_LEVEL_ERROR);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
