/* Syslog by TCP and by UDP: priorities, lengths, and the text behind. */
#include "wire_steps.h"
#include "wire_udp_run.h"

static bool begins(uint8_t byte)
{
	return byte == '<' || (byte >= '1' && byte <= '9');
}

static void test_first_byte(void **state)
{
	(void)state;
	sample_assert_first_bytes(WIRE_ID_syslog, begins);
}

static void check_seed(const char *file, struct span sample)
{
	steps_assert_seed(WIRE_ID_syslog, file, sample);
}

static void test_seeds(void **state)
{
	(void)state;
	sample_each("fuzz_wire_syslog_tcp", check_seed);
}

static void ask(const char *text, enum wire_verdict expected)
{
	steps_assert_text(WIRE_ID_syslog, text, expected);
}

static void test_priority(void **state)
{
	char text[16];

	(void)state;
	for (unsigned value = 0; value <= 191; value++) {
		(void)snprintf(text, sizeof text, "<%u>1", value);
		ask(text, WIRE_YES);
	}
	ask("<192", WIRE_NO);
	ask("<199", WIRE_NO);
	ask("<20>a", WIRE_YES);
	ask("<200", WIRE_NO);
	ask("<00", WIRE_NO);
	ask("<01", WIRE_NO);
	ask("<1000", WIRE_NO);
	ask("<>", WIRE_NO);
	ask("<a", WIRE_NO);
	ask("<?", WIRE_NO);
	ask("<1;", WIRE_NO);
	ask("<1 ", WIRE_NO);
	ask("<-", WIRE_NO);
}

/* The first character behind it. */
static void test_text(void **state)
{
	char text[] = "<13>x";

	(void)state;
	for (unsigned i = 1; i < 256; i++) {
		text[4] = (char)i;
		ask(text, i >= ' ' && i != 0x7f ? WIRE_YES : WIRE_NO);
	}
}

/* That of the message in front of it, in 7 digits at most. */
static void test_length(void **state)
{
	(void)state;
	ask("4 <0>x", WIRE_YES);
	ask("9 <0>x", WIRE_YES);
	ask("10 <191>x", WIRE_YES);
	ask("9999999 <0>x", WIRE_YES);
	ask("3 ", WIRE_NO);
	ask("0", WIRE_NO);
	ask("12345678", WIRE_NO);
	ask("12<", WIRE_NO);
	ask("12 1", WIRE_NO);
	ask("12  ", WIRE_NO);
	ask("12 <192", WIRE_NO);
	ask("+", WIRE_NO);
}

static void check_datagrams(const char *file, struct span sample)
{
	struct udp_run run;

	print_message("%s\n", file);
	run_take(&run, sample);
	run_assert(&run, WIRE_ID_syslog, sample_is(file, "near-") ? WIRE_NO : WIRE_YES, false, "");
}

static void test_seeds_of_udp(void **state)
{
	(void)state;
	sample_each("fuzz_wire_syslog", check_datagrams);
}

static void one(const char *text, size_t size, enum wire_verdict expected)
{
	run_assert_one(span_of(text, size), WIRE_ID_syslog, expected);
}

/* All of a datagram is text. */
static void test_datagram(void **state)
{
	(void)state;
	one("<0>x", 4, WIRE_YES);
	one("<0>", 3, WIRE_NO);
	one("", 0, WIRE_NO);
	one("<192>x", 6, WIRE_NO);
	one("4 <0>x", 6, WIRE_NO);
	one("<0>x\0", 5, WIRE_YES);
	one("<0>x\n\0\0", 7, WIRE_YES);
	one("<0>x\0y", 6, WIRE_NO);
	one("<0>\0", 4, WIRE_NO);
	for (unsigned i = 0; i < 256; i++) {
		char text[] = "<13>text and x more";
		bool fits =
			(i >= ' ' && i != 0x7f) || i == '\t' || i == '\n' || i == '\r' || i == 0x1b;

		text[13] = (char)i;
		one(text, sizeof text - 1, fits ? WIRE_YES : WIRE_NO);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_first_byte), cmocka_unit_test(test_seeds),
		cmocka_unit_test(test_priority),   cmocka_unit_test(test_text),
		cmocka_unit_test(test_length),     cmocka_unit_test(test_seeds_of_udp),
		cmocka_unit_test(test_datagram),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
