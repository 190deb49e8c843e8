#ifndef SHUNT_WIRE_HPACK_HUFFMAN_H
#define SHUNT_WIRE_HPACK_HUFFMAN_H

#include "base/span.h"

enum {
	HUFFMAN_END = -1, /* all was decoded, and the padding is as it must be */
	HUFFMAN_BAD =
		-2, /* wrong or too much padding, or the end-of-string symbol (RFC 7541 5.2) */
};

/* Decodes one Huffman-coded string octet by octet (RFC 7541 5.2), borrowed. */
struct huffman {
	struct span in;
	size_t at;     /* bytes of it that are in `bits`, or were */
	uint64_t bits; /* the next bits of the string, from the highest on; ones behind them */
	unsigned have; /* how many */
};

/* Start at the first octet of the coded string. */
struct huffman huffman_of(struct span coded);

/* The next octet, 0 to 255, or HUFFMAN_END or HUFFMAN_BAD; after these two no further call. */
int huffman_next(struct huffman *h);

#endif
