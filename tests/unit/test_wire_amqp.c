/* AMQP: the header of each version, and those that are none. */
#include "wire_steps.h"

static bool begins(uint8_t byte)
{
	return byte == 'A';
}

static void test_first_byte(void **state)
{
	(void)state;
	sample_assert_first_bytes(WIRE_ID_amqp, begins);
}

static void check_seed(const char *file, struct span sample)
{
	steps_assert_seed(WIRE_ID_amqp, file, sample);
}

static void test_seeds(void **state)
{
	(void)state;
	sample_each("fuzz_wire_amqp", check_seed);
}

static void yes(const char *hex)
{
	steps_assert_hex(WIRE_ID_amqp, hex, WIRE_YES);
}

static void no(const char *hex)
{
	steps_assert_hex(WIRE_ID_amqp, hex, WIRE_NO);
}

/* Exactly these versions of the first four bytes' protocol. */
static void test_versions(void **state)
{
	static const uint32_t versions[] = { 0x00000901, 0x00010000, 0x01010009, 0x0101000a,
					     0x01010800, 0x01010901, 0x02010000, 0x03010000 };
	char hex[24];

	(void)state;
	for (size_t i = 0; i < sizeof versions / sizeof *versions; i++) {
		(void)snprintf(hex, sizeof hex, "414d5150%08x", versions[i]);
		yes(hex);
		for (unsigned byte = 0; byte < 256; byte++) {
			bool is_known = false;
			uint32_t other = (versions[i] & 0xffffff00) | byte;

			for (size_t k = 0; k < sizeof versions / sizeof *versions; k++)
				is_known |= versions[k] == other;
			(void)snprintf(hex, sizeof hex, "414d5150%08x", other);
			if (!is_known)
				no(hex);
		}
	}
}

/* Refused at the byte that differs. */
static void test_near_misses(void **state)
{
	(void)state;
	no("4155");
	no("414d5153");
	no("414d515004");
	no("414d51500002");
	no("414d5150000008");
	no("414d5150010107");
	no("414d515020");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_first_byte),
		cmocka_unit_test(test_seeds),
		cmocka_unit_test(test_versions),
		cmocka_unit_test(test_near_misses),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
