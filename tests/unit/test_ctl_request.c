/* Requests as text: good ones, and everything that is not quite one. */
#include <errno.h>
#include <string.h>

#include "ctl/ctl_request.h"
#include "unit.h"

/* From a copy of exactly its size, so that a sanitizer sees a read beyond the end. */
static int read_copy(struct request *out, const char *text, size_t size, const char **why)
{
	char *copy = test_malloc(size + (size == 0));
	int err;

	memcpy(copy, text, size);
	err = request_read(out, copy, size, why);
	test_free(copy);
	return err;
}

static void expect_good(const char *text, const char *command, size_t options)
{
	struct request r;
	const char *why;

	assert_int_equal(read_copy(&r, text, strlen(text), &why), 0);
	assert_string_equal(r.command, command);
	assert_int_equal(r.option_count, options);
}

static void test_good(void **state)
{
	const char *full = "{\"a\":true,\"b\":false,\"command\":\"nft\",\"c\":true,\"d\":false}";
	struct request r;
	const char *why;

	(void)state;
	expect_good("{\"command\":\"status\"}", "status", 0);
	expect_good(" \t\r\n{ \"command\" : \"status\" } \r\n", "status", 0);
	expect_good("{\"command\":\"a b!~\"}", "a b!~", 0);
	expect_good("{\"command\":\"1234567890123456789012345678901\"}",
		    "1234567890123456789012345678901", 0);
	assert_int_equal(read_copy(&r, full, strlen(full), &why), 0);
	assert_int_equal(r.option_count, 4);
	assert_string_equal(r.options[0].name, "a");
	assert_true(r.options[0].value);
	assert_string_equal(r.options[3].name, "d");
	assert_false(r.options[3].value);
}

static void test_bad(void **state)
{
	static const char *const table[][2] = {
		{ "", "a JSON object is expected" },
		{ "status", "a JSON object is expected" },
		{ "[]", "a JSON object is expected" },
		{ "null", "a JSON object is expected" },
		{ "{}", "there is no \"command\"" },
		{ "{\"closed\":true}", "there is no \"command\"" },
		{ "{", "a member is no" },
		{ "{\"command\"", "a member is no" },
		{ "{\"command:\"status\"}", "a member is no" },
		{ "{command:\"status\"}", "a member is no" },
		{ "{'command':'status'}", "a member is no" },
		{ "{\"command\":\"status\",}", "a member is no" },
		{ "{,\"command\":\"status\"}", "a member is no" },
		{ "{\"comm\\u0061nd\":\"status\"}", "a member is no" },
		{ "{\"command\":", "must be a word" },
		{ "{\"command\":\"\"}", "must be a word" },
		{ "{\"command\":\"status}", "must be a word" },
		{ "{\"command\":7}", "must be a word" },
		{ "{\"command\":null}", "must be a word" },
		{ "{\"command\":{\"command\":\"status\"}}", "must be a word" },
		{ "{\"command\":\"a\\n\"}", "must be a word" },
		{ "{\"command\":\"a\tb\"}", "must be a word" },
		{ "{\"command\":\"\xc3\xa9\"}", "must be a word" },
		{ "{\"command\":\"12345678901234567890123456789012\"}", "must be a word" },
		{ "{\"command\":\"a\",\"command\":\"b\"}", "twice" },
		{ "{\"x\":true,\"x\":true,\"command\":\"b\"}", "twice" },
		{ "{\"x\":1,\"command\":\"b\"}", "true or false" },
		{ "{\"x\":\"true\",\"command\":\"b\"}", "true or false" },
		{ "{\"x\":tru", "true or false" },
		{ "{\"a\":true,\"b\":true,\"c\":true,\"d\":true,\"e\":true}", "too many" },
		{ "{\"command\":\"status\"", "does not end" },
		{ "{\"command\":\"nft\",\"x\":truely}", "does not end" },
		{ "{\"command\":\"nft\" \"x\":true}", "does not end" },
		{ "{\"command\":\"status\"} x", "more behind" },
		{ "{\"command\":\"status\"}}", "more behind" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		struct request r = { .command = "untouched" };
		const char *why = NULL;

		assert_int_equal(read_copy(&r, table[i][0], strlen(table[i][0]), &why), -EINVAL);
		if (strstr(why, table[i][1]) == NULL)
			fail_msg("%s: %s", table[i][0], why);
		assert_string_equal(r.command, "untouched");
	}
}

/* No proper prefix of a request is one. */
static void test_prefixes(void **state)
{
	const char *text = "{\"command\":\"nft\",\"closed\":true}";
	struct request r;
	const char *why;

	(void)state;
	for (size_t i = 0; i < strlen(text); i++)
		assert_int_equal(read_copy(&r, text, i, &why), -EINVAL);
	assert_int_equal(read_copy(&r, text, strlen(text), &why), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_good),
		cmocka_unit_test(test_bad),
		cmocka_unit_test(test_prefixes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
