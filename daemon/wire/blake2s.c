/* BLAKE2s, as RFC 7693 3 has it. */
#include "wire/blake2s.h"

enum {
	ROUNDS = 10,
};

/* Of the square roots of the first primes, as in SHA-256 (RFC 7693 2.6). */
static const uint32_t iv_table[8] = {
	0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a,
	0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19,
};

/* Which word of the message comes when (RFC 7693 2.7). */
static const uint8_t order_table[ROUNDS][16] = {
	{ 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15 },
	{ 14, 10, 4, 8, 9, 15, 13, 6, 1, 12, 0, 2, 11, 7, 5, 3 },
	{ 11, 8, 12, 0, 5, 2, 15, 13, 10, 14, 3, 6, 7, 1, 9, 4 },
	{ 7, 9, 3, 1, 13, 12, 11, 14, 2, 6, 5, 10, 4, 0, 15, 8 },
	{ 9, 0, 5, 7, 2, 4, 10, 15, 14, 1, 11, 12, 6, 8, 3, 13 },
	{ 2, 12, 6, 10, 0, 11, 8, 3, 4, 13, 7, 5, 15, 14, 1, 9 },
	{ 12, 5, 1, 15, 14, 13, 4, 10, 0, 7, 6, 3, 9, 2, 8, 11 },
	{ 13, 11, 7, 14, 12, 1, 3, 9, 5, 0, 15, 4, 8, 6, 2, 10 },
	{ 6, 15, 14, 9, 11, 3, 0, 8, 12, 2, 13, 7, 1, 4, 10, 5 },
	{ 10, 2, 8, 4, 7, 6, 1, 5, 15, 11, 9, 14, 3, 12, 13, 0 },
};

static uint32_t rotated(uint32_t word, unsigned bits)
{
	return word >> bits | word << (32 - bits);
}

/* RFC 7693 3.1: four words of the state, two of the message. */
static inline void mix(uint32_t *a, uint32_t *b, uint32_t *c, uint32_t *d, uint32_t x, uint32_t y)
{
	*a += *b + x;
	*d = rotated(*d ^ *a, 16);
	*c += *d;
	*b = rotated(*b ^ *c, 12);
	*a += *b + y;
	*d = rotated(*d ^ *a, 8);
	*c += *d;
	*b = rotated(*b ^ *c, 7);
}

/* RFC 7693 3.2: columns, then diagonals. Written out, for in registers it takes a quarter of the time. */
static inline void turn(uint32_t v[static 16], const uint32_t m[static 16],
			const uint8_t o[static 16])
{
	mix(&v[0], &v[4], &v[8], &v[12], m[o[0]], m[o[1]]);
	mix(&v[1], &v[5], &v[9], &v[13], m[o[2]], m[o[3]]);
	mix(&v[2], &v[6], &v[10], &v[14], m[o[4]], m[o[5]]);
	mix(&v[3], &v[7], &v[11], &v[15], m[o[6]], m[o[7]]);
	mix(&v[0], &v[5], &v[10], &v[15], m[o[8]], m[o[9]]);
	mix(&v[1], &v[6], &v[11], &v[12], m[o[10]], m[o[11]]);
	mix(&v[2], &v[7], &v[8], &v[13], m[o[12]], m[o[13]]);
	mix(&v[3], &v[4], &v[9], &v[14], m[o[14]], m[o[15]]);
}

static uint32_t le32_at(const uint8_t *p)
{
	return (uint32_t)p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 | (uint32_t)p[3] << 24;
}

/* Take the block that is held in. */
static void compress(struct blake2s *b, bool is_last)
{
	uint32_t words[16];
	uint32_t v[16];

	for (size_t i = 0; i < 16; i++)
		words[i] = le32_at(b->block + 4 * i);
	b->taken += b->held;
	memcpy(v, b->state, sizeof b->state);
	memcpy(v + 8, iv_table, sizeof iv_table);
	v[12] ^= (uint32_t)b->taken;
	v[13] ^= (uint32_t)(b->taken >> 32);
	v[14] ^= is_last ? UINT32_MAX : 0;
	for (size_t round = 0; round < ROUNDS; round++)
		turn(v, words, order_table[round]);
	for (size_t i = 0; i < 8; i++)
		b->state[i] ^= v[i] ^ v[i + 8];
	b->held = 0;
}

void blake2s_open(struct blake2s *b, size_t size, struct span key)
{
	memcpy(b->state, iv_table, sizeof b->state);
	b->state[0] ^= 0x01010000 ^ (uint32_t)key.size << 8 ^ (uint32_t)size;
	b->taken = 0;
	b->held = 0;
	b->size = size;
	if (key.size > 0) {
		/* it is the first block, filled up with zeros */
		memset(b->block, 0, sizeof b->block);
		memcpy(b->block, key.data, key.size);
		b->held = sizeof b->block;
	}
}

void blake2s_expect_more(struct blake2s *b)
{
	if (b->held == sizeof b->block)
		compress(b, false);
}

void blake2s_put(struct blake2s *b, struct span data)
{
	size_t at = 0;

	while (at < data.size) {
		size_t size = data.size - at;

		blake2s_expect_more(b);
		if (size > sizeof b->block - b->held)
			size = sizeof b->block - b->held;
		memcpy(b->block + b->held, data.data + at, size);
		b->held += size;
		at += size;
	}
}

void blake2s_take(struct blake2s *b, uint8_t *out)
{
	memset(b->block + b->held, 0, sizeof b->block - b->held);
	compress(b, true);
	for (size_t i = 0; i < b->size; i++)
		out[i] = (uint8_t)(b->state[i / 4] >> i % 4 * 8);
}
