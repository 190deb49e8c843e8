/*
 * STUN over UDP, and TURN, which begins as STUN (RFC 8489): a header with the magic
 * cookie, attributes that fill the datagram, and a FINGERPRINT that is right where
 * there is one. The first byte keeps it apart from what ICE puts beside it on one
 * port, DTLS and RTP (RFC 7983 7); the cookie from all else. STUN of before the
 * cookie (RFC 3489) has nothing to be known by and is not looked for.
 */
#include "base/datagrams.h"
#include "base/reader.h"
#include "wire/crc32.h"
#include "wire/first_datagram.h"
#include "wire/recognise.h"

enum {
	HEADER_BYTES = 20,
	TYPE_MOST = 0x3fff, /* the first two bits are zero (RFC 8489 5) */
	TRANSACTION_BYTES = 12,
	ATTRIBUTE_FINGERPRINT = 0x8028,
	FINGERPRINT_BYTES = 4,
};

static const uint32_t magic_cookie = 0x2112a442;
static const uint32_t fingerprint_mask = 0x5354554e; /* "STUN", XORed in (RFC 8489 14.7) */

/* An attribute and its padding (RFC 8489 14); a FINGERPRINT is the last one, and right. */
static bool read_attribute(struct reader *r)
{
	size_t at = r->at;
	uint16_t type = reader_be16(r);
	uint16_t size = reader_be16(r);

	if (type == ATTRIBUTE_FINGERPRINT)
		return size == FINGERPRINT_BYTES &&
		       reader_be32(r) == (crc32_of(span_of(r->in.data, at)) ^ fingerprint_mask) &&
		       !r->short_read && reader_left(r) == 0;
	(void)reader_take(r, (size + 3u) & ~(size_t)3);
	return !r->short_read;
}

static bool is_message(struct span datagram)
{
	struct reader r = reader_of(datagram);
	uint16_t type = reader_be16(&r);
	uint16_t size = reader_be16(&r);

	if (type > TYPE_MOST || size % 4 != 0 || datagram.size != (size_t)HEADER_BYTES + size ||
	    reader_be32(&r) != magic_cookie)
		return false;
	(void)reader_take(&r, TRANSACTION_BYTES);
	while (reader_left(&r) > 0) {
		if (!read_attribute(&r))
			return false;
	}
	return true;
}

static bool begins_stun(uint8_t first)
{
	return first <= TYPE_MOST >> 8;
}

static enum wire_verdict probe_stun(struct span in, struct wire_hints *hints)
{
	return first_datagram_ask(in, hints, is_message);
}

const struct wire_proto wire_stun = {
	.name = "stun",
	.udp = { DATAGRAMS_ROOM, probe_stun },
	.begins = begins_stun,
};
