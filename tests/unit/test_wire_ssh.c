/* SSH: banners of real clients, and the words that begin as it does. */
#include "wire_samples.h"

static void ask(const char *text, enum wire_verdict expected)
{
	sample_assert(WIRE_ID_ssh, span_text(text), expected);
}

static bool begins_banner(uint8_t byte)
{
	return byte == 'S';
}

static void test_first_byte(void **state)
{
	(void)state;
	sample_assert_first_bytes(WIRE_ID_ssh, begins_banner);
}

static void check_seed(const char *file, struct span sample)
{
	struct wire_hints hints;
	enum wire_verdict expected = sample_is(file, "near-") ? WIRE_NO : WIRE_YES;

	print_message("%s\n", file);
	sample_assert(WIRE_ID_ssh, sample, expected);
	assert_int_equal(sample_ask(WIRE_ID_ssh, sample, &hints), expected);
	if (expected == WIRE_NO)
		return;
	assert_int_equal(hints.name_size, 0);
	assert_int_equal(hints.alpn_size, 0);
}

static void test_seeds(void **state)
{
	(void)state;
	sample_each("fuzz_wire_ssh", check_seed);
}

static void test_versions(void **state)
{
	(void)state;
	ask("SSH-2.0-", WIRE_YES);
	ask("SSH-1.99-", WIRE_YES);
	ask("SSH-1.5-", WIRE_YES);
	ask("SSH-2.0", WIRE_MORE);
	ask("SSH-1.9", WIRE_MORE);
	ask("SSH-3.0-", WIRE_NO);
	ask("SSH-2.1-", WIRE_NO);
	ask("SSH-1.3-", WIRE_NO);
	ask("SSH-1.9-", WIRE_NO);
	ask("SSH-2.0 ", WIRE_NO);
	ask("ssh-2.0-", WIRE_NO);
	ask("\r\nSSH-2.0-x\r\n", WIRE_NO);
}

/* Refused at the byte that differs, not later. */
static void test_near_misses(void **state)
{
	static const char *const words[] = { "SETUP", "SE",  "SU",    "ST",      "SO",
					     "SSH ",  "SSL", "SSH-0", "SSH-1.0", "SSH-2.0\r" };

	(void)state;
	for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
		ask(words[i], WIRE_NO);
}

static void test_wanted(void **state)
{
	static const char *const texts[] = { "",       "S",       "SSH-",    "SSH-2.0",
					     "SSH-1.", "SSH-1.5", "SSH-1.9", "SSH-1.99" };
	struct wire_hints hints;

	(void)state;
	for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
		struct span in = span_text(texts[i]);

		assert_int_equal(sample_ask(WIRE_ID_ssh, in, &hints), WIRE_MORE);
		assert_int_equal(hints.wanted, in.size + 1);
	}
	assert_int_equal(sample_ask(WIRE_ID_ssh, span_of(NULL, 0), &hints), WIRE_MORE);
	assert_int_equal(wire_proto_at(WIRE_ID_ssh)->tcp.most_bytes, strlen("SSH-1.99-"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_first_byte), cmocka_unit_test(test_seeds),
		cmocka_unit_test(test_versions),   cmocka_unit_test(test_near_misses),
		cmocka_unit_test(test_wanted),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
