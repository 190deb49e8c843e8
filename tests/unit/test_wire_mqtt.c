/* MQTT: each field of a CONNECT packet, as far as they are alike for all. */
#include "wire_steps.h"

static bool begins(uint8_t byte)
{
	return byte == 0x10;
}

static void test_first_byte(void **state)
{
	(void)state;
	sample_assert_first_bytes(WIRE_ID_mqtt, begins);
}

static void check_seed(const char *file, struct span sample)
{
	steps_assert_seed(WIRE_ID_mqtt, file, sample);
}

static void test_seeds(void **state)
{
	(void)state;
	sample_each("fuzz_wire_mqtt", check_seed);
}

static void yes(const char *hex)
{
	steps_assert_hex(WIRE_ID_mqtt, hex, WIRE_YES);
}

static void no(const char *hex)
{
	steps_assert_hex(WIRE_ID_mqtt, hex, WIRE_NO);
}

/* With one byte to four, of 12 at least, and none too many. */
static void test_length(void **state)
{
	(void)state;
	no("100b");
	yes("100c00044d5154540400");
	yes("107f00044d5154540400");
	yes("10800100044d5154540400");
	yes("10ff7f00044d5154540400");
	yes("10ffff7f00044d5154540400");
	yes("10ffffff7f00044d5154540400");
	yes("10ffffff7f00064d51497364700300"); /* as long as can be */
	no("10ffffff80");
	no("108c00");
	no("10808000");
	no("1080808000");
	no("1000");
}

static void test_name_and_level(void **state)
{
	(void)state;
	yes("100c00044d5154540402");
	yes("101000044d5154540502");
	yes("100c00044d5154548402");
	yes("100e00064d51497364700302");
	yes("100e00064d51497364708302");
	no("100c01");
	no("100c0003");
	no("100c0005");
	no("100c0007");
	no("100c00044e");
	no("100c00044d5153");
	no("100c00044d51545403");
	no("100c00044d51545406");
	no("100c00044d51545483");
	no("100c00044d51545485");
	no("100c00044d51545402");
	no("100e00064d5154");
	no("100e00064d514973647004");
	no("100e00064d514973647005");
	no("100e00064d514973647084");
}

/* Which flags go with each other, and how much must follow. */
static void test_flags(void **state)
{
	(void)state;
	no("107f00044d5154540401"); /* reserved */
	no("107f00044d515454041c"); /* a will of quality 3 */
	no("107f00044d5154540408"); /* quality and no will */
	no("107f00044d5154540420");
	no("107f00044d5154540440");  /* a password and no user */
	yes("107f00044d5154540540"); /* which 5.0 allows */
	yes("107f00044d51545404f6");
	no("107f00044d51545405fe");
	yes("101000044d5154540404");
	no("100f00044d5154540404");
	yes("100e00044d5154540480");
	no("100d00044d5154540480");
	yes("101000044d51545404c0");
	no("100f00044d51545404c0");
	yes("100d00044d5154540500");
	no("100c00044d5154540500");
	yes("101200044d5154540504");
	no("101100044d5154540504");
	yes("100e00064d51497364700300");
	no("100d00064d51497364700300");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_first_byte), cmocka_unit_test(test_seeds),
		cmocka_unit_test(test_length),     cmocka_unit_test(test_name_and_level),
		cmocka_unit_test(test_flags),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
