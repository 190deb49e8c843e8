/* tinc: its first line, of either version and of who is invited. */
#include "wire_steps.h"

enum { NAME_MOST = 255, KEY_BYTES = 43 };

static void assert_yes(const char *text)
{
	steps_assert_text(WIRE_ID_tinc, text, WIRE_YES);
}

static void assert_no(const char *text)
{
	steps_assert_text(WIRE_ID_tinc, text, WIRE_NO);
}

static bool begins_tinc(uint8_t byte)
{
	return byte == '0';
}

static void test_first_byte(void **state)
{
	(void)state;
	sample_assert_first_bytes(WIRE_ID_tinc, begins_tinc);
}

static void check_seed(const char *file, struct span sample)
{
	steps_assert_seed(WIRE_ID_tinc, file, sample);
}

static void test_seeds(void **state)
{
	(void)state;
	sample_each("fuzz_wire_tinc", check_seed);
}

static void test_line(void **state)
{
	(void)state;
	assert_yes("0 t 17\n");
	assert_yes("0 aZ09_ 17.0\n");
	assert_yes("0 t 17.12\n");
	assert_yes("0 ?0123456789+/-_ABCDEFGHIJKLMNOPQRSTUVWXYZabc 17.7\n");
	assert_no("0 ?.");
	assert_no("1");
	assert_no("00");
	assert_no("0  "); /* no name */
	assert_no("0 a-");
	assert_no("0 ^");
	assert_no("0 t  ");
	assert_no("0 t 16");
	assert_no("0 t 17 ");
	assert_no("0 t 17\r");
	assert_no("0 t 17.\n");
	assert_no("0 t 17.123");
	assert_no("0 t 17.a");
}

/* A name as long as may be, and one byte more; a key of another size. */
static void test_sizes(void **state)
{
	char text[NAME_MOST + 16] = "0 ";

	(void)state;
	memset(text + 2, 'n', NAME_MOST + 1);
	steps_assert(WIRE_ID_tinc, span_text(text), WIRE_NO, 2 + NAME_MOST + 1);
	memcpy(text + 2 + NAME_MOST, " 17.99\n", sizeof " 17.99\n");
	assert_yes(text);
	assert_int_equal(wire_proto_at(WIRE_ID_tinc)->tcp.most_bytes, strlen(text));
	memset(text + 2, 'k', sizeof text - 3);
	text[2] = '?';
	memcpy(text + 3 + KEY_BYTES, " 17.1\n", sizeof " 17.1\n");
	assert_yes(text);
	text[3 + KEY_BYTES] = 'k';
	steps_assert(WIRE_ID_tinc, span_text(text), WIRE_NO, 3 + KEY_BYTES + 1);
	text[2 + KEY_BYTES] = ' ';
	steps_assert(WIRE_ID_tinc, span_text(text), WIRE_NO, 3 + KEY_BYTES);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_first_byte),
		cmocka_unit_test(test_seeds),
		cmocka_unit_test(test_line),
		cmocka_unit_test(test_sizes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
