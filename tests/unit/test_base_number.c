/* Strict numbers: the whole text or nothing. */
#include <errno.h>

#include "base/number.h"
#include "unit.h"

static void test_parse(void **state)
{
	uint64_t n = 7;

	(void)state;
	assert_int_equal(number_parse(&n, "0", 0, 10), 0);
	assert_int_equal(n, 0);
	assert_int_equal(number_parse(&n, "10", 0, 10), 0);
	assert_int_equal(n, 10);
	assert_int_equal(number_parse(&n, "0xfF", 0, 255), 0);
	assert_int_equal(n, 255);
	assert_int_equal(number_parse(&n, "0xaA09", 0, 65535), 0);
	assert_int_equal(n, 0xaa09);
	assert_int_equal(number_parse(&n, "010", 0, 255), 0);
	assert_int_equal(n, 10);
	assert_int_equal(number_parse(&n, "18446744073709551615", 0, UINT64_MAX), 0);
	assert_true(n == UINT64_MAX);
}

static void test_refused(void **state)
{
	static const char *const texts[] = { "",    " 1", "1 ", "+1", "-1",  "1.0", "0x",
					     "0xg", "a",  "1a", "1,", "--1", "\n",  "1\n" };
	uint64_t n = 7;

	(void)state;
	for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
		assert_int_equal(number_parse(&n, texts[i], 0, 1000), -EINVAL);
	assert_int_equal(number_parse(&n, "18446744073709551616", 0, UINT64_MAX), -ERANGE);
	assert_int_equal(number_parse(&n, "99999999999999999999999", 0, UINT64_MAX), -ERANGE);
	assert_int_equal(number_parse(&n, "0x10000000000000000", 0, UINT64_MAX), -ERANGE);
	assert_int_equal(number_parse(&n, "4", 5, 10), -ERANGE);
	assert_int_equal(number_parse(&n, "11", 5, 10), -ERANGE);
	assert_int_equal(n, 7);
}

static void test_ms(void **state)
{
	static const struct {
		const char *text;
		uint64_t ms;
	} good[] = { { "0", 0 },     { "1ms", 1 },     { "500ms", 500 },
		     { "3s", 3000 }, { "5m", 300000 }, { "1h", 3600000 } };
	static const char *const bad[] = { "3", "3 s", "s", "3S", "1d", "3sec", "1.5s", "-3s", "" };
	uint64_t n = 7;

	(void)state;
	for (size_t i = 0; i < sizeof good / sizeof good[0]; i++) {
		assert_int_equal(number_parse_ms(&n, good[i].text, 0, UINT64_MAX), 0);
		assert_int_equal(n, good[i].ms);
	}
	n = 7;
	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
		assert_int_equal(number_parse_ms(&n, bad[i], 0, UINT64_MAX), -EINVAL);
	assert_int_equal(number_parse_ms(&n, "0", 1, 10), -ERANGE);
	assert_int_equal(number_parse_ms(&n, "2h", 0, 3600000), -ERANGE);
	assert_int_equal(number_parse_ms(&n, "18446744073709551615h", 0, UINT64_MAX), -ERANGE);
	assert_int_equal(n, 7);
}

static void test_size(void **state)
{
	static const struct {
		const char *text;
		uint64_t bytes;
	} good[] = { { "4096", 4096 },
		     { "16k", 16384 },
		     { "16K", 16384 },
		     { "1m", 1048576 },
		     { "2M", 2097152 } };
	static const char *const bad[] = { "", "k", "16 k", "16kb", "1g", "1.5k", "-1k" };
	uint64_t n = 7;

	(void)state;
	for (size_t i = 0; i < sizeof good / sizeof good[0]; i++) {
		assert_int_equal(number_parse_size(&n, good[i].text, 0, UINT64_MAX), 0);
		assert_int_equal(n, good[i].bytes);
	}
	assert_int_equal(number_parse_size(&n, "18014398509481983k", 0, UINT64_MAX), 0);
	assert_true(n == UINT64_MAX - 1023);
	n = 7;
	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
		assert_int_equal(number_parse_size(&n, bad[i], 0, UINT64_MAX), -EINVAL);
	assert_int_equal(number_parse_size(&n, "65k", 0, 65536), -ERANGE);
	assert_int_equal(number_parse_size(&n, "18446744073709551615k", 0, UINT64_MAX), -ERANGE);
	assert_int_equal(n, 7);
}

static void test_ports(void **state)
{
	static const char *const bad[] = { "",      "0",    "65536",   "-",        "1-",
					   "-1",    "2-1",  "1-65536", "0-5",      "1-2-3",
					   "1 - 2", "443,", "https",   "99999999", "12345678-",
					   "1--2",  "443 ", "0-65535" };
	uint16_t first = 7;
	uint16_t last = 7;

	(void)state;
	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
		assert_true(number_parse_ports(&first, &last, bad[i]) < 0);
	assert_int_equal(first, 7);
	assert_int_equal(last, 7);
	assert_int_equal(number_parse_ports(&first, &last, "443"), 0);
	assert_int_equal(first, 443);
	assert_int_equal(last, 443);
	assert_int_equal(number_parse_ports(&first, &last, "1-65535"), 0);
	assert_int_equal(first, 1);
	assert_int_equal(last, 65535);
	assert_int_equal(number_parse_ports(&first, &last, "80-80"), 0);
	assert_int_equal(first, 80);
}

static void test_bool(void **state)
{
	static const char *const bad[] = { "", "Yes", "y", "true", "1", "yes ", "on" };
	bool b = false;

	(void)state;
	assert_int_equal(number_parse_bool(&b, "yes"), 0);
	assert_true(b);
	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
		assert_int_equal(number_parse_bool(&b, bad[i]), -EINVAL);
	assert_true(b);
	assert_int_equal(number_parse_bool(&b, "no"), 0);
	assert_false(b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_parse), cmocka_unit_test(test_refused),
		cmocka_unit_test(test_ms),    cmocka_unit_test(test_size),
		cmocka_unit_test(test_ports), cmocka_unit_test(test_bool),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
