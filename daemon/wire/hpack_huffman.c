/*
 * The Huffman code of HPACK (RFC 7541 appendix B). It is canonical: codes of one
 * length follow each other, and a longer code is a greater number when both are
 * written from the highest bit on. So two short tables hold all of it: the first
 * code of each length, and the symbols in the order of their codes.
 */
#include "wire/hpack_huffman.h"

enum {
	HUFFMAN_CODE_BITS = 32, /* as the table has them; the longest code has 30 */
	HUFFMAN_EOS = 256,
};

static const struct {
	uint32_t first; /* code, from bit 31 on, zeros behind it */
	uint16_t row;   /* of symbol_table: whose code that is */
	uint8_t bits;
} length_table[] = {
	{ 0x00000000, 0, 5 },    { 0x50000000, 10, 6 },   { 0xb8000000, 36, 7 },
	{ 0xf8000000, 68, 8 },   { 0xfe000000, 74, 10 },  { 0xff400000, 79, 11 },
	{ 0xffa00000, 82, 12 },  { 0xffc00000, 84, 13 },  { 0xfff00000, 90, 14 },
	{ 0xfff80000, 92, 15 },  { 0xfffe0000, 95, 19 },  { 0xfffe6000, 98, 20 },
	{ 0xfffee000, 106, 21 }, { 0xffff4800, 119, 22 }, { 0xffffb000, 145, 23 },
	{ 0xffffea00, 174, 24 }, { 0xfffff600, 186, 25 }, { 0xfffff800, 190, 26 },
	{ 0xfffffbc0, 205, 27 }, { 0xfffffe20, 224, 28 }, { 0xfffffff0, 253, 30 },
};

static const uint16_t symbol_table[] = {
	48,  49,  50,  97,  99,  101, 105, 111, 115, 116, 32,  37,  45,  46,  47,  51,  52,  53,
	54,  55,  56,  57,  61,  65,  95,  98,  100, 102, 103, 104, 108, 109, 110, 112, 114, 117,
	58,  66,  67,  68,  69,  70,  71,  72,  73,  74,  75,  76,  77,  78,  79,  80,  81,  82,
	83,  84,  85,  86,  87,  89,  106, 107, 113, 118, 119, 120, 121, 122, 38,  42,  44,  59,
	88,  90,  33,  34,  40,  41,  63,  39,  43,  124, 35,  62,  0,   36,  64,  91,  93,  126,
	94,  125, 60,  96,  123, 92,  195, 208, 128, 130, 131, 162, 184, 194, 224, 226, 153, 161,
	167, 172, 176, 177, 179, 209, 216, 217, 227, 229, 230, 129, 132, 133, 134, 136, 146, 154,
	156, 160, 163, 164, 169, 170, 173, 178, 181, 185, 186, 187, 189, 190, 196, 198, 228, 232,
	233, 1,   135, 137, 138, 139, 140, 141, 143, 147, 149, 150, 151, 152, 155, 157, 158, 165,
	166, 168, 174, 175, 180, 182, 183, 188, 191, 197, 231, 239, 9,   142, 144, 145, 148, 159,
	171, 206, 215, 225, 236, 237, 199, 207, 234, 235, 192, 193, 200, 201, 202, 205, 210, 213,
	218, 219, 238, 240, 242, 243, 255, 203, 204, 211, 212, 214, 221, 222, 223, 241, 244, 245,
	246, 247, 248, 250, 251, 252, 253, 254, 2,   3,   4,   5,   6,   7,   8,   11,  12,  14,
	15,  16,  17,  18,  19,  20,  21,  23,  24,  25,  26,  27,  28,  29,  30,  31,  127, 220,
	249, 10,  13,  22,  256,
};

struct huffman huffman_of(struct span coded)
{
	return (struct huffman){ .in = coded, .bits = UINT64_MAX };
}

/* Keep more bits at hand than any code has, while there are any. */
static void refill(struct huffman *h)
{
	while (h->have <= 64 - 8 && h->at < h->in.size) {
		unsigned shift = 64 - 8 - h->have;

		h->bits &= ~(UINT64_C(0xff) << shift);
		h->bits |= (uint64_t)h->in.data[h->at++] << shift;
		h->have += 8;
	}
}

/* Less than a byte of ones, as the end-of-string code begins. */
static int finish(const struct huffman *h)
{
	return h->have < 8 && h->bits == UINT64_MAX ? HUFFMAN_END : HUFFMAN_BAD;
}

int huffman_next(struct huffman *h)
{
	size_t i = 0;
	uint32_t code;
	unsigned symbol;

	refill(h);
	code = (uint32_t)(h->bits >> (64 - HUFFMAN_CODE_BITS));
	while (i + 1 < sizeof length_table / sizeof *length_table &&
	       length_table[i + 1].first <= code)
		i++;
	if (length_table[i].bits > h->have)
		return finish(h);
	symbol = symbol_table[length_table[i].row + ((code - length_table[i].first) >>
						     (HUFFMAN_CODE_BITS - length_table[i].bits))];
	if (symbol == HUFFMAN_EOS)
		return HUFFMAN_BAD;
	h->bits = h->bits << length_table[i].bits | ((UINT64_C(1) << length_table[i].bits) - 1);
	h->have -= length_table[i].bits;
	return (int)symbol;
}
