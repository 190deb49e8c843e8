#ifndef SHUNT_BASE_READER_H
#define SHUNT_BASE_READER_H

#include "base/span.h"

/*
 * Reads big-endian fields off a span, and is sticky: after the first read that
 * would pass the end every further read gives zero or an empty span and
 * short_read stays set, so a parser reads straight down and tests once.
 */
struct reader {
	struct span in;
	size_t at;       /* bytes read so far */
	bool short_read; /* a read passed the end */
};

static inline struct reader reader_of(struct span in)
{
	return (struct reader){ in, 0, false };
}

/* Bytes left to read; 0 after a short read. */
static inline size_t reader_left(const struct reader *r)
{
	return r->short_read ? 0 : r->in.size - r->at;
}

/* The next byte, or the next two, three or four as one big-endian number. */
uint8_t reader_u8(struct reader *r);
uint16_t reader_be16(struct reader *r);
uint32_t reader_be24(struct reader *r);
uint32_t reader_be32(struct reader *r);

/* The next `size` bytes, borrowed from the input; empty after a short read. */
struct span reader_take(struct reader *r, size_t size);

#endif
