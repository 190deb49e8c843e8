/* NATS: CONNECT and its JSON. */
#include "wire_steps.h"

static bool begins_nats(uint8_t byte)
{
	return byte == 'C' || byte == 'c';
}

static void test_first_byte(void **state)
{
	(void)state;
	sample_assert_first_bytes(WIRE_ID_nats, begins_nats);
}

static void check_seed(const char *file, struct span sample)
{
	steps_assert_seed(WIRE_ID_nats, file, sample);
}

static void test_seeds(void **state)
{
	(void)state;
	sample_each("fuzz_wire_nats", check_seed);
}

/* Decided by the last byte of each. */
static void test_lines(void **state)
{
	static const char *const good[] = {
		"CONNECT {}\n",
		"CONNECT {}\r\n",
		"connect\t { } \t\r\n",
		"CoNnEcT {\"a\":\"}\"}\r\n",
		"CONNECT {\"a\":\"\\\"}\\\\\",\"b\":[1,-2.5e+3,true,null,{\"c\":[]}]}\r\n",
		"CONNECT {\"a\":\n{}}\r\n",
		"CONNECT {\"a\":\"\xc3\xa9\"}\r\n",
		"CONNECT {\"1\":{\"2\":{\"3\":{\"4\":{\"5\":{\"6\":{\"7\":{}}}}}}}}\r\n",
	};
	static const char *const bad[] = {
		"CONNECT{",
		"CONNECT a",
		"CONNECT [",
		"CONNECT \r",
		"CONNECTS",
		"CONNECT {a",
		"CONNECT {'",
		"CONNECT {\"a\":[}",
		"CONNECT {\"a\":{]",
		"CONNECT {\"a\";",
		"CONNECT {\"a\n",
		"CONNECT {\"a\\\n",
		"CONNECT {}x",
		"CONNECT {}}",
		"CONNECT {}\r\r",
		"CONNECT {\"1\":{\"2\":{\"3\":{\"4\":{\"5\":{\"6\":{\"7\":{\"8\":{",
	};

	(void)state;
	for (size_t i = 0; i < sizeof good / sizeof *good; i++)
		steps_assert_text(WIRE_ID_nats, good[i], WIRE_YES);
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
		steps_assert_text(WIRE_ID_nats, bad[i], WIRE_NO);
}

/* The longest line, and one that is a byte too long. */
static void test_length(void **state)
{
	static char text[8192 + 100];

	(void)state;
	for (size_t size = 8191; size <= 8193; size++) {
		struct span in = span_of(text, sizeof text);
		struct wire_hints hints;

		memset(text, 'x', sizeof text);
		memcpy(text, "CONNECT {\"a\":\"", 14);
		memcpy(text + size - 3, "\"}\n", 3);
		sample_assert(WIRE_ID_nats, in, size <= 8192 ? WIRE_YES : WIRE_NO);
		in.size = size - 1;
		assert_int_equal(sample_ask(WIRE_ID_nats, in, &hints),
				 size <= 8192 ? WIRE_MORE : WIRE_NO);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_first_byte),
		cmocka_unit_test(test_seeds),
		cmocka_unit_test(test_lines),
		cmocka_unit_test(test_length),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
