/* What is taken of mbedTLS does what it should: the examples of FIPS 197 and FIPS 180. */
#include "wire/primitives.h"
#include "wire_hex.h"

static void test_aes(void **state)
{
	struct hex_bytes key;
	struct hex_bytes text;
	uint8_t out[AES_BLOCK_BYTES];
	struct aes a;

	(void)state;
	aes_open(&a, hex_of(&key, "000102030405060708090a0b0c0d0e0f").data);
	(void)hex_of(&text, "00112233445566778899aabbccddeeff");
	aes_encrypt(&a, text.data, out);
	hex_assert(out, "69c4e0d86a7b0430d8cdb78070b4c55a");
	aes_encrypt(&a, text.data, text.data); /* where it stands */
	hex_assert(text.data, "69c4e0d86a7b0430d8cdb78070b4c55a");
}

static void assert_sha256(const char *text, size_t cut, const char *expected)
{
	struct span all = span_text(text);
	uint8_t out[SHA256_BYTES];
	struct sha256 first;
	struct sha256 second;

	sha256_open(&first);
	sha256_put(&first, span_of(all.data, cut));
	sha256_copy(&second, &first);
	sha256_put(&first, span_text("astray"));
	sha256_put(&second, span_of(NULL, 0));
	sha256_put(&second, span_of(all.data + cut, all.size - cut));
	sha256_take(&second, out);
	hex_assert(out, expected);
}

static void test_sha256(void **state)
{
	static const char abc[] =
		"ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
	static const char two[] =
		"248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1";

	(void)state;
	assert_sha256("", 0, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
	for (size_t cut = 0; cut <= 3; cut++)
		assert_sha256("abc", cut, abc);
	for (size_t cut = 0; cut <= 56; cut++)
		assert_sha256("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq", cut, two);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_aes),
		cmocka_unit_test(test_sha256),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
