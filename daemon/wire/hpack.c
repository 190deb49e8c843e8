/* Header blocks, field by field (RFC 7541 5, 6), and the dynamic table (RFC 7541 2.3, 4). */
#include "wire/hpack.h"

#include "wire/hpack_huffman.h"

enum {
	HPACK_NUMBER_MOST = 65536, /* nothing that is counted in a block comes near */
};

void hpack_init(struct hpack *h, size_t most)
{
	h->most = most < HPACK_TABLE_BYTES ? most : HPACK_TABLE_BYTES;
	h->limit = h->most;
	h->used = 0;
	h->count = 0;
	h->newest = 0;
	hpack_open(h, span_of(NULL, 0));
}

void hpack_open(struct hpack *h, struct span block)
{
	h->block = reader_of(block);
	h->has_field = false;
}

/* The oldest entries go until `room` bytes fit (RFC 7541 4.3, 4.4). */
static void evict(struct hpack *h, size_t room)
{
	while (h->count > 0 && h->used + room > h->limit) {
		const struct hpack_field *oldest =
			&h->ring[(h->newest + HPACK_ENTRIES_MOST + 1 - h->count) %
				 HPACK_ENTRIES_MOST];

		h->used -= oldest->name.size + oldest->value.size + HPACK_ENTRY_BYTES;
		h->count--;
	}
}

static void add_entry(struct hpack *h, const struct hpack_field *field)
{
	size_t size = field->name.size + field->value.size + HPACK_ENTRY_BYTES;

	evict(h, size);
	if (size > h->limit)
		return; /* not an error: the table is empty now (RFC 7541 4.4) */
	h->newest = (h->newest + 1) % HPACK_ENTRIES_MOST;
	h->ring[h->newest] = *field;
	h->used += size;
	h->count++;
}

/* An integer whose first byte, already read, has `bits` of it (RFC 7541 5.1). */
static bool read_number(struct reader *r, uint8_t first, unsigned bits, size_t *out)
{
	size_t mask = ((size_t)1 << bits) - 1;
	size_t number = first & mask;
	unsigned shift = 0;
	uint8_t byte;

	if (number < mask) {
		*out = number;
		return true;
	}
	do {
		byte = reader_u8(r);
		number += (size_t)(byte & 0x7f) << shift;
		shift += 7;
		if (r->short_read || number > HPACK_NUMBER_MOST || shift > 28)
			return false;
	} while (byte & 0x80);
	*out = number;
	return true;
}

/* Count the octets of a Huffman-coded string, and see that it is one. */
static bool measure(struct hpack_string *s)
{
	struct huffman h = huffman_of(s->raw);
	int octet = huffman_next(&h);

	while (octet >= 0) {
		s->size++;
		octet = huffman_next(&h);
	}
	return octet == HUFFMAN_END;
}

static bool read_string(struct reader *r, struct hpack_string *out)
{
	uint8_t first = reader_u8(r);
	size_t size;

	if (!read_number(r, first, 7, &size))
		return false;
	*out = (struct hpack_string){ .raw = reader_take(r, size), .is_huffman = first & 0x80 };
	if (r->short_read)
		return false;
	if (out->is_huffman)
		return measure(out);
	out->size = size;
	return true;
}

/* An entry of both tables (RFC 7541 2.3.3). */
static bool find_entry(const struct hpack *h, size_t index, struct hpack_field *out)
{
	size_t back; /* 0 is the newest of the dynamic table */

	if (index == 0)
		return false;
	if (index <= HPACK_STATIC_ENTRIES) {
		*out = hpack_static(index);
		return true;
	}
	back = index - HPACK_STATIC_ENTRIES - 1;
	if (back >= h->count)
		return false;
	*out = h->ring[(h->newest + HPACK_ENTRIES_MOST - back) % HPACK_ENTRIES_MOST];
	return true;
}

/* A literal (RFC 7541 6.2): its name by index or spelled out, then its value. */
static bool read_literal(struct hpack *h, uint8_t first, unsigned bits, struct hpack_field *out)
{
	size_t index;

	if (!read_number(&h->block, first, bits, &index))
		return false;
	if (index > 0 ? !find_entry(h, index, out) : !read_string(&h->block, &out->name))
		return false;
	return read_string(&h->block, &out->value);
}

/* Size updates come ahead of all fields, and keep to what the server granted (RFC 7541 4.2, 6.3). */
static bool read_size(struct hpack *h, uint8_t first)
{
	size_t size;

	if (!read_number(&h->block, first, 5, &size) || h->has_field || size > h->most)
		return false;
	h->limit = size;
	evict(h, 0);
	return true;
}

/* One field whose first byte is no size update (RFC 7541 6.1, 6.2). */
static bool read_field(struct hpack *h, uint8_t first, struct hpack_field *out)
{
	size_t index;

	if (first & 0x80)
		return read_number(&h->block, first, 7, &index) && find_entry(h, index, out);
	if (!(first & 0x40)) /* not to be indexed, or never */
		return read_literal(h, first, 4, out);
	if (!read_literal(h, first, 6, out))
		return false;
	add_entry(h, out);
	return true;
}

enum hpack_step hpack_next(struct hpack *h, struct hpack_field *field)
{
	struct hpack_field next;

	while (reader_left(&h->block) > 0) {
		uint8_t first = reader_u8(&h->block);

		if ((first & 0xe0) == 0x20) {
			if (!read_size(h, first))
				return HPACK_BAD;
			continue;
		}
		if (!read_field(h, first, &next))
			return HPACK_BAD;
		h->has_field = true;
		*field = next;
		return HPACK_FIELD;
	}
	return HPACK_END;
}

size_t hpack_string_copy(const struct hpack_string *s, void *to, size_t room)
{
	size_t size = s->size < room ? s->size : room;
	struct huffman h = huffman_of(s->raw);
	uint8_t *out = to;

	if (!s->is_huffman && size > 0)
		memcpy(out, s->raw.data, size);
	for (size_t i = 0; s->is_huffman && i < size; i++)
		out[i] = (uint8_t)huffman_next(&h); /* measured: so many there are */
	return size;
}

bool hpack_string_is(const struct hpack_string *s, const char *text)
{
	struct span wanted = span_text(text);
	struct huffman h = huffman_of(s->raw);

	if (s->size != wanted.size)
		return false;
	if (!s->is_huffman)
		return span_equal(s->raw, wanted);
	for (size_t i = 0; i < wanted.size; i++) {
		if (huffman_next(&h) != wanted.data[i])
			return false;
	}
	return true;
}
