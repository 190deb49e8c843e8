/* BER: lengths and numbers of every form, and elements inside of others. */
#include <stdio.h>

#include "wire/ber.h"
#include "wire_hex.h"

static struct reader of(struct hex_bytes *room, const char *hex)
{
	return reader_of(hex_of(room, hex));
}

/* The size of what the only element holds, which has tag 04; -1: it is none. */
static int size_of(const char *hex)
{
	struct hex_bytes room;
	struct reader r = of(&room, hex);
	struct span value = ber_take(&r, BER_OCTETS);

	return ber_is_read(&r) ? (int)value.size : -1;
}

static void test_lengths(void **state)
{
	(void)state;
	assert_int_equal(size_of("0400"), 0);
	assert_int_equal(size_of("0401ff"), 1);
	assert_int_equal(size_of("048101ff"), 1);
	assert_int_equal(size_of("04820001ff"), 1);
	assert_int_equal(size_of("0483000001ff"), 1);
	assert_int_equal(size_of("048400000001ff"), 1);
	assert_int_equal(size_of("04850000000001ff"), -1);
	assert_int_equal(size_of("0480ff0000"), -1);
	assert_int_equal(size_of("0401"), -1);
	assert_int_equal(size_of("0401ff00"), -1);
	assert_int_equal(size_of("0484ffffffffff"), -1);
	assert_int_equal(size_of("0482"), -1);
	assert_int_equal(size_of("04"), -1);
	assert_int_equal(size_of(""), -1);
	assert_int_equal(size_of("0501ff"), -1);
}

static void test_tags(void **state)
{
	struct hex_bytes room;
	struct reader r = of(&room, "30020500");
	struct reader inner;
	struct span value;

	(void)state;
	inner = ber_enter(&r, BER_SEQUENCE);
	assert_true(ber_is_read(&r));
	assert_int_equal(ber_any(&inner, &value), BER_NULL);
	assert_true(ber_is_read(&inner));
	assert_int_equal(ber_any(&inner, &value), 0);
	assert_false(ber_is_read(&inner));
	r = of(&room, "1f8100");
	assert_int_equal(ber_any(&r, &value), 0);
	r = of(&room, "30020500");
	inner = ber_enter(&r, BER_OCTETS);
	assert_true(inner.short_read && r.short_read);
	inner = ber_enter(&r, BER_SEQUENCE);
	assert_true(inner.short_read);
}

#define NONE (INT64_MIN + 1)

static int64_t number(const char *hex, int64_t least, int64_t most)
{
	struct hex_bytes room;
	struct reader r = of(&room, hex);
	int64_t value = ber_number(&r, BER_INTEGER, least, most);

	return ber_is_read(&r) ? value : NONE;
}

static void test_numbers(void **state)
{
	(void)state;
	assert_int_equal(number("020100", 0, 0), 0);
	assert_int_equal(number("02017f", 0, 127), 127);
	assert_int_equal(number("020180", -128, 0), -128);
	assert_int_equal(number("0201ff", -1, 0), -1);
	assert_int_equal(number("020200ff", 0, 255), 255);
	assert_int_equal(number("02047fffffff", 0, INT32_MAX), INT32_MAX);
	assert_int_equal(number("020480000000", INT32_MIN, 0), INT32_MIN);
	assert_int_equal(number("020500ffffffff", 0, UINT32_MAX), UINT32_MAX);
	assert_int_equal(number("02060000ffffffff", 0, UINT32_MAX), NONE);
	assert_int_equal(number("0200", INT32_MIN, INT32_MAX), NONE);
	assert_int_equal(number("020105", 6, 9), NONE);
	assert_int_equal(number("02010a", 6, 9), NONE);
	assert_int_equal(number("0a0107", 6, 9), NONE);
	assert_int_equal(number("0202ff", INT32_MIN, INT32_MAX), NONE);
}

static bool is_whole(const char *hex)
{
	struct hex_bytes room;

	return ber_is_whole(hex_of(&room, hex));
}

static void test_elements(void **state)
{
	char deep[2 * 2 * 18 + 1] = "";

	(void)state;
	assert_true(is_whole(""));
	assert_true(is_whole("0500"));
	assert_true(is_whole("05000500"));
	assert_true(is_whole("30040500050004003000"));
	assert_true(is_whole("300630040500a000"));
	assert_false(is_whole("05"));
	assert_false(is_whole("050005"));
	assert_false(is_whole("300305000500"));
	assert_false(is_whole("3001050500"));
	assert_false(is_whole("3004300405000500"));
	for (size_t depth = 1; depth <= 18; depth++) {
		(void)snprintf(deep, sizeof deep, "%s", "");
		for (size_t i = depth; i > 0; i--)
			(void)snprintf(deep + strlen(deep), sizeof deep - strlen(deep), "30%02x",
				       (unsigned)(2 * (i - 1)));
		assert_int_equal(is_whole(deep), depth <= 16);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_lengths),
		cmocka_unit_test(test_tags),
		cmocka_unit_test(test_numbers),
		cmocka_unit_test(test_elements),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
