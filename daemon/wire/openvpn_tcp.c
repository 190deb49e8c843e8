/*
 * OpenVPN by TCP: its packets with their sizes in front, the first one a client's hard
 * reset, of which openvpn.c says what it is. Then the client waits. Much of a reset is of
 * chance or encrypted, so it may be what another protocol has in the same places: of
 * DNS by TCP, whose messages have the same two bytes in front, that is any byte; of SMB,
 * MongoDB and Cassandra a few that chance hardly ever finds. They are theirs, and so are
 * the two of many sizes that are a request of SOCKS 4. STUN has types below 0x400, and no
 * message as long as its size would be.
 */
#include "wire/dns.h"
#include "wire/openvpn.h"
#include "wire/recognise.h"

enum {
	SIZE_BYTES = 2,
	SOCKS4_CONNECT = 0x0401,
	SOCKS4_BIND = 0x0402,
	CASSANDRA_LEAST = 0x0300, /* versions 3 and 4, in the first byte; flags in the second */
	CASSANDRA_FLAGS = 0x10,
	CASSANDRA_OPTIONS = 5,
	CASSANDRA_STARTUP = 1,
};

static bool has_at(struct span stream, size_t at, struct span bytes)
{
	return memcmp(stream.data + at, bytes.data, bytes.size) == 0;
}

/* Version, flags, stream, opcode, and a size of less than 64 KiB. */
static bool is_cassandra(struct span stream, size_t size)
{
	return size >= CASSANDRA_LEAST && (size & UINT8_MAX & ~(size_t)CASSANDRA_FLAGS) == 0 &&
	       (stream.data[4] == CASSANDRA_OPTIONS || stream.data[4] == CASSANDRA_STARTUP) &&
	       has_at(stream, 5, span_of("\0\0", 2));
}

/* An answer to nothing, and one of its three requests. */
static bool is_mongodb(struct span stream)
{
	return has_at(stream, 8, span_of("\0\0\0\0", 4)) &&
	       (stream.data[12] == 0xd4 || stream.data[12] == 0xdc || stream.data[12] == 0xdd) &&
	       has_at(stream, 13, span_of("\7\0\0", 3));
}

/* The whole packet is there. */
static bool is_other(struct span stream, size_t size)
{
	return dns_stream_begins(stream) || is_cassandra(stream, size) || is_mongodb(stream) ||
	       has_at(stream, 5, span_text("SMB"));
}

enum wire_verdict openvpn_tcp_probe(struct span in, struct wire_hints *hints)
{
	struct fields f = fields_of(in);
	size_t size = fields_be(&f, SIZE_BYTES, OPENVPN_RESET_LEAST, OPENVPN_RESET_MOST);

	fields_require(&f, size != SOCKS4_CONNECT && size != SOCKS4_BIND);
	if (f.verdict == WIRE_YES)
		openvpn_read_reset(&f, size);
	if (f.verdict == WIRE_YES)
		fields_require(&f, !is_other(in, size));
	return fields_end(&f, hints);
}
