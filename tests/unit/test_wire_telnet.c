/* Telnet: real clients, every first command, and what else begins with IAC. */
#include "wire_ask.h"

enum { ID = WIRE_ID_telnet };

static void check_seed(const char *file, struct span sample)
{
	ask_seed(ID, file, sample);
}

static void test_seeds(void **state)
{
	(void)state;
	sample_each("fuzz_wire_telnet", check_seed);
}

static bool begins(uint8_t byte)
{
	return byte == 255;
}

static void test_first_byte(void **state)
{
	(void)state;
	sample_assert_first_bytes(ID, begins);
}

static void test_commands(void **state)
{
	(void)state;
	ask_bytes(ID, "fffb03", 1, 2, 4);
	ask_bytes(ID, "fffb03", 2, 3, 54);
	for (unsigned verb = 0; verb < 256; verb++) {
		uint8_t bytes[] = { 255, (uint8_t)verb, 31 };

		sample_assert(ID, span_of(bytes, 2),
			      verb >= 251 && verb <= 254 ? WIRE_MORE : WIRE_NO);
		sample_assert(ID, span_of(bytes, 3),
			      verb >= 251 && verb <= 254 ? WIRE_YES : WIRE_NO);
	}
}

static void test_near_misses(void **state)
{
	(void)state;
	ask_hex(ID, "fffb90", WIRE_NO); /* MPEG-1 audio, layer 3 */
	ask_hex(ID, "ffff", WIRE_NO);   /* BGP */
	ask_hex(ID, "fffa", WIRE_NO);   /* a subnegotiation of nothing that was agreed on */
	ask_hex(ID, "fffd32", WIRE_NO);
	ask_hex(ID, "fffd89", WIRE_NO);
	ask_hex(ID, "fffd8a", WIRE_YES);
	ask_hex(ID, "fffd8d", WIRE_NO);
	ask_hex(ID, "fffe00", WIRE_YES);
	ask_hex(ID, "fffcff", WIRE_YES);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_seeds),
		cmocka_unit_test(test_first_byte),
		cmocka_unit_test(test_commands),
		cmocka_unit_test(test_near_misses),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
