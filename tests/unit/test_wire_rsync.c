/* rsync: the greeting of its daemon protocol. */
#include "wire_steps.h"

static bool begins_rsync(uint8_t byte)
{
	return byte == '@';
}

static void test_first_byte(void **state)
{
	(void)state;
	sample_assert_first_bytes(WIRE_ID_rsync, begins_rsync);
}

static void check_seed(const char *file, struct span sample)
{
	steps_assert_seed(WIRE_ID_rsync, file, sample);
}

static void test_seeds(void **state)
{
	(void)state;
	sample_each("fuzz_wire_rsync", check_seed);
}

static void test_lines(void **state)
{
	(void)state;
	steps_assert_text(WIRE_ID_rsync, "@RSYNCD: 29\n", WIRE_YES);
	steps_assert_text(WIRE_ID_rsync, "@RSYNCD: 31.14\n", WIRE_YES);
	steps_assert_text(WIRE_ID_rsync, "@RSYNCD: 32.0 sha512 md5\n", WIRE_YES);
	steps_assert_text(WIRE_ID_rsync, "@RSYNCD: 32 md5\n", WIRE_YES);
	steps_assert_text(WIRE_ID_rsync, "@RSYNCD: 999.999\n", WIRE_YES);
	steps_assert_text(WIRE_ID_rsync, "@RSYNCD: 1000", WIRE_NO);
	steps_assert_text(WIRE_ID_rsync, "@RSYNCD: 31.1000", WIRE_NO);
	steps_assert_text(WIRE_ID_rsync, "@RSYNCD: 31..", WIRE_NO);
	steps_assert_text(WIRE_ID_rsync, "@RSYNCD: 31.0.", WIRE_NO);
	steps_assert_text(WIRE_ID_rsync, "@RSYNCD: \n", WIRE_NO);
	steps_assert_text(WIRE_ID_rsync, "@RSYNCD: 31\r", WIRE_NO);
	steps_assert_text(WIRE_ID_rsync, "@RSYNCD: 31 \x01", WIRE_NO);
	steps_assert_text(WIRE_ID_rsync, "@RSYNCD:3", WIRE_NO);
	steps_assert_text(WIRE_ID_rsync, "@r", WIRE_NO);
}

/* Each byte of its fixed part. */
static void test_fixed(void **state)
{
	(void)state;
	for (size_t at = 0; at < strlen("@RSYNCD: "); at++) {
		char text[] = "@RSYNCD: ";

		text[at] ^= 0x20;
		steps_assert(WIRE_ID_rsync, span_of(text, sizeof text), WIRE_NO, at + 1);
	}
}

/* The longest line, and one that is a byte too long: refused when its end cannot be in time. */
static void test_length(void **state)
{
	char text[300];

	(void)state;
	for (size_t size = 255; size <= 257; size++) {
		memset(text, 'x', sizeof text);
		memcpy(text, "@RSYNCD: 31.0 ", 14);
		text[size - 1] = '\n';
		steps_assert(WIRE_ID_rsync, span_of(text, sizeof text),
			     size <= 256 ? WIRE_YES : WIRE_NO, size <= 256 ? size : 256);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_first_byte), cmocka_unit_test(test_seeds),
		cmocka_unit_test(test_lines),      cmocka_unit_test(test_fixed),
		cmocka_unit_test(test_length),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
