/* HMAC and HKDF: the examples of RFC 4231 and RFC 5869. Labels: those of test_wire_quic_crypto. */
#include "wire/hkdf.h"
#include "wire_hex.h"

static void test_hmac(void **state)
{
	uint8_t out[SHA256_BYTES];
	struct hex_bytes key;
	struct hmac h;

	(void)state;
	hmac_open(&h, hex_of(&key, "0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b"));
	hmac_of(&h, span_text("Hi There"), out);
	hex_assert(out, "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7");
	hmac_of(&h, span_text("something else"), out);
	hmac_of(&h, span_text("Hi There"), out); /* a key is good for many */
	hex_assert(out, "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7");
	hmac_open(&h, span_text("Jefe"));
	hmac_of(&h, span_text("what do ya want for nothing?"), out);
	hex_assert(out, "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
}

/* A key as long as a block is used as it is. */
static void test_key_sizes(void **state)
{
	uint8_t key[SHA256_BLOCK_BYTES] = { 0 };
	uint8_t none[SHA256_BYTES];
	uint8_t full[SHA256_BYTES];
	struct hmac h;

	(void)state;
	hmac_open(&h, span_of(NULL, 0));
	hmac_of(&h, span_text("x"), none);
	hmac_open(&h, span_of(key, sizeof key)); /* all zeros: what the empty one is filled up to */
	hmac_of(&h, span_text("x"), full);
	assert_memory_equal(none, full, sizeof none);
	key[sizeof key - 1] = 1;
	hmac_open(&h, span_of(key, sizeof key));
	hmac_of(&h, span_text("x"), full);
	assert_memory_not_equal(none, full, sizeof none);
}

static void test_extract(void **state)
{
	struct hex_bytes salt;
	struct hex_bytes secret;
	uint8_t out[SHA256_BYTES];

	(void)state;
	hkdf_extract(hex_of(&salt, "000102030405060708090a0b0c"),
		     hex_of(&secret, "0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b"), out);
	hex_assert(out, "077709362c2e32df0ddc3f0dc47bba6390b6c73bb50f9c3122ec844ad7c2b3e5");
}

/* RFC 9001 A.1. */
static void test_expand_label(void **state)
{
	struct hex_bytes secret;
	uint8_t out[SHA256_BYTES] = { 0 };
	struct hmac h;

	(void)state;
	hmac_open(&h, hex_of(&secret,
			     "7db5df06e7a69e432496adedb00851923595221596ae2ae9fb8115c1e9ed0a44"));
	hkdf_expand_label(&h, "client in", out, 32);
	hex_assert(out, "c00cf151ca5be075ed0ebfb5c80323c42d6b7db67881289af4008f1f6c357aea");
	hkdf_expand_label(&h, "server in", out, 32);
	hex_assert(out, "3c199828fd139efd216c155ad844cc81fb82fa8d7446fa7d78be803acdda951b");
	hmac_open(&h, span_of(out, 32));
	memset(out, 0xee, sizeof out);
	hkdf_expand_label(&h, "quic iv", out, 12);
	hex_assert(out, "0ac1493ca1905853b0bba03eee"); /* and not a byte more */
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_hmac),
		cmocka_unit_test(test_key_sizes),
		cmocka_unit_test(test_extract),
		cmocka_unit_test(test_expand_label),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
