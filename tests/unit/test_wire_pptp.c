/* PPTP: each byte of its first fourteen. */
#include "wire_steps.h"

static const uint8_t request[] = { 0, 0x9c, 0, 1, 0x1a, 0x2b, 0x3c, 0x4d, 0, 1, 0, 0, 1, 0 };

static bool begins_pptp(uint8_t byte)
{
	return byte == 0;
}

static void test_first_byte(void **state)
{
	(void)state;
	sample_assert_first_bytes(WIRE_ID_pptp, begins_pptp);
}

static void check_seed(const char *file, struct span sample)
{
	steps_assert_seed(WIRE_ID_pptp, file, sample);
}

static void test_seeds(void **state)
{
	(void)state;
	sample_each("fuzz_wire_pptp", check_seed);
}

/* Its bytes, one by one; and refused at the byte that differs, in whichever bit. */
static void test_each_byte(void **state)
{
	(void)state;
	steps_assert(WIRE_ID_pptp, span_of(request, sizeof request), WIRE_YES, sizeof request);
	for (size_t at = 0; at < sizeof request; at++) {
		for (unsigned bit = 0; bit < 8; bit++) {
			uint8_t wrong[sizeof request];

			memcpy(wrong, request, sizeof wrong);
			wrong[at] ^= (uint8_t)(1u << bit);
			steps_assert(WIRE_ID_pptp, span_of(wrong, sizeof wrong), WIRE_NO, at + 1);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_first_byte),
		cmocka_unit_test(test_seeds),
		cmocka_unit_test(test_each_byte),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
