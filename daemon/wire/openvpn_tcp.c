/*
 * OpenVPN by TCP: its packets with their sizes in front, the first one a client's hard
 * reset, of which openvpn.c says what it is. Then the client waits. Much of a reset is of
 * chance or encrypted, and DNS by TCP begins with the same two bytes: what could be a
 * header of that is. Of the many sizes of a reset with a client's key two are a request of
 * SOCKS 4. MongoDB, SMB, Cassandra, STUN and Kafka have no such sizes, types or streams.
 */
#include "wire/dns.h"
#include "wire/openvpn.h"
#include "wire/recognise.h"

enum {
	SIZE_BYTES = 2,
	SOCKS4_CONNECT = 0x0401,
	SOCKS4_BIND = 0x0402,
};

enum wire_verdict openvpn_tcp_probe(struct span in, struct wire_hints *hints)
{
	struct fields f = fields_of(in);
	size_t size = fields_be(&f, SIZE_BYTES, OPENVPN_RESET_LEAST, OPENVPN_RESET_MOST);

	fields_require(&f, size != SOCKS4_CONNECT && size != SOCKS4_BIND);
	if (f.verdict == WIRE_YES)
		openvpn_read_reset(&f, size);
	if (f.verdict == WIRE_YES)
		fields_require(&f, !dns_stream_begins(in));
	return fields_end(&f, hints);
}
