/* X11: real clients, both byte orders, every field of the first message. */
#include "wire_ask.h"

enum { ID = WIRE_ID_x11 };

static void check_seed(const char *file, struct span sample)
{
	ask_seed(ID, file, sample);
}

static void test_seeds(void **state)
{
	(void)state;
	sample_each("fuzz_wire_x11", check_seed);
}

static bool begins(uint8_t byte)
{
	return byte == 'B' || byte == 'l';
}

static void test_first_byte(void **state)
{
	(void)state;
	sample_assert_first_bytes(ID, begins);
}

#define COOKIE "4d49542d4d414749432d434f4f4b49452d31" /* MIT-MAGIC-COOKIE-1 */

static void test_every_byte(void **state)
{
	(void)state;
	for (unsigned little = 0; little < 2; little++) {
		const char *hex = little ? "6c000b000000120010000000" COOKIE
					 : "4200000b0000001200100000" COOKIE;

		ask_hex(ID, hex, WIRE_YES);
		ask_bytes(ID, hex, 1, 2, 256);                          /* unused */
		ask_bytes(ID, hex, 2, 6, 1);                            /* version */
		ask_bytes(ID, hex, little ? 6 : 7, little ? 7 : 8, 65); /* size of the scheme */
		ask_bytes(ID, hex, little ? 7 : 6, little ? 8 : 7, 1);
		ask_bytes(ID, hex, little ? 8 : 9, little ? 9 : 10, 256); /* and of the proof */
		ask_bytes(ID, hex, little ? 9 : 8, little ? 10 : 9, little ? 32 : 33);
		ask_bytes(ID, hex, 10, 12, 256);
		ask_bytes(ID, hex, 12, 13, 52); /* a letter */
		ask_bytes(ID, hex, 13, 30, 65);
	}
}

static void test_sizes(void **state)
{
	(void)state;
	ask_hex(ID, "6c000b000000000000000000", WIRE_YES);
	ask_hex(ID, "6cff0b0000000000000000ff", WIRE_YES);
	ask_hex(ID, "4200000b0000000000000000", WIRE_YES);
	ask_hex(ID, "4200000b00000000000000", WIRE_MORE);
	ask_hex(ID, "6c000b0000000000100000", WIRE_NO); /* a proof of nothing */
	ask_hex(ID, "6c000b000000010000000000 41", WIRE_YES);
	ask_hex(ID, "6c000b000000020000000000 41", WIRE_MORE);
	ask_hex(ID, "6c000b0000004000002000", WIRE_MORE); /* 64 and 8192 bytes */
	ask_hex(ID, "6c000b0000004100", WIRE_NO);
	ask_hex(ID, "6c000b0000004000012000", WIRE_NO);
	ask_hex(ID, "42000b00", WIRE_NO); /* the other order */
	ask_hex(ID, "6c00000b", WIRE_NO);
}

/* What begins alike: DNS over TCP, DSE's Cassandra, a word. */
static void test_near_misses(void **state)
{
	(void)state;
	ask_hex(ID, "4200000b000000010000000001410000010001", WIRE_NO);
	ask_hex(ID, "6c000b0000000001", WIRE_NO);
	ask_hex(ID, "4200000b05", WIRE_NO);
	ask_hex(ID, "4259450d", WIRE_NO);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_seeds),       cmocka_unit_test(test_first_byte),
		cmocka_unit_test(test_every_byte),  cmocka_unit_test(test_sizes),
		cmocka_unit_test(test_near_misses),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
