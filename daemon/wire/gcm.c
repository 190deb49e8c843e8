/*
 * AES-128-GCM on top of single AES blocks. In its field an element's first bit
 * is the coefficient of x^0, so that times x is a shift to the right, and
 * x^128 = 1 + x + x^2 + x^7 comes in again on the left as 0xe1.
 */
#include "wire/gcm.h"

/* What the four bits that a shift by four pushes out on the right become on the left, as the upper
 * 16 bits: bit i of the index is x^(131 - i). */
static const uint16_t reduced_table[16] = {
	0x0000, 0x1c20, 0x3840, 0x2460, 0x7080, 0x6ca0, 0x48c0, 0x54e0,
	0xe100, 0xfd20, 0xd940, 0xc560, 0x9180, 0x8da0, 0xa9c0, 0xb5e0,
};

static uint64_t be64_at(const uint8_t *p)
{
	uint64_t value = 0;

	for (size_t i = 0; i < 8; i++)
		value = value << 8 | p[i];
	return value;
}

static void put_be64(uint8_t *p, uint64_t value)
{
	for (size_t i = 0; i < 8; i++)
		p[i] = (uint8_t)(value >> (56 - 8 * i));
}

static struct gcm_element sum(struct gcm_element a, struct gcm_element b)
{
	return (struct gcm_element){ a.high ^ b.high, a.low ^ b.low };
}

static struct gcm_element times_x(struct gcm_element e)
{
	return (struct gcm_element){
		.high = (e.high >> 1) ^ ((e.low & 1) * (UINT64_C(0xe1) << 56)),
		.low = (e.high << 63) | (e.low >> 1),
	};
}

/* All multiples of one element by four coefficients. Returns the element times x^4. */
static struct gcm_element multiply_all(struct gcm_element e, struct gcm_element out[static 16])
{
	out[0] = (struct gcm_element){ 0, 0 };
	for (size_t i = 8; i > 0; i /= 2) {
		out[i] = e;
		e = times_x(e);
	}
	for (size_t i = 2; i <= 8; i *= 2) {
		for (size_t j = 1; j < i; j++)
			out[i + j] = sum(out[i], out[j]);
	}
	return e;
}

void gcm_open(struct gcm *g, const uint8_t key[static AES_KEY_BYTES])
{
	uint8_t block[AES_BLOCK_BYTES] = { 0 };
	struct gcm_element e;

	aes_open(&g->aes, key);
	aes_encrypt(&g->aes, block, block);
	e = (struct gcm_element){ be64_at(block), be64_at(block + 8) };
	(void)multiply_all(multiply_all(e, g->front), g->back); /* x^8 is not needed */
}

/* Times x^8, plus the hash key times eight coefficients. */
static struct gcm_element step(const struct gcm *g, struct gcm_element z, unsigned byte)
{
	uint64_t reduced = (uint64_t)reduced_table[z.low & 15] << 44 ^
			   (uint64_t)reduced_table[z.low >> 4 & 15] << 48;
	struct gcm_element more = sum(g->front[byte >> 4], g->back[byte & 15]);

	return (struct gcm_element){
		.high = (z.high >> 8) ^ reduced ^ more.high,
		.low = ((z.high << 56) | (z.low >> 8)) ^ more.low,
	};
}

/* Half of the coefficients of one factor, the highest first. */
static struct gcm_element steps(const struct gcm *g, struct gcm_element z, uint64_t half)
{
	for (unsigned i = 0; i < 64; i += 8)
		z = step(g, z, half >> i & 0xff);
	return z;
}

/* One more block: added, and all of it times the hash key. */
static struct gcm_element absorb(const struct gcm *g, struct gcm_element y, uint64_t high,
				 uint64_t low)
{
	return steps(g, steps(g, (struct gcm_element){ 0, 0 }, y.low ^ low), y.high ^ high);
}

/* The last block is filled up with zeros. */
static struct gcm_element absorb_span(const struct gcm *g, struct gcm_element y, struct span in)
{
	size_t at = 0;

	for (; in.size - at >= AES_BLOCK_BYTES; at += AES_BLOCK_BYTES)
		y = absorb(g, y, be64_at(in.data + at), be64_at(in.data + at + 8));
	if (at < in.size) {
		uint8_t block[AES_BLOCK_BYTES] = { 0 };

		memcpy(block, in.data + at, in.size - at);
		y = absorb(g, y, be64_at(block), be64_at(block + 8));
	}
	return y;
}

/* One block of the key stream; the message's first has the number 2. */
static void key_stream(struct gcm *g, const uint8_t nonce[static GCM_NONCE_BYTES], uint32_t number,
		       uint8_t out[static AES_BLOCK_BYTES])
{
	uint8_t block[AES_BLOCK_BYTES];

	memcpy(block, nonce, GCM_NONCE_BYTES);
	for (size_t i = 0; i < 4; i++)
		block[GCM_NONCE_BYTES + i] = (uint8_t)(number >> (24 - 8 * i));
	aes_encrypt(&g->aes, block, out);
}

void gcm_tag(struct gcm *g, const uint8_t nonce[static GCM_NONCE_BYTES], struct span beside,
	     struct span encrypted, uint8_t out[static GCM_TAG_BYTES])
{
	struct gcm_element y = { 0, 0 };
	uint8_t mask[AES_BLOCK_BYTES];

	y = absorb_span(g, y, beside);
	y = absorb_span(g, y, encrypted);
	y = absorb(g, y, (uint64_t)beside.size * 8, (uint64_t)encrypted.size * 8);
	key_stream(g, nonce, 1, mask);
	put_be64(out, y.high ^ be64_at(mask));
	put_be64(out + 8, y.low ^ be64_at(mask + 8));
}

void gcm_crypt(struct gcm *g, const uint8_t nonce[static GCM_NONCE_BYTES], struct span in,
	       uint8_t *out)
{
	uint8_t mask[AES_BLOCK_BYTES];
	uint32_t number = 2;

	for (size_t at = 0; at < in.size; at += AES_BLOCK_BYTES) {
		size_t size = in.size - at < sizeof mask ? in.size - at : sizeof mask;

		key_stream(g, nonce, number++, mask);
		for (size_t i = 0; i < size; i++)
			out[at + i] = in.data[at + i] ^ mask[i];
	}
}
