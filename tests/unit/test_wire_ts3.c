/* TeamSpeak 3: the first packet, every bit of it that is fixed. */
#include "wire_udp_exact.h"

static void test_seeds(void **state)
{
	(void)state;
	exact_assert_seeds("fuzz_wire_ts3", WIRE_ID_ts3, true);
}

static void yes(const char *hex)
{
	exact_assert(WIRE_ID_ts3, hex, WIRE_YES);
}

static void no(const char *hex)
{
	exact_assert(WIRE_ID_ts3, hex, WIRE_NO);
}

#define HEADER  "545333494e495431 0065 0000 88"
#define VERSION "0a1b2c3d"

static void test_borders(void **state)
{
	(void)state;
	yes(HEADER VERSION "00 5f000001 d1e2f304 0000000000000000");
	yes(HEADER "ffffffff"
		   "00 ffffffff ffffffff 0000000000000000");
	no(HEADER VERSION "01 5f000001 d1e2f304 0000000000000000");
	no(HEADER VERSION "00 5f000001 d1e2f304 00000000000000");
	no(HEADER VERSION "00 5f000001 d1e2f304 000000000000000000");
	no("");
}

/* Header, step and zeros are as they are; all else is the client's. */
static void test_every_bit(void **state)
{
	struct hex_bytes room;
	struct span hello =
		exact_hex(&room, HEADER VERSION "00 5f000001 d1e2f304 0000000000000000");

	(void)state;
	for (size_t at = 0; at < hello.size; at++) {
		bool is_free = (at >= 13 && at < 17) || (at >= 18 && at < 26);

		for (unsigned bit = 0; bit < 8; bit++) {
			room.data[at] ^= (uint8_t)(1 << bit);
			run_assert_one(hello, WIRE_ID_ts3, is_free ? WIRE_YES : WIRE_NO);
			room.data[at] ^= (uint8_t)(1 << bit);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_seeds),
		cmocka_unit_test(test_borders),
		cmocka_unit_test(test_every_bit),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
