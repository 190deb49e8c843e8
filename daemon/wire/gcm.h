#ifndef SHUNT_WIRE_GCM_H
#define SHUNT_WIRE_GCM_H

#include "wire/primitives.h"

/*
 * AES-128-GCM (NIST SP 800-38D) with a nonce of 12 bytes and a tag of 16. Made for
 * keys that everybody can compute, as those of QUIC's first packets are: it takes no
 * care of what its timing tells of the key, and must not be used with secret ones.
 */
enum {
	GCM_NONCE_BYTES = 12,
	GCM_TAG_BYTES = 16,
};

/* A polynomial over two elements of degree below 128, the first coefficients in `high`. */
struct gcm_element {
	uint64_t high;
	uint64_t low;
};

struct gcm {
	struct aes aes;
	struct gcm_element front[16]; /* the hash key times four coefficients, of x^0 to x^3 */
	struct gcm_element back[16];  /* of x^4 to x^7 */
};

void gcm_open(struct gcm *g, const uint8_t key[static AES_KEY_BYTES]);

/* The tag of a message that is encrypted, and of the data beside it that is not. */
void gcm_tag(struct gcm *g, const uint8_t nonce[static GCM_NONCE_BYTES], struct span beside,
	     struct span encrypted, uint8_t out[static GCM_TAG_BYTES]);

/* Decrypt a message, or encrypt it, to as many bytes of `out`, which may be where it stands. */
void gcm_crypt(struct gcm *g, const uint8_t nonce[static GCM_NONCE_BYTES], struct span in,
	       uint8_t *out);

#endif
