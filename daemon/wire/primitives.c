/*
 * AES and SHA-256 of mbedTLS, and how 2.28 and 3.x differ. That a call fails is
 * possible only where an accelerator stands in for the library; then what comes
 * out is wrong, and a packet under it is refused as any other that does not verify.
 */
#include "wire/primitives.h"

#include <mbedtls/version.h>

#if MBEDTLS_VERSION_NUMBER < 0x03000000
#define sha256_starts mbedtls_sha256_starts_ret
#define sha256_update mbedtls_sha256_update_ret
#define sha256_finish mbedtls_sha256_finish_ret
#else
#define sha256_starts mbedtls_sha256_starts
#define sha256_update mbedtls_sha256_update
#define sha256_finish mbedtls_sha256_finish
#endif

void aes_open(struct aes *a, const uint8_t key[static AES_KEY_BYTES])
{
	mbedtls_aes_init(&a->context);
	(void)mbedtls_aes_setkey_enc(&a->context, key, AES_KEY_BYTES * 8);
}

void aes_encrypt(struct aes *a, const uint8_t in[static AES_BLOCK_BYTES],
		 uint8_t out[static AES_BLOCK_BYTES])
{
	(void)mbedtls_aes_crypt_ecb(&a->context, MBEDTLS_AES_ENCRYPT, in, out);
}

void sha256_open(struct sha256 *s)
{
	mbedtls_sha256_init(&s->context);
	(void)sha256_starts(&s->context, 0);
}

void sha256_copy(struct sha256 *to, const struct sha256 *from)
{
	mbedtls_sha256_init(&to->context);
	mbedtls_sha256_clone(&to->context, &from->context);
}

void sha256_put(struct sha256 *s, struct span data)
{
	if (data.size > 0)
		(void)sha256_update(&s->context, data.data, data.size);
}

void sha256_take(struct sha256 *s, uint8_t out[static SHA256_BYTES])
{
	(void)sha256_finish(&s->context, out);
}
