/* Modbus over TCP: real clients, and every function with each of its counts. */
#include "wire_ask.h"

enum { ID = WIRE_ID_modbus };

static void check_seed(const char *file, struct span sample)
{
	ask_seed(ID, file, sample);
}

static void test_seeds(void **state)
{
	(void)state;
	sample_each("fuzz_wire_modbus", check_seed);
}

/* A request of that function and what is behind it; the length is counted. */
static void ask(const char *hex, enum wire_verdict expected)
{
	struct hex_bytes room, whole;
	struct span pdu = hex_of(&room, hex);
	uint8_t head[] = { 0xab, 0xcd, 0, 0, 0, (uint8_t)(pdu.size + 1), 0xff };

	memcpy(whole.data, head, sizeof head);
	memcpy(whole.data + sizeof head, pdu.data, pdu.size);
	sample_assert(ID, span_of(whole.data, sizeof head + pdu.size), expected);
}

static void test_head(void **state)
{
	(void)state;
	ask_bytes(ID, "0001 0000 0006 01 06 0006 0005", 0, 2, 256);
	ask_bytes(ID, "0001 0000 0006 01 06 0006 0005", 2, 5, 1);
	ask_bytes(ID, "0001 0000 0006 01 06 0006 0005", 5, 6, 253);
	ask_bytes(ID, "0001 0000 0006 01 06 0006 0005", 6, 7, 256);
	ask_bytes(ID, "0001 0000 0006 01 06 0006 0005", 7, 8, 8); /* functions of six bytes */
	ask_bytes(ID, "0001 0000 0006 01 03 0006 0005", 8, 10, 256);
	ask_bytes(ID, "0001 0000 0006 01 03 0006 0005", 10, 11, 1);
	ask_bytes(ID, "0001 0000 0006 01 03 0006 0005", 11, 12, 125);
	ask_hex(ID, "0001 0000 0001", WIRE_NO);
	ask_hex(ID, "0001 0000 00ff", WIRE_NO);
	ask_hex(ID, "0001 0000 0100", WIRE_NO);
}

static void test_reading(void **state)
{
	(void)state;
	ask("01 0000 0001", WIRE_YES);
	ask("01 0000 07d0", WIRE_YES);
	ask("02 0000 07d1", WIRE_NO);
	ask("02 0000 0000", WIRE_NO);
	ask("03 0000 007d", WIRE_YES);
	ask("04 ffff 007e", WIRE_NO);
	ask("03 0000 0001 00", WIRE_NO);
	ask("03 0000", WIRE_NO);
	ask("07", WIRE_YES);
	ask("07 00", WIRE_NO);
	ask("0b", WIRE_YES);
	ask("0c", WIRE_YES);
	ask("11", WIRE_YES);
	ask("14 07 06 0004 0001 0002", WIRE_YES);
	ask("14 0e 06 0004 0001 0002 06 0003 0009 0002", WIRE_YES);
	ask("14 08 06 0004 0001 0002 00", WIRE_NO);
	ask("14 06 06 0004 0001 0002", WIRE_NO);
	ask("14 07 05 0004 0001 0002", WIRE_NO);
	ask("18 04de", WIRE_YES);
	ask("2b 0e 01 00", WIRE_YES);
	ask("2b 0e 05 00", WIRE_NO);
	ask("2b 0e 01 00 00", WIRE_NO);
	ask("2b 0d 00 00 00 00", WIRE_YES);
	ask("2b 0f 00", WIRE_NO);
}

static void test_writing(void **state)
{
	(void)state;
	ask("05 0000 ff00", WIRE_YES);
	ask("05 0000 0000", WIRE_YES);
	ask("05 0000 0001", WIRE_NO);
	ask("06 0001 0003", WIRE_YES);
	ask("08 0000 a537", WIRE_YES);
	ask("08 0014 0000", WIRE_YES);
	ask("08 0015 0000", WIRE_NO);
	ask("08 0000 a537 00", WIRE_NO);
	ask("0f 0013 000a 02 cd01", WIRE_YES);
	ask("0f 0013 0008 01 cd", WIRE_YES);
	ask("0f 0013 0009 01 cd", WIRE_NO);
	ask("0f 0013 0008 01 cd00", WIRE_NO);
	ask("10 0001 0002 04 000a 0102", WIRE_YES);
	ask("10 0001 0002 02 000a", WIRE_NO);
	ask("10 0001 0000 00 0000", WIRE_NO);
	ask("15 0d 06 0004 0007 0003 06af 04be 100d", WIRE_YES);
	ask("15 0c 06 0004 0007 0003 06af 04be 100d", WIRE_NO);
	ask("16 0004 00f2 0025", WIRE_YES);
	ask("16 0004 00f2", WIRE_NO);
	ask("17 0003 0006 000e 0003 06 00ff 00ff 00ff", WIRE_YES);
	ask("17 0003 0006 000e 0003 05 00ff 00ff 00ff", WIRE_NO);
	ask("17 0003 0006 000e 007a", WIRE_NO);
}

