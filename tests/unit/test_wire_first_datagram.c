/* Recognising by one datagram: whatever comes behind it, and whatever is missing of it. */
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

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_verdicts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
