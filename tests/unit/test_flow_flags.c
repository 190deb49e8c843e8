/* Flags that children see change and cannot change. */
#include <errno.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "flow/flags.h"
#include "unit.h"

static void test_parent_and_child(void **state)
{
	struct flags f;
	int steps[2];
	int status;
	char step;
	pid_t pid;

	(void)state;
	assert_int_equal(flags_init(&f, 600), 0);
	assert_int_equal(f.shown[599], 0);
	f.mine[599] = 4;
	assert_int_equal(f.shown[599], 4);
	assert_int_equal(pipe(steps), 0);
	pid = fork();
	assert_true(pid >= 0);
	if (pid == 0) {
		/* what is set behind the fork is seen */
		if (read(steps[0], &step, 1) != 1)
			_exit(2);
		_exit(f.shown[599] == 5 && f.shown[0] == UINT64_MAX ? 0 : 1);
	}
	f.mine[599] = 5;
	f.mine[0] = UINT64_MAX;
	assert_int_equal(write(steps[1], "", 1), 1);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 0);
	(void)close(steps[0]);
	(void)close(steps[1]);
	flags_done(&f);
	assert_null(f.mine);
	flags_done(&f);
}

/* Runs it in a child, which must end by SIGSEGV. */
static void expect_segv(void (*call)(struct flags *f), struct flags *f)
{
	pid_t pid = fork();
	int status;

	assert_true(pid >= 0);
	if (pid == 0) {
		const struct rlimit none = { 0, 0 };

		(void)setrlimit(RLIMIT_CORE, &none); /* no core file of a fault that is meant */
		(void)signal(SIGSEGV, SIG_DFL);      /* cmocka's and a sanitizer's */
		call(f);
		_exit(0);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFSIGNALED(status));
	assert_int_equal(WTERMSIG(status), SIGSEGV);
}

static void write_mine(struct flags *f)
{
	f->mine[0] = 1;
}

static void write_shown(struct flags *f)
{
	*(volatile uint64_t *)(uintptr_t)f->shown = 1;
}

static void test_child_cannot_write(void **state)
{
	struct flags f;

	(void)state;
	assert_int_equal(flags_init(&f, 1), 0);
	expect_segv(write_mine, &f);
	expect_segv(write_shown, &f);
	/* and cannot make it so */
	assert_int_equal(mprotect((void *)(uintptr_t)f.shown, 8, PROT_READ | PROT_WRITE), -1);
	assert_int_equal(f.shown[0], 0);
	flags_done(&f);
}

static void test_none(void **state)
{
	struct flags f;

	(void)state;
	assert_int_equal(flags_init(&f, 0), 0);
	assert_non_null((void *)(uintptr_t)f.shown);
	flags_done(&f);
	f = (struct flags){ 0 };
	flags_done(&f);
}

static void test_no_descriptor(void **state)
{
	struct rlimit before;
	struct rlimit none;
	struct flags f;
	int err;

	(void)state;
	assert_int_equal(getrlimit(RLIMIT_NOFILE, &before), 0);
	none = before;
	none.rlim_cur = 0;
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &none), 0);
	err = flags_init(&f, 1);
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &before), 0);
	assert_int_equal(err, -EMFILE);
	assert_null(f.mine);
	assert_null((void *)(uintptr_t)f.shown);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_parent_and_child),
		cmocka_unit_test(test_child_cannot_write),
		cmocka_unit_test(test_none),
		cmocka_unit_test(test_no_descriptor),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
