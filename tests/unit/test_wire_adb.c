/* adb: the head of its CONNECT message, and every number of it. */
#include "wire_steps.h"

#define CNXN   "434e584e"
#define OLD    "00000001"
#define NEW    "01000001"
#define MEGA   "00001000"
#define BANNER "07000000"
#define CRC    "32020000"
#define MAGIC  "bcb1a7b1"

static void assert_yes(const char *hex)
{
	steps_assert_hex(WIRE_ID_adb, hex, WIRE_YES);
}

static void assert_no(const char *hex)
{
	steps_assert_hex(WIRE_ID_adb, hex, WIRE_NO);
}

static bool begins_adb(uint8_t byte)
{
	return byte == 'C' || byte == 0;
}

static void test_first_byte(void **state)
{
	(void)state;
	sample_assert_first_bytes(WIRE_ID_adb, begins_adb);
}

static void check_seed(const char *file, struct span sample)
{
	steps_assert_seed(WIRE_ID_adb, file, sample);
}

static void test_seeds(void **state)
{
	(void)state;
	sample_each("fuzz_wire_adb", check_seed);
}

static void test_head(void **state)
{
	struct wire_hints hints;

	(void)state;
	assert_yes(CNXN OLD MEGA BANNER CRC MAGIC);
	assert_yes(CNXN NEW MEGA BANNER "00000000" MAGIC);
	assert_no("434e5845"); /* CNXE */
	assert_no(CNXN OLD MEGA BANNER CRC "bcb1a7b0");
	assert_no(CNXN OLD MEGA BANNER CRC "43");
	/* the checksum may be any: it is waited for in one go */
	assert_int_equal(
		sample_ask(WIRE_ID_adb, span_of("CNXN\0\0\0\1\0\0\4\0\7\0\0\0", 16), &hints),
		WIRE_MORE);
	assert_int_equal(hints.wanted, 20);
}

static void test_numbers(void **state)
{
	(void)state;
	assert_no(CNXN "02");
	assert_no(CNXN "ff"); /* 0x00ffffff */
	assert_no(CNXN "0001");
	assert_no(CNXN "00000000");
	assert_no(CNXN "00000002");
	assert_yes(CNXN OLD "00100000" BANNER CRC MAGIC);
	assert_yes(CNXN OLD "00000400" BANNER CRC MAGIC);
	assert_no(CNXN OLD "ff0f00");
	assert_no(CNXN OLD "010010");
	assert_no(CNXN OLD "000000"); /* nor 16 MiB, with which it could be a DNS message */
	assert_yes(CNXN OLD MEGA "01000000" CRC MAGIC);
	assert_yes(CNXN OLD MEGA "00100000" CRC MAGIC);
	assert_no(CNXN OLD MEGA "0000");
	assert_no(CNXN OLD MEGA "0110");
}

#define EMPTY "0000000000000000000000000000000000000000ffffffff"

/* An empty message may go ahead of it, one, and whole. */
static void test_empty_message(void **state)
{
	(void)state;
	assert_int_equal(wire_proto_at(WIRE_ID_adb)->tcp.most_bytes, 2 * 24);
	assert_yes(EMPTY CNXN OLD MEGA BANNER CRC MAGIC);
	assert_no(EMPTY "00");
	assert_no(EMPTY CNXN OLD MEGA BANNER CRC "bcb1a7ff");
	assert_no("0001");
	assert_no("000000000000000000000000000000000000000000");
	assert_no("0000000000000000000000000000000000000000fffffffe");
}

/* Words that begin with its first letter are refused at the byte that differs. */
static void test_near_misses(void **state)
{
	static const char *const words[] = { "CO", "CA", "CC", "CNA", "CNXM", "c" };

	(void)state;
	for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
		steps_assert_text(WIRE_ID_adb, words[i], WIRE_NO);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_first_byte),    cmocka_unit_test(test_seeds),
		cmocka_unit_test(test_head),          cmocka_unit_test(test_numbers),
		cmocka_unit_test(test_empty_message), cmocka_unit_test(test_near_misses),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
