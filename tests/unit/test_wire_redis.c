/* Redis: how many words, how long the first one is, and what it may hold. */
#include "wire_steps.h"

static bool begins(uint8_t byte)
{
	return byte == '*';
}

static void test_first_byte(void **state)
{
	(void)state;
	sample_assert_first_bytes(WIRE_ID_redis, begins);
}

static void check_seed(const char *file, struct span sample)
{
	steps_assert_seed(WIRE_ID_redis, file, sample);
}

static void test_seeds(void **state)
{
	(void)state;
	sample_each("fuzz_wire_redis", check_seed);
}

static void ask(const char *text, enum wire_verdict expected)
{
	steps_assert_text(WIRE_ID_redis, text, expected);
}

static void test_words(void **state)
{
	(void)state;
	ask("*1\r\n$4\r\nPING\r\n", WIRE_YES);
	ask("*1048576\r\n$4\r\nMSET\r\n", WIRE_YES);
	ask("*1048577\r", WIRE_NO);
	ask("*9999999\r", WIRE_NO);
	ask("*10000000", WIRE_NO);
	ask("*0", WIRE_NO);
	ask("*-", WIRE_NO);
	ask("*1\n", WIRE_NO);
	ask("*1 ", WIRE_NO);
	ask("*1\rx", WIRE_NO);
}

static void test_first_word(void **state)
{
	char text[128] = "*1\r\n$64\r\n";
	const size_t size = strlen(text);

	(void)state;
	memset(text + size, 'A', 64);
	ask(text, WIRE_MORE);
	memcpy(text + size + 64, "\r\n", 3);
	ask(text, WIRE_YES);
	memmove(text + 6, text, size + 67); /* the longest beginning there is */
	memcpy(text, "*100000", 7);
	ask(text, WIRE_YES);
	ask("*1\r\n$65\r", WIRE_NO);
	ask("*1\r\n$100", WIRE_NO);
	ask("*1\r\n$0", WIRE_NO);
	ask("*1\r\n$-", WIRE_NO);
	ask("*1\r\n:", WIRE_NO);
	ask("*1\r\n$4\r\nPIN ", WIRE_NO);
	ask("*1\r\n$4\r\nPINGS", WIRE_NO);
	ask("*1\r\n$4\r\nPING\rx", WIRE_NO);
	ask("*2\r\n$9\r\nFT.SEARCH\r\n", WIRE_YES);
	ask("*2\r\n$3\r\nx_1\r\n", WIRE_YES);
	ask("*2\r\n$3\r\na-b\r\n", WIRE_YES);
	ask("*2\r\n$3\r\na|b\r\n", WIRE_YES);
}

/* Commands typed as words are none: they may be another's. */
static void test_words_alone(void **state)
{
	(void)state;
	ask("P", WIRE_NO);
	ask("g", WIRE_NO);
	ask("+", WIRE_NO);
	ask("$", WIRE_NO);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_first_byte),  cmocka_unit_test(test_seeds),
		cmocka_unit_test(test_words),       cmocka_unit_test(test_first_word),
		cmocka_unit_test(test_words_alone),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
