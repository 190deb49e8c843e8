/* SipHash-2-4: a hash whose collisions nobody can find without its key. Pure. */
#include "base/siphash.h"

enum {
	WORD_BYTES = 8,
	ROUNDS_PER_WORD = 2,
	ROUNDS_AT_END = 4,
	SIZE_SHIFT = 56,
	END_MARK = 0xff,
};

struct state {
	uint64_t v0, v1, v2, v3;
};

static uint64_t rotated(uint64_t x, unsigned bits)
{
	return x << bits | x >> (64 - bits);
}

static void rounds(struct state *s, unsigned count)
{
	while (count--) {
		s->v0 += s->v1;
		s->v2 += s->v3;
		s->v1 = rotated(s->v1, 13) ^ s->v0;
		s->v3 = rotated(s->v3, 16) ^ s->v2;
		s->v0 = rotated(s->v0, 32);
		s->v2 += s->v1;
		s->v0 += s->v3;
		s->v1 = rotated(s->v1, 17) ^ s->v2;
		s->v3 = rotated(s->v3, 21) ^ s->v0;
		s->v2 = rotated(s->v2, 32);
	}
}

static void absorb(struct state *s, uint64_t word)
{
	s->v3 ^= word;
	rounds(s, ROUNDS_PER_WORD);
	s->v0 ^= word;
}

static uint64_t little_endian(const uint8_t *at, size_t size)
{
	uint64_t word = 0;

	for (size_t i = size; i > 0; i--)
		word = word << 8 | at[i - 1];
	return word;
}

uint64_t siphash(const struct siphash_key *key, struct span in)
{
	struct state s = { .v0 = key->k[0] ^ 0x736f6d6570736575u,
			   .v1 = key->k[1] ^ 0x646f72616e646f6du,
			   .v2 = key->k[0] ^ 0x6c7967656e657261u,
			   .v3 = key->k[1] ^ 0x7465646279746573u };
	size_t whole = in.size - in.size % WORD_BYTES;
	uint64_t last = (uint64_t)in.size << SIZE_SHIFT;

	for (size_t at = 0; at < whole; at += WORD_BYTES)
		absorb(&s, little_endian(in.data + at, WORD_BYTES));
	if (in.size > whole)
		last |= little_endian(in.data + whole, in.size - whole);
	absorb(&s, last);
	s.v2 ^= END_MARK;
	rounds(&s, ROUNDS_AT_END);
	return s.v0 ^ s.v1 ^ s.v2 ^ s.v3;
}
