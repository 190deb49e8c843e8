/*
 * BitTorrent. By TCP the handshake of a peer (BEP 3): its first 20 bytes are always the
 * same; what follows, capabilities and hashes, may be anything. By UDP the request with
 * which a client introduces itself to a tracker (BEP 15): 16 bytes, of which the first
 * twelve are always the same. A peer that encrypts its handshake shows nothing to be
 * known by. Peers that meet by UDP are `utp`, the table of who has what is `bt-dht`.
 */
#include "base/datagrams.h"
#include "wire/fields.h"
#include "wire/first_datagram.h"
#include "wire/recognise.h"

enum {
	HANDSHAKE_BYTES = 20,
	CONNECT_BYTES = 16,
	CONNECT_FIXED_BYTES =
		12, /* the id of the protocol, and action 0; then a transaction's id */
};

static enum wire_verdict probe_handshake(struct span in, struct wire_hints *hints)
{
	struct fields f = fields_of(in);

	fields_text(&f, span_text("\x13"
				  "BitTorrent protocol"));
	return fields_end(&f, hints);
}

static bool is_connect(struct span datagram)
{
	static const uint8_t begin[CONNECT_FIXED_BYTES] = { 0, 0, 4, 0x17, 0x27, 0x10, 0x19, 0x80 };

	return datagram.size == CONNECT_BYTES && memcmp(datagram.data, begin, sizeof begin) == 0;
}

static bool begins_connect(uint8_t first)
{
	return first == 0;
}

static enum wire_verdict probe_connect(struct span in, struct wire_hints *hints)
{
	return first_datagram_ask(in, hints, is_connect);
}

const struct wire_proto wire_bittorrent = {
	.name = "bittorrent",
	.tcp = { HANDSHAKE_BYTES, probe_handshake },
	.udp = { DATAGRAMS_ROOM, probe_connect },
	.begins = begins_connect,
};
