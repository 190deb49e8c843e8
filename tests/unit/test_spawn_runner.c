/* Programs that are run for those who ask: words, failures, limits, and what is left of them. */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "loop/signals.h"
#include "spawn/runner.h"
#include "unit.h"

enum {
	MOST_ANSWERS = 512,
	PATIENCE_MS = 10000,
};

/* A runner, and one who asks. */
struct stage {
	struct runner runner;
	struct loop *loop;
	struct signals signals;
	struct timer stop;
	enum spawn_word words[MOST_ANSWERS]; /* by id; 0: no answer yet */
	unsigned answers, wanted;
	bool is_late;
};

static void answered(struct runner *r, void *asker, uint64_t id, enum spawn_word word)
{
	struct stage *s = container_of(r, struct stage, runner);

	assert_ptr_equal(asker, s);
	assert_true(id < MOST_ANSWERS);
	assert_int_equal(s->words[id], 0); /* once */
	s->words[id] = word;
	if (++s->answers == s->wanted)
		loop_stop(s->loop);
}

static void caught(struct signals *signals, int number)
{
	assert_int_equal(number, SIGCHLD);
	runner_reap(&container_of(signals, struct stage, signals)->runner);
}

static void stop_fires(struct timer *t)
{
	struct stage *s = container_of(t, struct stage, stop);

	s->is_late = true;
	loop_stop(s->loop);
}

/* Run until there are so many answers. */
static void await(struct stage *s, unsigned count)
{
	s->wanted = count;
	s->is_late = false;
	if (s->answers >= count)
		return;
	assert_int_equal(timer_arm(s->loop, &s->stop, clock_ms() + PATIENCE_MS), 0);
	assert_int_equal(loop_run(s->loop), 0);
	assert_false(s->is_late);
	timer_disarm(s->loop, &s->stop);
}

static void pass(struct stage *s, uint64_t ms)
{
	s->wanted = 0;
	assert_int_equal(timer_arm(s->loop, &s->stop, clock_ms() + ms), 0);
	assert_int_equal(loop_run(s->loop), 0);
}

static int setup(void **state)
{
	static const int numbers[] = { SIGCHLD, 0 };
	struct stage *s = calloc(1, sizeof *s);

	assert_non_null(s);
	assert_int_equal(loop_new(&s->loop), 0);
	s->signals.caught = caught;
	s->stop.fire = stop_fires;
	assert_int_equal(signals_start(&s->signals, s->loop, numbers), 0);
	s->runner.answered = answered;
	runner_init(&s->runner, s->loop);
	pass(s, 0); /* the loop has a clock from now on */
	*state = s;
	return 0;
}

static int teardown(void **state)
{
	struct stage *s = *state;

	runner_done(&s->runner);
	signals_done(&s->signals);
	timer_disarm(s->loop, &s->stop);
	loop_free(s->loop);
	free(s);
	return 0;
}

/* A shell's program, of the user that we are. */
static struct tool_terms shell(const char *name, const char *program, bool is_lines)
{
	struct tool_terms t = { .user = { .uid = geteuid(), .gid = getegid() },
				.is_lines = is_lines };

	(void)snprintf(t.name, sizeof t.name, "%s", name);
	t.argv[0] = strdup("/bin/sh");
	t.argv[1] = strdup("-c");
	t.argv[2] = strdup(program);
	return t;
}

static void only(struct stage *s, const char *name, const char *program, bool is_lines)
{
	struct tool_terms t = shell(name, program, is_lines);

	assert_int_equal(runner_set(&s->runner, &t, 1), 0);
}

static void ask(struct stage *s, uint64_t id, const char *name, const char *bytes)
{
	struct spawn_request q = {
		.version = SPAWN_VERSION,
		.kind = SPAWN_PROBE,
		.size = (uint32_t)strlen(bytes),
		.id = id,
		.within_ms = PATIENCE_MS,
		.client = { .bytes = { 192, 0, 2, 1 }, .family = AF_INET, .port = 1234 },
		.to = { .bytes = { 192, 0, 2, 2 }, .family = AF_INET, .port = 443 },
	};

	(void)snprintf(q.name, sizeof q.name, "%s", name);
	assert_true(spawn_request_is_sane(&q, sizeof q + q.size));
	runner_ask(&s->runner, s, &q, span_of((const uint8_t *)bytes, q.size));
}

static void expect(struct stage *s, uint64_t id, const char *name, const char *bytes,
		   enum spawn_word word)
{
	ask(s, id, name, bytes);
	await(s, s->answers + (s->words[id] == 0));
	assert_int_equal(s->words[id], word);
}

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

static const char lines_shell[] =
	"while read -r n transport client to hex; do case $hex in "
	"79*) echo $n yes ;; 6d*) echo $n more ;; 78*) exit ;; 73*) ;; "
	"70*) echo \"$n $transport $client $to $hex\" ;; *) echo $n no ;; esac; done";

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

static pid_t life_of(const struct stage *s)
{
	return LIST_FIRST(&s->runner.tools)->lines.program.pid;
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
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
		TEST(test_words_of_one_flow), TEST(test_unknown_name),
		TEST(test_out_of_time),       TEST(test_too_many),
		TEST(test_in_turn),           TEST(test_words_by_line),
		TEST(test_silence),           TEST(test_one_that_reads_slowly),
		TEST(test_ends_at_once),      TEST(test_changed),
		TEST(test_taken_away),        TEST(test_asker_gone),
	};

	(void)signal(SIGPIPE, SIG_IGN);
	log_set_level(LOG_LEVEL_ERROR);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
