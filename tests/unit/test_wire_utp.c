/* uTP: a real client, every field of a SYN, and its one extension. */
#include "wire_udp_exact.h"

static void yes(const char *hex)
{
	exact_assert(WIRE_ID_utp, hex, WIRE_YES);
}

static void no(const char *hex)
{
	exact_assert(WIRE_ID_utp, hex, WIRE_NO);
}

static void test_seeds(void **state)
{
	(void)state;
	exact_assert_seeds("fuzz_wire_utp", WIRE_ID_utp, true);
}

#define SYN "41 00 a1b2 01020304 00000000 00100000 0001 0000"

static void test_every_byte(void **state)
{
	struct hex_bytes room;
	struct span syn = exact_hex(&room, SYN);

	(void)state;
	yes(SYN);
	for (size_t at = 0; at < syn.size; at++) {
		bool is_fixed = at < 2 || (at >= 8 && at < 12) || at >= 18;
		uint8_t was = room.data[at];

		for (unsigned bit = 0; bit < 8; bit++) {
			room.data[at] = (uint8_t)(was ^ 1u << bit);
			run_assert_one(syn, WIRE_ID_utp, is_fixed ? WIRE_NO : WIRE_YES);
		}
		room.data[at] = was;
	}
	for (unsigned first = 0; first < 256; first++)
		assert_int_equal(wire_proto_at(WIRE_ID_utp)->begins((uint8_t)first), first == 0x41);
}

#define EXTENDED "41 02 a1b2 01020304 00000000 00100000 0001 0000"

static void test_extensions(void **state)
{
	(void)state;
	yes(EXTENDED "00 08 0000000000000000");
	no(EXTENDED);
	no(EXTENDED "00 08 00000000000000");
	no(EXTENDED "00 08 000000000000000000");
	no(EXTENDED "00 04 00000000");
	no(EXTENDED "01 08 0000000000000000");
	no("41 01 a1b2 01020304 00000000 00100000 0001 0000 00 04 00000000");
}

/* A payload, the other types, and what begins so by chance. */
static void test_near_misses(void **state)
{
	(void)state;
	no(SYN "00");
	no("01 00 a1b2 01020304 00000000 00100000 0001 0000");
	no("11 00 a1b2 01020304 00000000 00100000 0001 0000");
	no("21 00 a1b2 01020304 00000000 00100000 0001 0000");
	no("31 00 a1b2 01020304 00000000 00100000 0001 0000");
	no("41 01 0100 0001 0000 0000 0000 0161 00 0001 0001");
	no("");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_seeds),
		cmocka_unit_test(test_every_byte),
		cmocka_unit_test(test_extensions),
		cmocka_unit_test(test_near_misses),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
