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

/* RFC 7693 3.1: four words of the state, `a` first and each four behind the last, and two of the
 * message. `turn` is how far the four have slid against each other. */
static void mix(uint32_t v[static 16], unsigned at, unsigned turn, uint32_t x, uint32_t y)
{
	uint32_t *a = &v[at];
	uint32_t *b = &v[4 + (at + turn) % 4];
	uint32_t *c = &v[8 + (at + 2 * turn) % 4];
	uint32_t *d = &v[12 + (at + 3 * turn) % 4];

	*a += *b + x;
	*d = rotated(*d ^ *a, 16);
	*c += *d;
	*b = rotated(*b ^ *c, 12);
	*a += *b + y;
	*d = rotated(*d ^ *a, 8);
	*c += *d;
	*b = rotated(*b ^ *c, 7);
}

static uint32_t le32_at(const uint8_t *p)
{
	return (uint32_t)p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 | (uint32_t)p[3] << 24;
}

/* RFC 7693 3.2: columns, then diagonals. */
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
	for (size_t round = 0; round < ROUNDS; round++) {
		const uint8_t *order = order_table[round];

		for (unsigned i = 0; i < 4; i++)
			mix(v, i, 0, words[order[2 * i]], words[order[2 * i + 1]]);
		for (unsigned i = 0; i < 4; i++)
			mix(v, i, 1, words[order[8 + 2 * i]], words[order[9 + 2 * i]]);
	}
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

void blake2s_put(struct blake2s *b, struct span data)
{
	size_t at = 0;

	while (at < data.size) {
		size_t size = data.size - at;

		if (b->held == sizeof b->block)
			compress(b, false);
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
