/*
 * OpenVPN over UDP, by the hard reset with which a client begins (openvpn-rfc, "P_CONTROL_
 * HARD_RESET_CLIENT"): an opcode, a session id, and what wraps it, each with a size of
 * its own. Plain, under a tls-auth key with any digest, under a tls-crypt key, or with
 * a client's own key that comes along (tls-crypt-v2). All of these but the id are few
 * values, save what a key encrypts.
 */
#include "base/datagrams.h"
#include "base/reader.h"
#include "wire/dns.h"
#include "wire/first_datagram.h"
#include "wire/recognise.h"

enum {
	OPCODE_RESET_V2 = 7 << 3, /* with key id 0: a session has no other yet */
	OPCODE_RESET_V3 = 10 << 3,
	SESSION_BYTES = 8,
	PLAIN_BYTES = 14,
	AUTH_BYTES = 22,     /* without the digest */
	CRYPT_BYTES = 54,    /* without the client's key */
	WRAPPED_LEAST = 290, /* of that: tag, two keys, its own size */
	WRAPPED_MOST = 1024,
	PACKET_ID_MOST = 255,           /* a reset is sent again some ten times, then given up */
	EARLY_NEGOTIATION = 0x0f000000, /* what a client of 2.6 adds to its first packet id, to say
					 * that the server may answer without a state */
};

/* Bytes of a digest that tls-auth may use: MD5, SHA-1, and on to SHA-512. */
static const size_t digest_table[] = { 16, 20, 24, 28, 32, 36, 48, 64 };

static bool is_packet_id(uint32_t id)
{
	return id > 0 && id <= PACKET_ID_MOST;
}

/* Nothing is acknowledged yet, and the message is the first one (its own number is 0). */
static bool is_first_message(struct reader *r)
{
	return reader_u8(r) == 0 && reader_be32(r) == 0 && !r->short_read && reader_left(r) == 0;
}

/* Digest, packet id and time ahead of the message. The time is the client's, and may be wrong. */
static bool is_authenticated(struct reader r, size_t size)
{
	bool is_known = false;

	for (size_t i = 0; i < sizeof digest_table / sizeof *digest_table; i++)
		is_known |= size == AUTH_BYTES + digest_table[i];
	if (!is_known)
		return false;
	(void)reader_take(&r, size - AUTH_BYTES);
	if (!is_packet_id(reader_be32(&r)))
		return false;
	(void)reader_be32(&r);
	return is_first_message(&r);
}

/* Packet id and time, then what is encrypted. That is little to go by: a query of DNS that is as long,
 * with the right id, is none. */
static bool is_encrypted(struct reader r, uint32_t more)
{
	struct span datagram = r.in;
	uint32_t id = reader_be32(&r);

	return (is_packet_id(id) || is_packet_id(id ^ more)) && !dns_is_query(datagram);
}

/* The client's key ends the datagram, and its size ends the key. */
static bool has_wrapped_key(struct span datagram)
{
	size_t size = datagram.size - CRYPT_BYTES;
	const uint8_t *end = datagram.data + datagram.size;

	return size >= WRAPPED_LEAST && size <= WRAPPED_MOST &&
	       size == ((size_t)end[-2] << 8 | end[-1]);
}

static bool is_reset(struct span datagram)
{
	static const uint8_t none[SESSION_BYTES] = { 0 };
	struct reader r = reader_of(datagram);
	uint8_t opcode = reader_u8(&r);
	struct span session = reader_take(&r, SESSION_BYTES);

	if (r.short_read || memcmp(session.data, none, sizeof none) == 0)
		return false;
	if (opcode == OPCODE_RESET_V3)
		return datagram.size > CRYPT_BYTES && has_wrapped_key(datagram) &&
		       is_encrypted(r, EARLY_NEGOTIATION);
	if (opcode != OPCODE_RESET_V2)
		return false;
	if (datagram.size == PLAIN_BYTES)
		return is_first_message(&r);
	return is_authenticated(r, datagram.size) ||
	       (datagram.size == CRYPT_BYTES && is_encrypted(r, 0));
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
	.udp = { DATAGRAMS_ROOM, probe_openvpn },
	.begins = begins_openvpn,
};
