/*
 * STUN, and TURN, which begins as STUN (RFC 8489): a header with the magic cookie,
 * attributes that fill the message, and a FINGERPRINT that is right where there is one.
 * By UDP the first byte keeps it apart from what ICE puts beside it on one port, DTLS and
 * RTP (RFC 7983 7); the cookie from all else. STUN of before the cookie (RFC 3489) has
 * nothing to be known by and is not looked for.
 *
 * By TCP the first message is a request or an indication, of a method that is not
 * reserved (RFC 8489 18.2). ICE puts its size in front of it, two bytes (RFC 6544 3,
 * RFC 4571 2). Longer ones than any client begins with are refused, which keeps those
 * sizes apart from the first bytes of SOCKS 4 and 5.
 */
#include "wire/stun.h"

#include "base/datagrams.h"
#include "wire/crc32.h"
#include "wire/fields.h"
#include "wire/first_datagram.h"
#include "wire/recognise.h"

enum {
	HEADER_BYTES = 20,
	TYPE_MOST = 0x3fff,      /* the first two bits are zero (RFC 8489 5) */
	TYPE_FIRST_MOST = 0x3ff, /* of a method below 0x100: the others are reserved */
	TYPE_OF_ANSWERS = 0x100, /* bits of the class (5): responses have this one, */
	TYPE_CLASS = 0x110,      /* the rest is the method */
	TRANSACTION_BYTES = 12,
	ATTRIBUTE_FINGERPRINT = 0x8028,
	FINGERPRINT_BYTES = 4,
	STREAM_SIZE_MOST = 2048, /* of the attributes of a first message */
	FRAME_MOST = 0x3ff,      /* of a framed message: checks of ICE have some 100 bytes */
	FRAME_HEAD_BYTES = 2,
	STREAM_MOST_BYTES = HEADER_BYTES + STREAM_SIZE_MOST,
};

static const uint32_t magic_cookie = 0x2112a442;
static const uint32_t fingerprint_mask = 0x5354554e; /* "STUN", XORed in (RFC 8489 14.7) */

/* A FINGERPRINT: of the message from `start` to the attribute, and its last one. */
static void read_fingerprint(struct fields *f, size_t start, size_t end)
{
	size_t head = f->at - 4; /* where the attribute begins */
	uint32_t value = fields_be(f, FINGERPRINT_BYTES, 0, UINT32_MAX);

	if (f->verdict != WIRE_YES)
		return;
	fields_require(f, f->at == end &&
				  value == (crc32_of(span_of(f->in.data + start, head - start)) ^
					    fingerprint_mask));
}

/* An attribute and its padding (RFC 8489 14), ahead of `end`: each takes a multiple of four bytes, and
 * so does all that is left. */
static void read_attribute(struct fields *f, size_t start, size_t end)
{
	uint32_t type = fields_be(f, 2, 0, 0xffff);
	uint32_t most = f->verdict == WIRE_YES ? (uint32_t)(end - f->at - 2) : 0;
	uint32_t size;

	if (type == ATTRIBUTE_FINGERPRINT) {
		(void)fields_be(f, 2, FINGERPRINT_BYTES, FINGERPRINT_BYTES);
		read_fingerprint(f, start, end);
		return;
	}
	size = fields_be(f, 2, 0, most);
	(void)fields_take(f, (size + 3u) & ~3u);
}

/* From the size on: the message began at `start`, and its type was read. */
static void read_rest(struct fields *f, size_t start, uint32_t least, uint32_t most)
{
	uint32_t size = fields_be(f, 2, least, most);
	size_t end = start + HEADER_BYTES + size;

	fields_require(f, size % 4 == 0);
	(void)fields_be(f, 4, magic_cookie, magic_cookie);
	(void)fields_take(f, TRANSACTION_BYTES);
	while (f->verdict == WIRE_YES && f->at < end)
		read_attribute(f, start, end);
}

bool stun_is_message(struct span datagram)
{
	struct fields f = fields_of(datagram);

	(void)fields_be(&f, 2, 0, TYPE_MOST);
	read_rest(&f, 0, 0, 0xffff);
	return f.verdict == WIRE_YES && f.at == datagram.size;
}

static bool begins_stun(uint8_t first)
{
	return first <= TYPE_MOST >> 8;
}

static enum wire_verdict probe_datagram(struct span in, struct wire_hints *hints)
{
	return first_datagram_ask(in, hints, stun_is_message);
}

/* As a client's first words. */
static void read_type(struct fields *f)
{
	uint32_t high = fields_be(f, 1, 0, TYPE_FIRST_MOST >> 8);
	uint32_t low;

	fields_require(f, (high & TYPE_OF_ANSWERS >> 8) == 0);
	low = fields_be(f, 1, 0, 0xff);
	fields_require(f, ((high << 8 | low) & ~(uint32_t)TYPE_CLASS) != 0);
}

static struct fields read_plain(struct span in)
{
	struct fields f = fields_of(in);

	read_type(&f);
	read_rest(&f, 0, 0, STREAM_SIZE_MOST);
	return f;
}

static struct fields read_framed(struct span in)
{
	struct fields f = fields_of(in);
	uint32_t size = fields_be(&f, FRAME_HEAD_BYTES, HEADER_BYTES, FRAME_MOST);

	read_type(&f);
	if (f.verdict == WIRE_YES)
		read_rest(&f, FRAME_HEAD_BYTES, size - HEADER_BYTES, size - HEADER_BYTES);
	return f;
}

/* The cookie cannot be at both places: at most one goes on behind it, and ahead of it both want the next
 * byte. */
static enum wire_verdict probe_stream(struct span in, struct wire_hints *hints)
{
	struct fields plain = read_plain(in);
	struct fields framed = read_framed(in);

	return fields_end(plain.verdict == WIRE_NO ? &framed : &plain, hints);
}

const struct wire_proto wire_stun = {
	.name = "stun",
	.tcp = { STREAM_MOST_BYTES, probe_stream },
	.udp = { DATAGRAMS_ROOM, probe_datagram },
	.begins = begins_stun,
};
