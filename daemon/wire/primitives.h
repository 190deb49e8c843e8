#ifndef SHUNT_WIRE_PRIMITIVES_H
#define SHUNT_WIRE_PRIMITIVES_H

#include <mbedtls/aes.h>
#include <mbedtls/sha256.h>

#include "base/span.h"

/*
 * What is taken of mbedTLS, 2.28 or 3.x: one block of AES-128, and SHA-256. Their
 * contexts live wherever the caller puts them, they allocate nothing and make no
 * system call, so they work behind the sniffer's walls, and mbedTLS brings what
 * the processor has for them.
 *
 * Not so the layers above. GCM and HMAC of 2.28 take heap for a context of the
 * cipher or md layer, PSA has an entropy source and a store of keys; Debian's and
 * OpenWrt's builds have neither MBEDTLS_MEMORY_BUFFER_ALLOC_C nor
 * MBEDTLS_PLATFORM_MEMORY to serve that from a pool, and that malloc() gets by
 * without a system call on a heap that was grown before is true of glibc, by
 * luck, and not of musl. GCM, HMAC and HKDF are little on top of these two, and
 * published vectors test them: gcm.h, hkdf.h.
 */
enum {
	AES_BLOCK_BYTES = 16,
	AES_KEY_BYTES = 16,
	SHA256_BYTES = 32,
	SHA256_BLOCK_BYTES = 64,
};

/* A key. Must stay where it was expanded, for it may point into itself. */
struct aes {
	mbedtls_aes_context context;
};

/* Expand a key. Nothing has to be given back. */
void aes_open(struct aes *a, const uint8_t key[static AES_KEY_BYTES]);

/* Encrypt one block; `in` and `out` may be the same. */
void aes_encrypt(struct aes *a, const uint8_t in[static AES_BLOCK_BYTES],
		 uint8_t out[static AES_BLOCK_BYTES]);

/* A hash on its way. */
struct sha256 {
	mbedtls_sha256_context context;
};

void sha256_open(struct sha256 *s);

/* Go on from where another one is; that one stays as it is. */
void sha256_copy(struct sha256 *to, const struct sha256 *from);
void sha256_put(struct sha256 *s, struct span data);

/* Take the hash of all that was put. The way ends here. */
void sha256_take(struct sha256 *s, uint8_t out[static SHA256_BYTES]);

#endif
