/*
 * L2TP over UDP, version 2 (RFC 2661) or 3 (RFC 3931): the request to start a control
 * connection, with which a flow begins. Its size is in the header, nothing has a number
 * yet, and attributes fill it, the kind of the message first.
 */
#include "base/datagrams.h"
#include "base/reader.h"
#include "wire/first_datagram.h"
#include "wire/recognise.h"

enum {
	CONTROL = 0xc8, /* a control message with a length and sequence numbers */
	VERSION_2 = 2,
	VERSION_3 = 3,
	START_REQUEST = 1,
	ATTRIBUTE_HEAD_BYTES = 6,
	ATTRIBUTE_SIZE = 0x03ff, /* bits of its first 16 */
	ATTRIBUTE_ZERO = 0x3c00,
	ATTRIBUTE_MANDATORY = 0x8000,
	KIND_BYTES = 2,
	PROTOCOL_VERSION = 2, /* types of attributes of the IETF */
	HOST_NAME = 7,
	ASSIGNED_TUNNEL = 9,
	ASSIGNED_CONNECTION = 61, /* of version 3 */
	SEEN_MOST = 64,           /* types */
};

/* RFC 2661 4.1: kind first, always to be understood. */
static bool has_kind(struct reader *r)
{
	return reader_be16(r) == (ATTRIBUTE_MANDATORY | (ATTRIBUTE_HEAD_BYTES + KIND_BYTES)) &&
	       reader_be32(r) == 0 && /* of the IETF, the kind */
	       reader_be16(r) == START_REQUEST;
}

/* The attributes up to the end, as bits of what the IETF defined among them. */
static bool read_attributes(struct reader *r, uint64_t *seen)
{
	*seen = 0;
	while (reader_left(r) > 0) {
		uint16_t head = reader_be16(r);
		uint16_t vendor = reader_be16(r);
		uint16_t type = reader_be16(r);
		size_t size = head & ATTRIBUTE_SIZE;

		if (head & ATTRIBUTE_ZERO || size < ATTRIBUTE_HEAD_BYTES)
			return false;
		(void)reader_take(r, size - ATTRIBUTE_HEAD_BYTES);
		if (vendor == 0 && type < SEEN_MOST)
			*seen |= UINT64_C(1) << type;
	}
	return !r->short_read;
}

/* What must be there (RFC 2661 6.1, RFC 3931 6.1). */
static bool is_complete(uint8_t version, uint64_t seen)
{
	if (!(seen >> HOST_NAME & 1))
		return false;
	return version == VERSION_2 ? seen >> PROTOCOL_VERSION & seen >> ASSIGNED_TUNNEL & 1
				    : seen >> ASSIGNED_CONNECTION & 1;
}

static bool is_start(struct span datagram)
{
	struct reader r = reader_of(datagram);
	uint8_t flags = reader_u8(&r);
	uint8_t version = reader_u8(&r);
	uint64_t seen;

	return flags == CONTROL && (version == VERSION_2 || version == VERSION_3) &&
	       reader_be16(&r) == datagram.size && reader_be32(&r) == 0 && /* tunnel, session */
	       reader_be32(&r) == 0 && has_kind(&r) && /* behind what was sent and received */
	       read_attributes(&r, &seen) && is_complete(version, seen);
}

static bool begins_l2tp(uint8_t first)
{
	return first == CONTROL;
}

static enum wire_verdict probe_l2tp(struct span in, struct wire_hints *hints)
{
	return first_datagram_ask(in, hints, is_start);
}

const struct wire_proto wire_l2tp = {
	.name = "l2tp",
	.udp = { DATAGRAMS_ROOM, probe_l2tp },
	.begins = begins_l2tp,
};
