/* Bytes as text, six bits in each character: the examples of RFC 4648 10, and what is no such text. */
#include <errno.h>

#include "base/base64.h"
#include "unit.h"

static void test_examples(void **state)
{
	static const char *const pairs[][2] = {
		{ "", "" },
		{ "f", "Zg==" },
		{ "fo", "Zm8=" },
		{ "foo", "Zm9v" },
		{ "foob", "Zm9vYg==" },
		{ "fooba", "Zm9vYmE=" },
		{ "foobar", "Zm9vYmFy" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++) {
		size_t size = strlen(pairs[i][0]);
		uint8_t out[8] = { 0 };
		char text[16];

		assert_int_equal(base64_decode(out, sizeof out, span_text(pairs[i][1])), size);
		assert_memory_equal(out, pairs[i][0], size);
		base64_encode(text, span_text(pairs[i][0]));
		assert_string_equal(text, pairs[i][1]);
		assert_int_equal(strlen(text), BASE64_SIZE(size));
	}
}

/* There and back again. */
static void test_every_byte(void **state)
{
	uint8_t bytes[256];
	char text[BASE64_SIZE(256) + 1];

	(void)state;
	for (size_t size = 0; size <= sizeof bytes; size++) {
		uint8_t out[257];

		for (size_t i = 0; i < size; i++)
			bytes[i] = (uint8_t)(i * 167 + size);
		memset(out, 0xee, sizeof out);
		base64_encode(text, span_of(bytes, size));
		assert_int_equal(base64_decode(out, 256, span_text(text)), size);
		assert_memory_equal(out, bytes, size);
		assert_int_equal(out[size], 0xee);
	}
}

static void test_more_than_there_is_room_for(void **state)
{
	uint8_t out[3] = { 0, 0, 0xee };

	(void)state;
	assert_int_equal(base64_decode(out, 2, span_text("Zm9vYmFy")), 6);
	assert_memory_equal(out, "fo\xee", 3);
	assert_int_equal(base64_decode(NULL, 0, span_text("Zm9vYmFy")), 6);
	assert_int_equal(base64_decode(out, 2, span_text("Zm9vYmF-")), -EINVAL);
}

static void test_no_base64(void **state)
{
	static const char *const bad[] = {
		"Z",    "Zg",   "Zg=",  "Zm9",  "=",    "====", "Z===", "Zg==Zg==", "Zm=v",
		"Zh==", "Zm9=", "Zm8 ", " Zm8", "Zm8-", "Zm8_", "Zm8.", "Zm8\n",    "Z\xc3\xa4v",
	};
	uint8_t out[8];

	(void)state;
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
		assert_int_equal(base64_decode(out, sizeof out, span_text(bad[i])), -EINVAL);
	assert_int_equal(base64_decode(out, sizeof out, span_of("Zm8\0", 4)), -EINVAL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_examples),
		cmocka_unit_test(test_every_byte),
		cmocka_unit_test(test_more_than_there_is_room_for),
		cmocka_unit_test(test_no_base64),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
