/* BER, as far as messages need it that are datagrams. */
#include "wire/ber.h"

enum {
	LONG_LENGTH = 0x80,    /* of a length: as many bytes of it follow */
	LENGTH_BYTES_MOST = 4, /* clients of Windows use all four for any length */
	LONG_TAG = 0x1f,       /* of a tag: it goes on */
	NUMBER_BYTES_MOST = 5, /* 32 bits without a sign, which a zero byte may say */
	DEPTH_MOST = 16,
};

static size_t read_length(struct reader *r)
{
	size_t length = reader_u8(r);
	struct span bytes;

	if (length < LONG_LENGTH)
		return length;
	length -= LONG_LENGTH;
	if (length == 0 || length > LENGTH_BYTES_MOST)
		r->short_read = true;
	bytes = reader_take(r, length);
	length = 0;
	for (size_t i = 0; i < bytes.size; i++)
		length = length << 8 | bytes.data[i];
	return length;
}

uint8_t ber_any(struct reader *r, struct span *value)
{
	uint8_t tag = reader_u8(r);
	struct span read = reader_take(r, read_length(r));

	if ((tag & LONG_TAG) == LONG_TAG)
		r->short_read = true;
	if (r->short_read) {
		*value = span_of(NULL, 0);
		return 0;
	}
	*value = read;
	return tag;
}

struct span ber_take(struct reader *r, uint8_t tag)
{
	struct span value;

	if (ber_any(r, &value) == tag && !r->short_read)
		return value;
	r->short_read = true;
	return span_of(NULL, 0);
}

struct reader ber_enter(struct reader *r, uint8_t tag)
{
	struct reader inner = reader_of(ber_take(r, tag));

	inner.short_read = r->short_read;
	return inner;
}

int64_t ber_number(struct reader *r, uint8_t tag, int64_t least, int64_t most)
{
	struct span bytes = ber_take(r, tag);
	int64_t value = 0;

	if (bytes.size > 0 && bytes.data[0] & 0x80)
		value = -1;
	for (size_t i = 0; i < bytes.size && i < NUMBER_BYTES_MOST; i++)
		value = value * 256 + bytes.data[i];
	if (bytes.size == 0 || bytes.size > NUMBER_BYTES_MOST || value < least || value > most)
		r->short_read = true;
	return r->short_read ? least : value;
}

bool ber_is_read(const struct reader *r)
{
	return !r->short_read && reader_left(r) == 0;
}

bool ber_is_whole(struct span elements)
{
	size_t ends[DEPTH_MOST + 1] = { elements.size }; /* of those that are being read */
	size_t depth = 0;
	struct reader r = reader_of(elements);

	while (depth > 0 || r.at < ends[0]) {
		struct span value;
		uint8_t tag;

		if (r.at == ends[depth]) {
			depth--;
			continue;
		}
		tag = ber_any(&r, &value);
		if (r.short_read || r.at > ends[depth])
			return false;
		if (!(tag & BER_CONSTRUCTED))
			continue;
		if (depth == DEPTH_MOST)
			return false;
		ends[++depth] = r.at;
		r.at -= value.size;
	}
	return true;
}
