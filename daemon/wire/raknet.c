/*
 * RakNet, by which Minecraft of the Bedrock edition and other games come: what is sent
 * before there is a connection, which holds 16 bytes that are always the same. That is a
 * ping, with the sender's time, or a request to open a connection, padded to the size
 * that is tried, or the second one, with the server's address.
 */
#include "base/datagrams.h"
#include "base/reader.h"
#include "wire/first_datagram.h"
#include "wire/recognise.h"

enum {
	PING = 0x01,
	PING_IF_OPEN = 0x02, /* to be answered only by a server that has room */
	OPEN_1 = 0x05,
	OPEN_2 = 0x07,
	TIME_BYTES = 8,
	GUID_BYTES = 8,   /* of the client; old ones leave it out of a ping */
	COOKIE_BYTES = 5, /* which some servers ask for: 4 bytes, and whether a proof follows */
	V4 = 4,           /* first byte of an address, and bytes of it behind that */
	V4_BYTES = 4 + 2,
	V6 = 6,
	V6_BYTES = 28,
	MTU_BYTES = 2,
};

static const uint8_t magic[] = { 0x00, 0xff, 0xff, 0x00, 0xfe, 0xfe, 0xfe, 0xfe,
				 0xfd, 0xfd, 0xfd, 0xfd, 0x12, 0x34, 0x56, 0x78 };

static bool is_magic(struct span bytes)
{
	return span_equal(bytes, span_of(magic, sizeof magic));
}

/* Behind the magic of the second request. */
static bool has_address(struct reader *r)
{
	uint8_t family;

	if (reader_left(r) == COOKIE_BYTES + 1 + V4_BYTES + MTU_BYTES + GUID_BYTES ||
	    reader_left(r) == COOKIE_BYTES + 1 + V6_BYTES + MTU_BYTES + GUID_BYTES)
		(void)reader_take(r, COOKIE_BYTES);
	family = reader_u8(r);
	if (family != V4 && family != V6)
		return false;
	(void)reader_take(r, family == V4 ? V4_BYTES : V6_BYTES);
	(void)reader_take(r, MTU_BYTES + GUID_BYTES);
	return !r->short_read && reader_left(r) == 0;
}

static bool is_message(struct span datagram)
{
	struct reader r = reader_of(datagram);
	uint8_t kind = reader_u8(&r);

	if (kind == PING || kind == PING_IF_OPEN)
		(void)reader_take(&r, TIME_BYTES);
	if (!is_magic(reader_take(&r, sizeof magic)))
		return false;
	switch (kind) {
	case PING:
	case PING_IF_OPEN:
		return reader_left(&r) == 0 || reader_left(&r) == GUID_BYTES;
	case OPEN_1:
		(void)reader_u8(&r); /* version */
		return !r.short_read && span_is_zero(reader_take(&r, reader_left(&r)));
	case OPEN_2:
		return has_address(&r);
	default:
		return false;
	}
}

static bool begins_raknet(uint8_t first)
{
	return first == PING || first == PING_IF_OPEN || first == OPEN_1 || first == OPEN_2;
}

static enum wire_verdict probe_raknet(struct span in, struct wire_hints *hints)
{
	return first_datagram_ask(in, hints, is_message);
}

const struct wire_proto wire_raknet = {
	.name = "raknet",
	.udp = { DATAGRAMS_ROOM, probe_raknet },
	.begins = begins_raknet,
};
