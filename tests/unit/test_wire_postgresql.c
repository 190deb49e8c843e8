/* PostgreSQL: requests of each kind, parameters, and the database for a name. */
#include "wire_steps.h"

static bool begins(uint8_t byte)
{
	return byte == 0;
}

static void test_first_byte(void **state)
{
	(void)state;
	sample_assert_first_bytes(WIRE_ID_postgresql, begins);
}

static void check_seed(const char *file, struct span sample)
{
	steps_assert_seed(WIRE_ID_postgresql, file, sample);
}

static void test_seeds(void **state)
{
	(void)state;
	sample_each("fuzz_wire_postgresql", check_seed);
}

static void yes(const char *hex)
{
	steps_assert_hex(WIRE_ID_postgresql, hex, WIRE_YES);
}

static void no(const char *hex)
{
	steps_assert_hex(WIRE_ID_postgresql, hex, WIRE_NO);
}

static void test_requests(void **state)
{
	(void)state;
	yes("00000008 04d2162f");
	yes("00000008 04d21630");
	no("00000008 04d2162e");
	no("00000008 04d21631");
	no("00000008 00");
	yes("00000010 04d2162e");
	yes("0000010c 04d2162e");
	no("00000010 04d2162f");
	no("0000010d 04");
	no("00000009");
	no("0000000f");
	no("00002711");
	no("0001");
}

#define USER                                                                                       \
	"7573657200"                                                                               \
	"7300" /* user s */
#define BASE                                                                                       \
	"646174616261736500"                                                                       \
	"622e6300" /* database b.c */

static void test_startup(void **state)
{
	(void)state;
	yes("00000010 00030000" USER "00");
	yes("00000010 0003ffff" USER "00");
	yes("0000001d 00030000" BASE USER "00");
	no("00000010 0002");
	no("00000010 0004");
	no("00000010 00030000 00");
	no("00000010 00030000 31");
	no("00000010 00030000 7520");
	no("00000016 00030000" BASE "00");
	no("00000015 00030000 646174616261736500 622e63");
	/* a name that leaves no room for its value */
	no("00000010 00030000 612e2d245f30");
	no("00000018 00030000 6161616161616161616161616161");
}

/* Bytes in hexadecimal, of which all but the last are MORE: the name with them. */
static void named(const char *hex, const char *name)
{
	struct wire_hints hints;
	struct hex_bytes room;
	struct span in = hex_of(&room, hex);

	yes(hex);
	assert_int_equal(sample_ask(WIRE_ID_postgresql, in, &hints), WIRE_YES);
	sample_assert_name(&hints, name);
	assert_int_equal(hints.alpn_size, 0);
}

static void test_name(void **state)
{
	(void)state;
	named("00000008 04d2162f", "");
	named("00000010 00030000" USER "00", "");
	named("0000001d 00030000" USER BASE "00", "b.c");
	named("0000001d 00030000" BASE USER "00", "b.c");
	named("0000001d 00030000" USER "646174616261736500 424c4100 00", "bla");
	named("0000001d 00030000" USER "646174616261736500 62206300 00", ""); /* a blank */
	named("0000002a 00030000" USER BASE BASE "00", "");
	named("0000001e 00030000" USER "6461746162617365 7300 622e6300 00", "");
	/* it ends with a zero, and one or two bytes ahead of that are no parameter */
	named("0000001d 00030000" USER BASE "01", "");
	named("0000001e 00030000" USER BASE, "");
	named("0000001f 00030000" USER BASE, "");
}

/* From the user on it is sure, and stays so, in form or not; then there is no name. */
static void test_sure(void **state)
{
	const char *const broken[] = { "0000001d 00030000" USER "31",
				       "0000001d 00030000" USER "612062",
				       "00000011 00030000" USER "00 00",
				       "0000001d 00030000" USER "646174616261736500 622e636465" };
	struct wire_hints hints;
	struct hex_bytes room;
	struct span in = hex_of(&room, "0000001d 00030000" USER BASE "00");

	(void)state;
	for (size_t size = 0; size < in.size; size++) {
		assert_int_equal(sample_ask(WIRE_ID_postgresql, span_of(in.data, size), &hints),
				 WIRE_MORE);
		assert_int_equal(hints.is_sure, size >= 15);
		assert_int_equal(hints.name_size, 0);
	}
	for (size_t i = 0; i < sizeof broken / sizeof *broken; i++) {
		in = hex_of(&room, broken[i]);
		sample_assert(WIRE_ID_postgresql, in, WIRE_YES);
		assert_int_equal(sample_ask(WIRE_ID_postgresql, in, &hints), WIRE_YES);
		assert_int_equal(hints.name_size, 0);
	}
}

static void test_long_message(void **state)
{
	static uint8_t bytes[10000] = { 0, 0, 0x27, 0x10, 0, 3, 0, 0, 'u', 's', 'e', 'r', 0 };

	(void)state;
	memset(bytes + 13, 's', sizeof bytes - 15);
	sample_assert(WIRE_ID_postgresql, span_of(bytes, sizeof bytes - 1), WIRE_MORE);
	sample_assert(WIRE_ID_postgresql, span_of(bytes, sizeof bytes), WIRE_YES);
}

/* A parameter's name of 128 bytes at most. */
static void test_long_name(void **state)
{
	static uint8_t bytes[400] = { 0, 0, 0x01, 0x90, 0, 3, 0, 0 };

	(void)state;
	memset(bytes + 8, 'a', 129);
	steps_assert(WIRE_ID_postgresql, span_of(bytes, 137), WIRE_NO, 137);
	bytes[8 + 128] = 0;
	sample_assert(WIRE_ID_postgresql, span_of(bytes, 137), WIRE_MORE);
}

/* The seeds have names where theirs does not say otherwise. */
static void check_name(const char *file, struct span sample)
{
	struct wire_hints hints;

	if (sample_is(file, "near-"))
		return;
	assert_int_equal(sample_ask(WIRE_ID_postgresql, sample, &hints), WIRE_YES);
	assert_int_equal(hints.name_size == 0, strstr(file, "-noname") != NULL);
}

static void test_names_of_seeds(void **state)
{
	(void)state;
	sample_each("fuzz_wire_postgresql", check_name);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_first_byte),     cmocka_unit_test(test_seeds),
		cmocka_unit_test(test_requests),       cmocka_unit_test(test_startup),
		cmocka_unit_test(test_name),           cmocka_unit_test(test_sure),
		cmocka_unit_test(test_long_message),   cmocka_unit_test(test_long_name),
		cmocka_unit_test(test_names_of_seeds),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
