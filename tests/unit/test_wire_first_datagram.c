/* Recognising by one datagram, or by a few: whatever comes behind it, and whatever is missing of it. */
#include "base/datagrams.h"
#include "unit.h"
#include "wire/first_datagram.h"

static bool is_hi(struct span datagram)
{
	return span_equal(datagram, span_text("hi"));
}

static void expect(const char *bytes, size_t size, enum wire_verdict verdict, size_t wanted)
{
	struct wire_hints hints;

	wire_hints_clear(&hints);
	assert_int_equal(first_datagram_ask(span_of(bytes, size), &hints, is_hi), verdict);
	assert_int_equal(hints.wanted, wanted);
	assert_false(hints.is_sure);
}

static void test_verdicts(void **state)
{
	(void)state;
	expect(NULL, 0, WIRE_MORE, 1);
	expect("\0", 1, WIRE_MORE, 2);
	expect("\0\2", 2, WIRE_MORE, 4);
	expect("\0\2h", 3, WIRE_MORE, 4);
	expect("\0\2hi", 4, WIRE_YES, 0);
	expect("\0\2hi\0\2no", 8, WIRE_YES, 0);
	expect("\0\2no\0\2hi", 8, WIRE_NO, 0);
	expect("\0\0\0\2hi", 6, WIRE_NO, 0);
	expect("\x60\1", 2, WIRE_NO, 0); /* more than is held */
}

/* "hi" goes on, "ok" is the rest. */
static enum wire_verdict take(void *flow, struct span datagram, bool is_sure,
			      struct wire_hints *hints)
{
	size_t *count = flow;

	assert_int_equal(is_sure, *count > 0);
	++*count;
	hints->name_size = hints->alpn_size = 3; /* half of each, it may be */
	if (span_equal(datagram, span_text("ok")))
		return WIRE_YES;
	return is_hi(datagram) ? WIRE_MORE : WIRE_NO;
}

static void expect_several(const char *bytes, size_t size, enum wire_verdict verdict, size_t taken,
			   bool is_named)
{
	struct wire_hints hints;
	size_t count = 0;

	wire_hints_clear(&hints);
	assert_int_equal(first_datagrams_ask(span_of(bytes, size), &hints, &count, take), verdict);
	assert_int_equal(count, taken);
	assert_int_equal(hints.is_sure, verdict == WIRE_MORE && taken > 0);
	assert_int_equal(hints.wanted, verdict == WIRE_MORE ? size + 1 : 0);
	if (verdict != WIRE_NO) {
		assert_int_equal(hints.name_size, is_named ? 3 : 0);
		assert_int_equal(hints.alpn_size, is_named ? 3 : 0);
	}
}

static void test_several(void **state)
{
	(void)state;
	expect_several(NULL, 0, WIRE_MORE, 0, false);
	expect_several("\0\2no\0\2ok", 8, WIRE_NO, 1, false);
	expect_several("\0\2hi", 4, WIRE_MORE, 1, false);
	expect_several("\0\2hi\0\2no", 8, WIRE_MORE, 2, false);
	expect_several("\0\2hi\0\2no\0\2ok", 12, WIRE_YES, 3, true);
	expect_several("\0\2ok\0\2no", 8, WIRE_YES, 1, true);
	expect_several("\x60\1", 2, WIRE_NO, 0, false); /* more than is held */
	expect_several("\0\2hi\x60\1", 6, WIRE_YES, 1, false);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_verdicts),
		cmocka_unit_test(test_several),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
