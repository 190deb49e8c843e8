/* SMB: both negotiations, and NetBIOS. */
#include "wire_steps.h"

static bool begins(uint8_t byte)
{
	return byte == 0 || byte == 0x81;
}

static void test_first_byte(void **state)
{
	(void)state;
	sample_assert_first_bytes(WIRE_ID_smb, begins);
}

static void check_seed(const char *file, struct span sample)
{
	steps_assert_seed(WIRE_ID_smb, file, sample);
}

static void test_seeds(void **state)
{
	(void)state;
	sample_each("fuzz_wire_smb", check_seed);
}

static void yes(const char *hex)
{
	steps_assert_hex(WIRE_ID_smb, hex, WIRE_YES);
}

static void no(const char *hex)
{
	steps_assert_hex(WIRE_ID_smb, hex, WIRE_NO);
}

static void test_negotiation_of_1(void **state)
{
	(void)state;
	yes("00000023 ff534d42 72 00000000");
	yes("0000ffff ff534d42 72 00000000");
	no("0001");
	no("00000022");
	no("00000000");
	no("00000023 fb");
	no("00000023 fd");
	no("00000023 fc");
	no("00000023 ff54");
	no("00000023 ff534e");
	no("00000023 ff534d43");
	no("00000023 ff534d42 73");
	no("00000023 ff534d42 72 01");
	no("00000023 ff534d42 72 00000001");
}

static void test_negotiation_of_2(void **state)
{
	(void)state;
	yes("00000064 fe534d42 4000 0100 00000000 0000");
	yes("0000ffff fe534d42 4000 ffff 00000000 0000");
	no("00000063 fe534d42");
	no("00000064 fe534d42 3f");
	no("00000064 fe534d42 41");
	no("00000064 fe534d42 4001");
	no("00000064 fe534d42 4000 0000 01");
	no("00000064 fe534d42 4000 0000 00000001");
	no("00000064 fe534d42 4000 0000 00000000 01");
	no("00000064 fe534d42 4000 0000 00000000 0001");
}

static void test_netbios(void **state)
{
	static const char name[] =
		"20 4142434445464748494a4b4c4d4e4f50 41414141414141414141414141414141 00";
	char hex[256];

	(void)state;
	(void)snprintf(hex, sizeof hex, "81000044%s%s", name, name);
	yes(hex);
	(void)snprintf(hex, sizeof hex, "81000044%s20", name);
	steps_assert_hex(WIRE_ID_smb, hex, WIRE_MORE);
	(void)snprintf(hex, sizeof hex, "81000044%s21", name);
	no(hex);
	(void)snprintf(hex, sizeof hex, "81000044%.*s01", (int)(sizeof name - 3), name);
	no(hex);
	(void)snprintf(hex, sizeof hex, "81000044%s2051", name);
	no(hex);
	no("82");
	no("8101");
	no("81000045");
	no("81000043");
	no("8100004421");
	no("810000442040");
	no("8100004420414151");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_first_byte),       cmocka_unit_test(test_seeds),
		cmocka_unit_test(test_negotiation_of_1), cmocka_unit_test(test_negotiation_of_2),
		cmocka_unit_test(test_netbios),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
