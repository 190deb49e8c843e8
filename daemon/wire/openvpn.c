/*
 * OpenVPN, by the hard reset with which a client begins (openvpn-rfc, "P_CONTROL_HARD_
 * RESET_CLIENT"): an opcode, a session id, and what wraps it, each with a size of its own.
 * Plain, under a tls-auth key with any digest, under a tls-crypt key, or with a client's
 * own key that comes along (tls-crypt-v2). All of these but the ids are few values, save
 * what a key encrypts. Here by UDP, the reset being the datagram; by TCP see openvpn_tcp.c.
 */
#include "wire/openvpn.h"

#include "base/datagrams.h"
#include "wire/dns.h"
#include "wire/first_datagram.h"
#include "wire/ike.h"
#include "wire/recognise.h"

enum {
	OPCODE_RESET_V2 = 7 << 3, /* with key id 0: a session has no other yet */
	OPCODE_RESET_V3 = 10 << 3,
	SESSION_BYTES = 8,
	PLAIN_BYTES = OPENVPN_RESET_LEAST,
	AUTH_BYTES = 22,       /* without the digest */
	CRYPT_BYTES = 54,      /* without the client's key */
	CRYPT_HEAD_BYTES = 17, /* of that: what is not encrypted */
	WRAPPED_LEAST = 290,   /* of the key: tag, two keys, its own size */
	WRAPPED_SIZE_BYTES = 2,
	PACKET_ID_MOST = 255, /* a reset is sent again some ten times, then given up */
	EARLY_NEGOTIATION =
		0xf, /* what a client of 2.6 puts in front of its first packet ids, to say
				  * that the server may answer without a state */
};

/* Bytes of a digest that tls-auth may use: MD5, SHA-1, and on to SHA-512. */
static const size_t digest_table[] = { 16, 20, 24, 28, 32, 36, 48, 64 };

/* Opcode and session. No session has the id 0. */
static void read_head(struct fields *f, uint8_t opcode)
{
	struct span session;

	(void)fields_be(f, 1, opcode, opcode);
	session = fields_take(f, SESSION_BYTES);
	fields_require(f, session.size == 0 || !span_is_zero(session));
}

/* Packet id and time. That is the client's, and may be wrong. */
static void read_packet_id(struct fields *f)
{
	(void)fields_be(f, 4, 1, PACKET_ID_MOST);
	(void)fields_take(f, 4);
}

/* Nothing is acknowledged yet, and the message is the first one: its own number is 0. */
static void read_first_message(struct fields *f)
{
	fields_text(f, span_of("\0\0\0\0\0", 5));
}

/* Digest, packet id and time ahead of the message. */
static void read_authenticated(struct fields *f, size_t digest)
{
	read_head(f, OPCODE_RESET_V2);
	(void)fields_take(f, digest);
	read_packet_id(f);
	read_first_message(f);
}

static void read_encrypted(struct fields *f)
{
	read_head(f, OPCODE_RESET_V2);
	read_packet_id(f);
	(void)fields_take(f, CRYPT_BYTES - CRYPT_HEAD_BYTES);
}

/* The client's key ends the packet, and its size ends the key. */
static void read_with_key(struct fields *f, size_t key)
{
	uint32_t early;

	read_head(f, OPCODE_RESET_V3);
	early = fields_be(f, 1, 0, EARLY_NEGOTIATION);
	fields_require(f, early == 0 || early == EARLY_NEGOTIATION);
	(void)fields_be(f, 3, 1, PACKET_ID_MOST);
	(void)fields_take(f, 4);
	(void)fields_take(f, CRYPT_BYTES - CRYPT_HEAD_BYTES + key - WRAPPED_SIZE_BYTES);
	(void)fields_be(f, WRAPPED_SIZE_BYTES, (uint32_t)key, (uint32_t)key);
}

/* Digests come in eight sizes; with the one of 32 bytes it is as long as an encrypted one. */
static void read_of_digest(struct fields *f, size_t size)
{
	struct fields encrypted = *f;
	bool is_known = false;

	for (size_t i = 0; i < sizeof digest_table / sizeof *digest_table; i++)
		is_known |= size == AUTH_BYTES + digest_table[i];
	fields_require(f, is_known);
	read_authenticated(f, size - AUTH_BYTES);
	if (size != CRYPT_BYTES)
		return;
	read_encrypted(&encrypted);
	if (f->verdict == WIRE_NO || encrypted.verdict == WIRE_YES)
		*f = encrypted;
}

void openvpn_read_reset(struct fields *f, size_t size)
{
	if (size == PLAIN_BYTES) {
		read_head(f, OPCODE_RESET_V2);
		read_first_message(f);
	} else if (size < AUTH_BYTES || size > OPENVPN_RESET_MOST) {
		fields_require(f, false);
	} else if (size < CRYPT_BYTES + WRAPPED_LEAST) {
		read_of_digest(f, size);
	} else {
		read_with_key(f, size - CRYPT_BYTES);
	}
}

/* What a key encrypts may be whatever another protocol has there, but STUN: no reset is as long as one of
 * its messages. */
static bool is_other(struct span datagram)
{
	return dns_is_query(datagram) || ike_is_message(datagram);
}

static bool is_reset(struct span datagram)
{
	struct fields f = fields_of(datagram);

	openvpn_read_reset(&f, datagram.size);
	return f.verdict == WIRE_YES && !is_other(datagram);
}

static bool begins_openvpn(uint8_t first)
{
	return first == OPCODE_RESET_V2 || first == OPCODE_RESET_V3;
}

static enum wire_verdict probe_openvpn(struct span in, struct wire_hints *hints)
{
	return first_datagram_ask(in, hints, is_reset);
}

const struct wire_proto wire_openvpn = {
	.name = "openvpn",
	.tcp = { OPENVPN_TCP_MOST_BYTES, openvpn_tcp_probe },
	.udp = { DATAGRAMS_ROOM, probe_openvpn },
	.begins = begins_openvpn,
};
