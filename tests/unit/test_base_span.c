/* Spans: equality, also of nothing, and zeros. */
#include "base/span.h"
#include "unit.h"

static void test_equal(void **state)
{
	(void)state;
	assert_true(span_equal(span_text("abc"), span_of("abcd", 3)));
	assert_false(span_equal(span_text("abc"), span_text("abd")));
	assert_false(span_equal(span_text("abc"), span_text("ab")));
	assert_true(span_equal(span_of("a\0b", 3), span_of("a\0b", 3)));
	assert_false(span_equal(span_of("a\0b", 3), span_of("a\0c", 3)));
}

static void test_empty(void **state)
{
	(void)state;
	assert_true(span_equal(span_of(NULL, 0), span_text("")));
	assert_true(span_equal(span_of(NULL, 0), span_of(NULL, 0)));
	assert_false(span_equal(span_of(NULL, 0), span_text("a")));
	assert_int_equal(span_text("").size, 0);
}

static void test_zero(void **state)
{
	(void)state;
	assert_true(span_is_zero(span_of(NULL, 0)));
	assert_true(span_is_zero(span_of("\0\0\0", 3)));
	assert_false(span_is_zero(span_of("\0\0\1", 3)));
	assert_false(span_is_zero(span_of("\x80\0", 2)));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_equal),
		cmocka_unit_test(test_empty),
		cmocka_unit_test(test_zero),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
