/*
 * WireGuard, by the form of its four messages (whitepaper 5.4): a type, three zero
 * bytes, a size that is fixed but for transport data. A handshake message says with
 * its mac1 for which server it is; a cookie reply and transport data, with which a
 * flow begins when its client came from another address or the box was restarted,
 * do not: then it is sure, and waits for the handshake that the client will try.
 */
#include "wire/wireguard.h"

#include "base/datagrams.h"
#include "wire/dns.h"
#include "wire/first_datagram.h"
#include "wire/ike.h"
#include "wire/recognise.h"

enum {
	TYPE_INITIATION = 1,
	TYPE_RESPONSE = 2, /* of a client to its server, who wants new keys */
	TYPE_COOKIE = 3,
	TYPE_DATA = 4,
	COOKIE_BYTES = 64,
	DATA_LEAST_BYTES = 32, /* a keepalive: header and tag */
	DATA_BLOCK_BYTES = 16, /* to which packets are padded */
	INDEX_AT = 4,          /* the sender's where there is one, else the receiver's */
	RECEIVER_AT = 8,       /* in a response */
	INDEX_BYTES = 4,
	COUNTER_HIGH_AT = 12, /* upper half of a little-endian number of 64 bits, which counts
				* packets under one key, for three minutes */
};

static bool fits_type(struct span datagram)
{
	switch (datagram.data[0]) {
	case TYPE_INITIATION:
		return datagram.size == WIREGUARD_INITIATION_BYTES;
	case TYPE_RESPONSE:
		return datagram.size == WIREGUARD_RESPONSE_BYTES;
	case TYPE_COOKIE:
		return datagram.size == COOKIE_BYTES;
	case TYPE_DATA:
		return datagram.size >= DATA_LEAST_BYTES && datagram.size % DATA_BLOCK_BYTES == 0 &&
		       span_is_zero(span_of(datagram.data + COUNTER_HIGH_AT, 4));
	default:
		return false;
	}
}

/* The first bytes may be the id of a DNS query, and its flags, or an SPI of IKE: what comes behind these
 * tells. */
static bool is_message(struct span datagram)
{
	return datagram.size >= DATA_LEAST_BYTES && span_is_zero(span_of(datagram.data + 1, 3)) &&
	       fits_type(datagram) && !dns_is_query(datagram) && !ike_is_message(datagram);
}

static bool has_mac1(struct span datagram)
{
	return datagram.data[0] == TYPE_INITIATION || datagram.data[0] == TYPE_RESPONSE;
}

struct span wireguard_sender(struct span head, size_t whole)
{
	bool is_handshake =
		head.size >= INDEX_AT + INDEX_BYTES && span_is_zero(span_of(head.data + 1, 3)) &&
		((head.data[0] == TYPE_INITIATION && whole == WIREGUARD_INITIATION_BYTES) ||
		 (head.data[0] == TYPE_RESPONSE && whole == WIREGUARD_RESPONSE_BYTES));

	return is_handshake ? span_of(head.data + INDEX_AT, INDEX_BYTES) : span_of(NULL, 0);
}

struct span wireguard_receiver(struct span datagram)
{
	if (!is_message(datagram) || datagram.data[0] == TYPE_INITIATION)
		return span_of(NULL, 0);
	return span_of(datagram.data + (datagram.data[0] == TYPE_RESPONSE ? RECEIVER_AT : INDEX_AT),
		       INDEX_BYTES);
}

/* The first datagram decides whether it is WireGuard; what comes behind it can but bring mac1. */
static enum wire_verdict take_datagram(void *flow, struct span datagram, bool is_sure,
				       struct wire_hints *hints)
{
	(void)flow;
	(void)is_sure;
	if (!is_message(datagram))
		return WIRE_NO;
	if (!has_mac1(datagram))
		return WIRE_MORE;
	hints->mac1 = datagram;
	return WIRE_YES;
}

static bool begins_wireguard(uint8_t first)
{
	return first >= TYPE_INITIATION && first <= TYPE_DATA;
}

static enum wire_verdict probe_wireguard(struct span in, struct wire_hints *hints)
{
	return first_datagrams_ask(in, hints, NULL, take_datagram);
}

const struct wire_proto wire_wireguard = {
	.name = "wireguard",
	.says = WIRE_SAYS_MAC1,
	.udp = { DATAGRAMS_ROOM, probe_wireguard },
	.begins = begins_wireguard,
};
