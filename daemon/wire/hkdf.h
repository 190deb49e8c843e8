#ifndef SHUNT_WIRE_HKDF_H
#define SHUNT_WIRE_HKDF_H

#include "wire/primitives.h"

/* HMAC-SHA256 (RFC 2104) with one key: prepared once, used as often as wanted. */
struct hmac {
	struct sha256 inner;
	struct sha256 outer;
};

/* Keys of up to a block, SHA256_BLOCK_BYTES; none here is longer. */
void hmac_open(struct hmac *h, struct span key);

/* Of one message. */
void hmac_of(const struct hmac *h, struct span message, uint8_t out[static SHA256_BYTES]);

/* HKDF-Extract (RFC 5869 2.2); the salt as long as a key of hmac_open(). */
void hkdf_extract(struct span salt, struct span secret, uint8_t out[static SHA256_BYTES]);

/*
 * HKDF-Expand-Label (RFC 8446 7.1) with an empty context: `size` bytes, at most
 * SHA256_BYTES. `secret` is a prepared key; the label stands without its "tls13 ",
 * and has at most HKDF_LABEL_MOST bytes.
 */
enum {
	HKDF_LABEL_MOST = 32,
};
void hkdf_expand_label(const struct hmac *secret, const char *label, uint8_t *out, size_t size);

#endif
