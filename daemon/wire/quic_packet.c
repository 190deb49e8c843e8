/* QUIC packets, as far as they can be read without keys. */
#include "wire/quic_packet.h"

uint64_t quic_number(struct reader *r)
{
	uint8_t first = reader_u8(r);
	struct span rest = reader_take(r, ((size_t)1 << (first >> 6)) - 1);
	uint64_t value = first & 0x3f;

	if (r->short_read)
		return 0;
	for (size_t i = 0; i < rest.size; i++)
		value = value << 8 | rest.data[i];
	return value;
}

struct span quic_counted(struct reader *r)
{
	uint64_t size = quic_number(r);

	return reader_take(r, size < SIZE_MAX ? (size_t)size : SIZE_MAX);
}

bool quic_long_read(struct reader *r, struct quic_long *out)
{
	struct quic_long l;

	l.first = reader_u8(r);
	l.version = reader_be32(r);
	l.dcid = reader_take(r, reader_u8(r));
	l.scid = reader_take(r, reader_u8(r));
	if (r->short_read || !(l.first & 0x80))
		return false;
	*out = l;
	return true;
}

/* From a long header's end on. */
static bool read_rest(struct reader *r, size_t start, const struct quic_long *head,
		      struct quic_packet *out)
{
	struct quic_packet p = { .version = quic_version_find(head->version), .dcid = head->dcid };

	if (!p.version || head->dcid.size > QUIC_CID_MOST || head->scid.size > QUIC_CID_MOST)
		return false;
	p.kind = p.version->kinds[head->first >> 4 & 3];
	if (p.kind == QUIC_INITIAL)
		p.token = quic_counted(r);
	if (p.kind == QUIC_RETRY) {
		(void)reader_take(r, reader_left(r)); /* up to the datagram's end (17.2.5) */
	} else {
		struct span rest = quic_counted(r);

		p.number_at = r->at - start - rest.size;
	}
	if (r->short_read)
		return false;
	p.whole = span_of(r->in.data + start, r->at - start);
	*out = p;
	return true;
}

bool quic_packet_read(struct reader *r, struct quic_packet *out)
{
	size_t start = r->at;
	struct quic_long head;

	if (quic_long_read(r, &head) && read_rest(r, start, &head, out))
		return true;
	r->short_read = true;
	return false;
}
