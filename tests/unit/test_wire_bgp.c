/* BGP: real speakers, and every field of an OPEN message. */
#include "wire_ask.h"

enum { ID = WIRE_ID_bgp };

static void check_seed(const char *file, struct span sample)
{
	ask_seed(ID, file, sample);
}

static void test_seeds(void **state)
{
	(void)state;
	sample_each("fuzz_wire_bgp", check_seed);
}

#define MARKER "ffffffffffffffffffffffffffffffff"
#define REST   "04fde800b4c0000201" /* version, AS 65000, 180 s, identifier */
#define OPEN   MARKER "001d01" REST "00"

static bool begins(uint8_t byte)
{
	return byte == 0xff;
}

static void test_first_byte(void **state)
{
	(void)state;
	sample_assert_first_bytes(ID, begins);
}

/* Which of its bytes may be which. */
static void test_every_byte(void **state)
{
	(void)state;
	ask_hex(ID, OPEN, WIRE_YES);
	ask_bytes(ID, OPEN, 0, 16, 1);
	ask_bytes(ID, OPEN, 16, 17, 17); /* 0 to 4096 */
	ask_bytes(ID, OPEN, 17, 18, 256 - 29);
	ask_bytes(ID, MARKER "1000", 17, 18, 1);
	ask_bytes(ID, OPEN, 18, 20, 1);   /* type, version */
	ask_bytes(ID, OPEN, 20, 23, 256); /* AS, and the half of a hold time */
	ask_bytes(ID, MARKER "001d01 040000", 21, 22, 255);
	ask_bytes(ID, MARKER "001d01 04fde80000", 23, 24, 254);
	ask_bytes(ID, MARKER "001d01 04fde80100", 23, 24, 256);
	ask_bytes(ID, OPEN, 24, 27, 256);
	ask_bytes(ID, MARKER "001d01 04fde800b400000000", 27, 28, 255);
	ask_bytes(ID, OPEN, 28, 29, 1);
}

/* Both lengths agree. */
static void test_parameters(void **state)
{
	(void)state;
	ask_hex(ID, MARKER "001f01" REST "02 0200", WIRE_YES);
	ask_hex(ID, MARKER "001f01" REST "02", WIRE_YES); /* what they are is not asked */
	ask_hex(ID, MARKER "001f01" REST "01", WIRE_NO);
	ask_hex(ID, MARKER "001f01" REST "03", WIRE_NO);
	ask_hex(ID, MARKER "001f01" REST "ff", WIRE_NO); /* no room for a longer size */
	ask_hex(ID, MARKER "002001" REST "ff", WIRE_MORE);
	ask_hex(ID, MARKER "002001" REST "ffff0000", WIRE_YES); /* RFC 9072 */
	ask_hex(ID, MARKER "002001" REST "ffff0001", WIRE_NO);
	ask_hex(ID, MARKER "002001" REST "fffe", WIRE_NO);
	ask_hex(ID, MARKER "011c01" REST "ff", WIRE_YES);
	ask_hex(ID, MARKER "011d01" REST "ff", WIRE_MORE);
	ask_hex(ID, MARKER "011d01" REST "ffff00fd", WIRE_YES);
	ask_hex(ID, MARKER "100001" REST "ffff0fe0", WIRE_YES);
	ask_hex(ID, MARKER "100101", WIRE_NO);
	ask_hex(ID, MARKER "001304", WIRE_NO); /* a KEEPALIVE */
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_seeds),
		cmocka_unit_test(test_first_byte),
		cmocka_unit_test(test_every_byte),
		cmocka_unit_test(test_parameters),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
