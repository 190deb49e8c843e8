/* AES-GCM: the test cases of its authors, and a multiplication bit by bit for all sizes. */
#include "wire/gcm.h"
#include "wire_hex.h"

struct vector {
	const char *key;
	const char *nonce;
	const char *beside;
	const char *plain;
	const char *sealed;
	const char *tag;
};

/* McGrew and Viega, "The Galois/Counter Mode of Operation", appendix B, cases 1 to 4. */
static const struct vector vectors[] = {
	{ "00000000000000000000000000000000", "000000000000000000000000", "", "", "",
	  "58e2fccefa7e3061367f1d57a4e7455a" },
	{ "00000000000000000000000000000000", "000000000000000000000000", "",
	  "00000000000000000000000000000000", "0388dace60b6a392f328c2b971b2fe78",
	  "ab6e47d42cec13bdf53a67b21257bddf" },
	{ "feffe9928665731c6d6a8f9467308308", "cafebabefacedbaddecaf888", "",
	  "d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a721c3c0c95956809532fcf0e24"
	  "49a6b525b16aedf5aa0de657ba637b391aafd255",
	  "42831ec2217774244b7221b784d0d49ce3aa212f2c02a4e035c17e2329aca12e21d514b25466931c7d8f6a5a"
	  "ac84aa051ba30b396a0aac973d58e091473f5985",
	  "4d5c2af327cd64a62cf35abd2ba6fab4" },
	{ "feffe9928665731c6d6a8f9467308308", "cafebabefacedbaddecaf888",
	  "feedfacedeadbeeffeedfacedeadbeefabaddad2",
	  "d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a721c3c0c95956809532fcf0e24"
	  "49a6b525b16aedf5aa0de657ba637b39",
	  "42831ec2217774244b7221b784d0d49ce3aa212f2c02a4e035c17e2329aca12e21d514b25466931c7d8f6a5a"
	  "ac84aa051ba30b396a0aac973d58e091",
	  "5bc94fbc3221a5db94fae95ae7121a47" },
};

static void test_vectors(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof vectors / sizeof *vectors; i++) {
		const struct vector *v = &vectors[i];
		struct hex_bytes key, nonce, beside, plain, sealed;
		struct span text = hex_of(&plain, v->plain);
		struct span expected = hex_of(&sealed, v->sealed);
		uint8_t out[64];
		uint8_t tag[GCM_TAG_BYTES];
		struct gcm g;

		gcm_open(&g, hex_of(&key, v->key).data);
		(void)hex_of(&nonce, v->nonce);
		gcm_crypt(&g, nonce.data, text, out);
		assert_memory_equal(out, expected.data, text.size);
		gcm_tag(&g, nonce.data, hex_of(&beside, v->beside), expected, tag);
		hex_assert(tag, v->tag);
		gcm_crypt(&g, nonce.data, expected, sealed.data); /* back, where it stands */
		assert_memory_equal(sealed.data, plain.data, text.size);
	}
}

/* y times the hash key, bit by bit as the standard writes it (SP 800-38D 6.3). */
static void multiply(uint8_t y[16], const uint8_t key[16])
{
	uint8_t v[16];
	uint8_t z[16] = { 0 };

	memcpy(v, key, sizeof v);
	for (unsigned bit = 0; bit < 128; bit++) {
		unsigned last = v[15] & 1;

		for (unsigned i = 0; i < 16 && (y[bit / 8] >> (7 - bit % 8) & 1); i++)
			z[i] ^= v[i];
		for (unsigned i = 15; i > 0; i--)
			v[i] = (uint8_t)(v[i] >> 1 | v[i - 1] << 7);
		v[0] = (uint8_t)(v[0] >> 1 ^ (last ? 0xe1 : 0));
	}
	memcpy(y, z, sizeof z);
}

static void absorb(uint8_t y[16], const uint8_t key[16], struct span in)
{
	for (size_t at = 0; at < in.size; at += 16) {
		for (size_t i = 0; i < 16 && at + i < in.size; i++)
			y[i] ^= in.data[at + i];
		multiply(y, key);
	}
}

static void test_every_size(void **state)
{
	static const uint8_t key[AES_KEY_BYTES] = "sixteen bytes ok";
	static const uint8_t nonce[GCM_NONCE_BYTES] = "twelve bytes";
	uint8_t counter[AES_BLOCK_BYTES] = "twelve bytes\0\0\0\1";
	uint8_t hash_key[AES_BLOCK_BYTES] = { 0 };
	uint8_t text[100];
	struct gcm g;

	(void)state;
	for (size_t i = 0; i < sizeof text; i++)
		text[i] = (uint8_t)(i * 37 + 11);
	gcm_open(&g, key);
	aes_encrypt(&g.aes, hash_key, hash_key);
	aes_encrypt(&g.aes, counter, counter);
	for (size_t beside = 0; beside <= 50; beside++) {
		for (size_t size = 0; size + beside <= sizeof text; size++) {
			uint8_t sizes[16] = { 0 };
			uint8_t y[16] = { 0 };
			uint8_t tag[GCM_TAG_BYTES];

			absorb(y, hash_key, span_of(text, beside));
			absorb(y, hash_key, span_of(text + beside, size));
			sizes[6] = (uint8_t)(beside * 8 >> 8);
			sizes[7] = (uint8_t)(beside * 8);
			sizes[14] = (uint8_t)(size * 8 >> 8);
			sizes[15] = (uint8_t)(size * 8);
			absorb(y, hash_key, span_of(sizes, 16));
			for (unsigned i = 0; i < 16; i++)
				y[i] ^= counter[i];
			gcm_tag(&g, nonce, span_of(text, beside), span_of(text + beside, size),
				tag);
			assert_memory_equal(tag, y, sizeof y);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_vectors),
		cmocka_unit_test(test_every_size),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
