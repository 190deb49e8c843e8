/* The check value that every description of this CRC gives, and others of zlib. */
#include "unit.h"
#include "wire/crc32.h"

static void test_known(void **state)
{
	uint8_t bytes[256];

	(void)state;
	assert_int_equal(crc32_of(span_text("123456789")), 0xcbf43926);
	assert_int_equal(crc32_of(span_of(NULL, 0)), 0);
	assert_int_equal(crc32_of(span_of("\0", 1)), 0xd202ef8d);
	for (size_t i = 0; i < sizeof bytes; i++)
		bytes[i] = (uint8_t)i;
	assert_int_equal(crc32_of(span_of(bytes, sizeof bytes)), 0x29058c73);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_known),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
