#ifndef SHUNT_WIRE_BLAKE2S_H
#define SHUNT_WIRE_BLAKE2S_H

#include "base/span.h"

/*
 * BLAKE2s (RFC 7693), with a key or without; mbedTLS has none. Of plain integers: it
 * allocates nothing, looks nothing up by what it hashes, and needs nothing given back.
 * A state may be copied, to go on from there more than once.
 */
enum {
	BLAKE2S_BYTES = 32,     /* of the longest hash, and of the longest key */
	BLAKE2S_MAC_BYTES = 16, /* of the hashes that WireGuard takes for a MAC */
	BLAKE2S_BLOCK_BYTES = 64,
};

struct blake2s {
	uint32_t state[8];
	uint64_t taken; /* bytes that went into it */
	size_t held;    /* bytes of `block`, which wait: the last block is marked as such */
	size_t size;    /* of the hash */
	uint8_t block[BLAKE2S_BLOCK_BYTES];
};

/* Begin a hash of `size` bytes, 1 to BLAKE2S_BYTES; `key` has up to BLAKE2S_BYTES, none for a hash
 * without a key. */
void blake2s_open(struct blake2s *b, size_t size, struct span key);
void blake2s_put(struct blake2s *b, struct span data);

/* At least one more byte will be put. So a block that waits, such as the key, goes in now: once, and not in
 * each copy. */
void blake2s_expect_more(struct blake2s *b);

/* Take the hash of all that was put, as many bytes as were asked for. The way ends here. */
void blake2s_take(struct blake2s *b, uint8_t *out);

#endif