static void test_other_functions(void **state)
{
	static const char known[] = { 1,  2,  3,  4,  5,  6,  7,  8,  11, 12,
				      15, 16, 17, 20, 21, 22, 23, 24, 43, 0 };
	struct wire_hints hints;

	(void)state;
	for (unsigned code = 0; code < 256; code++) {
		bool is_known = false;

		for (unsigned length = 2; length <= 254; length++) {
			uint8_t bytes[] = { 0, 1, 0, 0, 0, (uint8_t)length, 0, (uint8_t)code };

			is_known |= sample_ask(ID, span_of(bytes, sizeof bytes), &hints) != WIRE_NO;
		}
		assert_int_equal(is_known, code > 0 && code < 128 && strchr(known, (int)code));
	}
}

/* How many bytes each function may have behind it. */
static void test_lengths(void **state)
{
	static const unsigned expected[][3] = {
		{ 1, 4, 4 },    { 2, 4, 4 },     { 3, 4, 4 },   { 4, 4, 4 },    { 5, 4, 4 },
		{ 6, 4, 4 },    { 7, 0, 0 },     { 8, 4, 252 }, { 11, 0, 0 },   { 12, 0, 0 },
		{ 15, 6, 251 }, { 16, 7, 251 },  { 17, 0, 0 },  { 20, 8, 246 }, { 21, 10, 252 },
		{ 22, 6, 6 },   { 23, 11, 251 }, { 24, 2, 2 },  { 43, 2, 252 },
	};
	struct wire_hints hints;

	(void)state;
	for (size_t i = 0; i < sizeof expected / sizeof expected[0]; i++) {
		const unsigned *e = expected[i];

		for (unsigned left = 0; left <= 252; left++) {
			uint8_t bytes[] = { 0, 1, 0, 0, 0, (uint8_t)(left + 2), 0, (uint8_t)e[0] };

			if ((sample_ask(ID, span_of(bytes, sizeof bytes), &hints) != WIRE_NO) !=
			    (left >= e[1] && left <= e[2] && (e[0] != 8 || left % 2 == 0)))
				fail_msg("function %u, %u bytes", e[0], left);
		}
	}
}

/* As many as a request can count: what is counted is not waited for. */
static void test_most(void **state)
{
	(void)state;
	ask_hex(ID, "0001 0000 00fd 01 0f 0000 07b0 f6", WIRE_YES);
	ask_hex(ID, "0001 0000 00fe 01 0f 0000 07b1", WIRE_NO);
	ask_hex(ID, "0001 0000 00fd 01 10 0000 007b f6", WIRE_YES);
	ask_hex(ID, "0001 0000 00fe 01 10 0000 007c", WIRE_NO);
	ask_hex(ID, "0001 0000 00fd 01 17 0000 007d 0000 0079 f2", WIRE_YES);
	ask_hex(ID, "0001 0000 00fd 01 17 0000 007e", WIRE_NO);
	ask_hex(ID, "0001 0000 00fd 01 17 0000 007d 0000 007a", WIRE_NO);
	ask_hex(ID, "0001 0000 0005 01 2b 0e 04 00", WIRE_YES);
	ask_hex(ID, "0001 0000 0005 01 2b 0e 00", WIRE_NO);
	ask_hex(ID, "0001 0000 0005 01 2b 0c", WIRE_NO);
}

/* What shares its first bytes: DNS and ZooKeeper would have to have a length of 0. */
static void test_near_misses(void **state)
{
	(void)state;
	ask_hex(ID, "0021 abcd 0100 0001", WIRE_NO);
	ask_hex(ID, "0000002c 00000000", WIRE_NO);
	ask_hex(ID, "00000008 04d2162f", WIRE_NO);
	ask_hex(ID, "1603 0100", WIRE_NO);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_seeds),
		cmocka_unit_test(test_head),
		cmocka_unit_test(test_reading),
		cmocka_unit_test(test_writing),
		cmocka_unit_test(test_other_functions),
		cmocka_unit_test(test_lengths),
		cmocka_unit_test(test_most),
		cmocka_unit_test(test_near_misses),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
