/* A sticky big-endian reader over a borrowed span. */
#include "base/reader.h"

struct span reader_take(struct reader *r, size_t size)
{
	if (r->short_read || size > r->in.size - r->at) {
		r->short_read = true;
		return span_of(NULL, 0);
	}
	if (size == 0)
		return span_of(NULL, 0);
	r->at += size;
	return span_of(r->in.data + r->at - size, size);
}

static uint32_t read_be(struct reader *r, size_t size)
{
	struct span s = reader_take(r, size);
	uint32_t value = 0;

	for (size_t i = 0; i < s.size; i++)
		value = value << 8 | s.data[i];
	return value;
}

uint8_t reader_u8(struct reader *r)
{
	return (uint8_t)read_be(r, 1);
}

uint16_t reader_be16(struct reader *r)
{
	return (uint16_t)read_be(r, 2);
}

uint32_t reader_be24(struct reader *r)
{
	return read_be(r, 3);
}

uint32_t reader_be32(struct reader *r)
{
	return read_be(r, 4);
}
