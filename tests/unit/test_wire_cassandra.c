/* Cassandra: versions, and the two frames with which a client begins. */
#include "wire/cassandra.h"
#include "wire_steps.h"

static bool begins(uint8_t byte)
{
	return (byte >= 3 && byte <= 5) || byte == 0x41 || byte == 0x42;
}

static void test_first_byte(void **state)
{
	(void)state;
	sample_assert_first_bytes(WIRE_ID_cassandra, begins);
}

static void check_seed(const char *file, struct span sample)
{
	steps_assert_seed(WIRE_ID_cassandra, file, sample);
}

static void test_seeds(void **state)
{
	(void)state;
	sample_each("fuzz_wire_cassandra", check_seed);
}

static void yes(const char *hex)
{
	steps_assert_hex(WIRE_ID_cassandra, hex, WIRE_YES);
}

static void no(const char *hex)
{
	steps_assert_hex(WIRE_ID_cassandra, hex, WIRE_NO);
}

static void test_options(void **state)
{
	(void)state;
	yes("030000000500000000");
	yes("040000010500000000");
	yes("051000000500000000");
	yes("410000000500000000");
	yes("420037ff0500000000");
	no("0401");
	no("0502");
	no("0408");
	no("040038");
	no("04000000 02");
	no("0400000007");
	no("0400000000");
	no("04000000 0501");
	no("040000000500000001");
}

#define STARTUP "04 00 0000 01 "

/* A map of strings, of which the first key is looked at. */
static void test_startup(void **state)
{
	(void)state;
	yes(STARTUP "00000016 0001 000b 43514c5f56455253494f4e");
	yes(STARTUP "00010000 00ff 0004 41425f5a");
	yes(STARTUP "00000016 0001 0010 4142434445464748494a4b4c4d4e4f50");
	yes(STARTUP "00000100 0001 0020"
		    "4142434445464748494a4b4c4d4e4f505152535455565758595a5f4142434445");
	no(STARTUP "00000015");
	no(STARTUP "00010001");
	no(STARTUP "01");
	no(STARTUP "00000016 0000");
	no(STARTUP "00000016 01");
	no(STARTUP "00000016 0001 0003");
	no(STARTUP "00000016 0001 0011");
	no(STARTUP "00000100 0001 0021");
	no(STARTUP "00000016 0001 000b 4351 20");
	no(STARTUP "00000016 0001 000b 63");
}

/* What the recogniser of MongoDB asks. */
static void test_asks_options(void **state)
{
	struct hex_bytes room;

	(void)state;
	assert_true(cassandra_asks_options(hex_of(&room, "420000000500000000")));
	assert_true(cassandra_asks_options(hex_of(&room, "420000000500000000dd070000")));
	assert_false(cassandra_asks_options(hex_of(&room, "4200000005000000")));
	assert_false(cassandra_asks_options(hex_of(&room, "420000000500000001")));
	assert_false(cassandra_asks_options(hex_of(&room, "420000000100000000")));
	assert_false(cassandra_asks_options(hex_of(&room, "430000000500000000")));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_first_byte),   cmocka_unit_test(test_seeds),
		cmocka_unit_test(test_options),      cmocka_unit_test(test_startup),
		cmocka_unit_test(test_asks_options),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
