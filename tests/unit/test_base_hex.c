/* Bytes as text. */
#include <errno.h>

#include "base/hex.h"
#include "unit.h"

static void test_every_byte(void **state)
{
	static const char lower[] = "0123456789abcdef";
	static const char upper[] = "0123456789ABCDEF";

	(void)state;
	for (unsigned byte = 0; byte < 256; byte++) {
		char text[4] = { lower[byte >> 4], lower[byte & 15], upper[byte >> 4],
				 upper[byte & 15] };
		uint8_t out[3] = { 0, 0, 0xee };

		assert_int_equal(hex_decode(out, 2, span_of(text, 4)), 2);
		assert_int_equal(out[0], byte);
		assert_int_equal(out[1], byte);
		assert_int_equal(out[2], 0xee);
	}
}

static void test_nothing(void **state)
{
	(void)state;
	assert_int_equal(hex_decode(NULL, 0, span_of(NULL, 0)), 0);
}

static void test_more_than_there_is_room_for(void **state)
{
	uint8_t out[2] = { 0, 0xee };

	(void)state;
	assert_int_equal(hex_decode(out, 1, span_text("160301")), 3);
	assert_int_equal(out[0], 0x16);
	assert_int_equal(out[1], 0xee);
	/* also what finds no room must be hexadecimal */
	assert_int_equal(hex_decode(out, 1, span_text("16030g")), -EINVAL);
}

static void test_not_hexadecimal(void **state)
{
	static const char *const bad[] = { "1",   "160", "0x16", "16 03", "1g", "g1",
					   " 16", "/0",  ":0",   "@a",    "`a", "\x10\x10" };
	uint8_t out[8];

	(void)state;
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
		assert_int_equal(hex_decode(out, sizeof out, span_text(bad[i])), -EINVAL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_every_byte),
		cmocka_unit_test(test_nothing),
		cmocka_unit_test(test_more_than_there_is_room_for),
		cmocka_unit_test(test_not_hexadecimal),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
