/* Command lines of the configuration. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "policy/command.h"
#include "unit.h"

/* The words with '|' behind each; or the error. */
static void expect(const char *text, const char *words)
{
	char *all[COMMAND_MOST_WORDS + 1];
	char told[400] = "";
	int count = command_split(text, all);

	assert_true(count >= 0);
	for (int i = 0; i < count; i++) {
		(void)strcat(strcat(told, all[i]), "|");
		free(all[i]);
	}
	assert_null(all[count]);
	assert_string_equal(told, words);
}

static void expect_error(const char *text, int err)
{
	char *all[COMMAND_MOST_WORDS + 1];

	assert_int_equal(command_split(text, all), err);
}

static void test_words(void **state)
{
	(void)state;
	expect("", "");
	expect("  \t ", "");
	expect("/bin/x", "/bin/x|");
	expect(" /bin/x  -a\tb ", "/bin/x|-a|b|");
	expect("/bin/x $HOME *.c 'a b' \\n", "/bin/x|$HOME|*.c|'a|b'|\\n|");
}

static void test_quotes(void **state)
{
	(void)state;
	expect("x \"a b\" c", "x|a b|c|");
	expect("x \"\" y", "x||y|");
	expect("x a\"b c\"d", "x|ab cd|");
	expect("x \"a \\\"b\\\" \\\\ \\n\"", "x|a \"b\" \\ \\n|");
	expect("\"/a b/c\"", "/a b/c|");
	expect_error("x \"a", -EINVAL);
	expect_error("x \"a\\\"", -EINVAL);
	expect_error("\"", -EINVAL);
}

static void test_most(void **state)
{
	char text[2 * COMMAND_MOST_WORDS + 3] = "";

	(void)state;
	for (int i = 0; i < COMMAND_MOST_WORDS; i++)
		(void)strcat(text, "a ");
	expect(text, "a|a|a|a|a|a|a|a|a|a|a|a|a|a|a|a|a|a|a|a|a|a|a|a|a|a|a|a|a|a|a|a|"
		     "a|a|a|a|a|a|a|a|a|a|a|a|a|a|a|a|a|a|a|a|a|a|a|a|a|a|a|a|a|a|a|a|");
	(void)strcat(text, "a");
	expect_error(text, -E2BIG);
}

static void test_line(void **state)
{
	const char *text = "line:/bin/x y";

	(void)state;
	assert_true(command_is_line(&text));
	assert_string_equal(text, "/bin/x y");
	assert_false(command_is_line(&text));
	assert_string_equal(text, "/bin/x y");
	text = "line";
	assert_false(command_is_line(&text));
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_words),
					    cmocka_unit_test(test_quotes),
					    cmocka_unit_test(test_most),
					    cmocka_unit_test(test_line) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
