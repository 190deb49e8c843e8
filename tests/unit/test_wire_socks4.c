/* SOCKS 4 and 4a: every field of the request, and how long its texts may be. */
#include "wire_steps.h"

enum { TEXT_MOST = 255 };

static void assert_yes(const char *hex)
{
	steps_assert_hex(WIRE_ID_socks4, hex, WIRE_YES);
}

static void assert_no(const char *hex)
{
	steps_assert_hex(WIRE_ID_socks4, hex, WIRE_NO);
}

static bool begins_socks4(uint8_t byte)
{
	return byte == 4;
}

static void test_first_byte(void **state)
{
	(void)state;
	sample_assert_first_bytes(WIRE_ID_socks4, begins_socks4);
}

static void check_seed(const char *file, struct span sample)
{
	steps_assert_seed(WIRE_ID_socks4, file, sample);
}

static void test_seeds(void **state)
{
	(void)state;
	sample_each("fuzz_wire_socks4", check_seed);
}

static void test_request(void **state)
{
	(void)state;
	assert_yes("04010050c000020100");
	assert_yes("04020001c000020100");
	assert_yes("0401ffffffffffff00");
	assert_yes("040100500a00000000");
	assert_yes("04010050c0000201726f6f7400");
	assert_yes("04010050c0000201726f6f742073c3a900"); /* a space and an accent */
	assert_no("0400");
	assert_no("0403");
	assert_no("04f0"); /* Tor's own command */
	assert_no("04010000");
	assert_no("04010050c00002017f");
	assert_no("04010050c0000201721f");
}

/* 4a: an address of 0.0.0.x, and a name that is none of an address's business. */
static void test_host(void **state)
{
	(void)state;
	assert_yes("0401005000000001006100");
	assert_yes("04010050000000ff7500612e6200");
	assert_no("0401005000000000");
	assert_no("040100500001");
	assert_no("04010050000001");
	assert_no("04010050000000010000"); /* no name */
	assert_no("04010050000000010020");
	assert_no("0401005000000001006109");
}

/* As long as may be, and one more: user, then host. */
static void test_texts(void **state)
{
	uint8_t bytes[8 + 2 * (TEXT_MOST + 2)] = { 4, 1, 0, 80, 0, 0, 0, 1 };

	(void)state;
	memset(bytes + 8, 'a', sizeof bytes - 8);
	steps_assert(WIRE_ID_socks4, span_of(bytes, sizeof bytes), WIRE_NO, 8 + TEXT_MOST + 1);
	bytes[8 + TEXT_MOST] = 0;
	steps_assert(WIRE_ID_socks4, span_of(bytes, sizeof bytes), WIRE_NO,
		     8 + 2 * (TEXT_MOST + 1));
	bytes[8 + 2 * TEXT_MOST + 1] = 0;
	steps_assert(WIRE_ID_socks4, span_of(bytes, sizeof bytes), WIRE_YES,
		     8 + 2 * (TEXT_MOST + 1));
	assert_int_equal(wire_proto_at(WIRE_ID_socks4)->tcp.most_bytes, 8 + 2 * (TEXT_MOST + 1));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_first_byte), cmocka_unit_test(test_seeds),
		cmocka_unit_test(test_request),    cmocka_unit_test(test_host),
		cmocka_unit_test(test_texts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
