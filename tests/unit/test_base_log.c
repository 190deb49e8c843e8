/* The log sink on stderr: levels, one whole line each, never too long. */
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "base/log.h"
#include "unit.h"

static char said[8192];
static int real_stderr = -1;
static int pipe_fds[2];

/* From here on, stderr is a pipe. */
static void listen_to_stderr(void)
{
	assert_int_equal(pipe2(pipe_fds, O_CLOEXEC | O_NONBLOCK), 0);
	real_stderr = dup(STDERR_FILENO);
	assert_true(real_stderr >= 0);
	assert_int_equal(dup2(pipe_fds[1], STDERR_FILENO), STDERR_FILENO);
}

/* All that was written since; stderr is itself again. */
static const char *what_was_said(void)
{
	ssize_t size = read(pipe_fds[0], said, sizeof said - 1);

	said[size > 0 ? size : 0] = '\0';
	assert_int_equal(dup2(real_stderr, STDERR_FILENO), STDERR_FILENO);
	assert_int_equal(close(real_stderr) | close(pipe_fds[0]) | close(pipe_fds[1]), 0);
	return said;
}

static void test_words(void **state)
{
	(void)state;
	log_open("shuntd", LOG_LEVEL_DEBUG, false);
	listen_to_stderr();
	log_error("table %s", "shunt");
	log_warn("w");
	log_info("i");
	log_debug("d%d", 1);
	assert_string_equal(what_was_said(), "shuntd: error: table shunt\nshuntd: warning: w\n"
					     "shuntd: i\nshuntd: debug: d1\n");
}

static void test_levels(void **state)
{
	(void)state;
	log_open("shuntd", LOG_LEVEL_INFO, false);
	assert_true(log_wants(LOG_LEVEL_INFO));
	assert_false(log_wants(LOG_LEVEL_DEBUG));
	log_set_level(LOG_LEVEL_ERROR);
	assert_false(log_wants(LOG_LEVEL_WARN));
	listen_to_stderr();
	log_warn("not wanted");
	log_error("wanted");
	assert_string_equal(what_was_said(), "shuntd: error: wanted\n");
}

/* Cut, but still one line with its end. */
static void test_long_line(void **state)
{
	const char *line;

	(void)state;
	log_open("shuntd", LOG_LEVEL_INFO, false);
	listen_to_stderr();
	log_info("%05000d", 0);
	log_info("next");
	line = what_was_said();
	assert_true(strlen(line) < 2200);
	assert_non_null(strstr(line, "0\nshuntd: next\n"));
	assert_ptr_equal(strchr(line, '\n') + 1, strstr(line, "shuntd: next\n"));
}

/* A flow's line is not a matter of level; a bare one is nothing but itself. */
static void test_flow(void **state)
{
	static char flow[5000];
	const char *line;

	(void)state;
	memset(flow, 'f', sizeof flow - 1);
	log_open("shuntd", LOG_LEVEL_ERROR, false);
	listen_to_stderr();
	log_flow("flow=1", false);
	log_flow("{}", true);
	log_flow(flow, true);
	line = what_was_said();
	assert_memory_equal(line, "shuntd: flow=1\n{}\nff", 20);
	assert_true(strlen(line) < 2200);
}

static void test_syslog_is_not_stderr(void **state)
{
	(void)state;
	log_open("test_base_log", LOG_LEVEL_ERROR, true);
	listen_to_stderr();
	log_error("%s", "a line of the unit tests");
	assert_string_equal(what_was_said(), "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_words),
		cmocka_unit_test(test_levels),
		cmocka_unit_test(test_long_line),
		cmocka_unit_test(test_flow),
		cmocka_unit_test(test_syslog_is_not_stderr),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
