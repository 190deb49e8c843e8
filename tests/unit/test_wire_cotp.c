/* ISO's transport over TCP: the parameters of its connection request, and RDP beside it. */
#include "wire_steps.h"

static void assert_yes(const char *hex)
{
	steps_assert_hex(WIRE_ID_cotp, hex, WIRE_YES);
}

static void assert_no(const char *hex)
{
	steps_assert_hex(WIRE_ID_cotp, hex, WIRE_NO);
}

static bool begins_cotp(uint8_t byte)
{
	return byte == 3;
}

static void test_first_byte(void **state)
{
	(void)state;
	sample_assert_first_bytes(WIRE_ID_cotp, begins_cotp);
}

static void check_seed(const char *file, struct span sample)
{
	steps_assert_seed(WIRE_ID_cotp, file, sample);
}

static void test_seeds(void **state)
{
	(void)state;
	sample_each("fuzz_wire_cotp", check_seed);
}

static void test_head(void **state)
{
	(void)state;
	assert_yes("0300000b06e00000000100");
	assert_yes("0300000b06e00000000120");
	assert_yes("0300000b06e00000000123");
	assert_no("0300000b06e00000000124");
	assert_no("0300000b06e00000000101");
	assert_no("0300000b06e0000000011f");
	assert_no("0300000b06e00000000000"); /* RDP's */
	assert_no("0300000b06d0");
	assert_no("0300000b07");
}

static void test_parameters(void **state)
{
	(void)state;
	assert_yes("0300000e09e00000000000c0010a");
	assert_yes("0300000e09e00000000100c00107");
	assert_yes("0300000e09e00000000100c0010d");
	assert_no("0300000e09e00000000100c00106");
	assert_no("0300000e09e00000000100c0010e");
	assert_no("0300000e09e00000000100c002");
	assert_no("0300000e09e00000000100c000");
	assert_no("0300000f0ae00000000100c002");
	assert_no("0300000d08e00000000100c001");  /* ends ahead of its value */
	assert_yes("0300000d08e000000001008000"); /* the least code */
	assert_yes("0300000d08e00000000100c100");
	assert_yes("0300001510e00000000100c1034142438200c20144");
	assert_no("0300001510e00000000100c1034142437f");
	assert_no("0300000e09e00000000100c102");
	assert_no("0300000c07e00000000100c1"); /* no place for a length */
	assert_no("0300000e09e000000001007f");
	assert_no("0300000e09e0000000010001");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_first_byte),
		cmocka_unit_test(test_seeds),
		cmocka_unit_test(test_head),
		cmocka_unit_test(test_parameters),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
