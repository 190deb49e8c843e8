/* SOCKS 5: how many ways to prove who one is, and which. */
#include "wire_steps.h"

enum { METHODS_MOST = 15 };

static bool begins_socks5(uint8_t byte)
{
	return byte == 5;
}

static void test_first_byte(void **state)
{
	(void)state;
	sample_assert_first_bytes(WIRE_ID_socks5, begins_socks5);
}

static void check_seed(const char *file, struct span sample)
{
	steps_assert_seed(WIRE_ID_socks5, file, sample);
}

static void test_seeds(void **state)
{
	(void)state;
	sample_each("fuzz_wire_socks5", check_seed);
}

static void test_how_many(void **state)
{
	uint8_t bytes[2 + METHODS_MOST + 1] = { 5 };

	(void)state;
	for (size_t i = 2; i < sizeof bytes; i++)
		bytes[i] = (uint8_t)(0x80 + i);
	for (unsigned count = 0; count < 256; count++) {
		bytes[1] = (uint8_t)count;
		if (count == 0 || count > METHODS_MOST)
			steps_assert(WIRE_ID_socks5, span_of(bytes, sizeof bytes), WIRE_NO, 2);
		else
			steps_assert(WIRE_ID_socks5, span_of(bytes, sizeof bytes), WIRE_YES,
				     2 + count);
	}
	assert_int_equal(wire_proto_at(WIRE_ID_socks5)->tcp.most_bytes, 2 + METHODS_MOST);
}

/* Those that IANA lists, and those of private use; at the first one that is neither it is refused. */
static void test_which(void **state)
{
	(void)state;
	for (unsigned method = 0; method < 256; method++) {
		const uint8_t bytes[] = { 5, 3, 0x80, (uint8_t)method, 0x81 };
		bool is_known = method < 4 || (method > 4 && method < 10) ||
				(method > 0x81 && method < 0xff);

		if (method == 0x81)
			continue;

		steps_assert(WIRE_ID_socks5, span_of(bytes, sizeof bytes),
			     is_known ? WIRE_YES : WIRE_NO, is_known ? 5 : 4);
	}
}

/* Each is offered once. */
static void test_twice(void **state)
{
	(void)state;
	steps_assert_hex(WIRE_ID_socks5, "05 02 00 00", WIRE_NO);
	steps_assert_hex(WIRE_ID_socks5, "05 05 00 02 01 80 02", WIRE_NO);
	steps_assert_hex(WIRE_ID_socks5, "05 0f 00 01 02 03 05 06 07 08 09 80 81 82 83 fe 00",
			 WIRE_NO);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_first_byte), cmocka_unit_test(test_seeds),
		cmocka_unit_test(test_how_many),   cmocka_unit_test(test_which),
		cmocka_unit_test(test_twice),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
