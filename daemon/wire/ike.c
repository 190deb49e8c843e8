/*
 * IKE, version 1 and 2, as on port 500 or behind the four zero bytes that mark it on
 * port 4500 (RFC 3948 2.2): a header with the whole size, and what it says is behind it.
 * That is a chain of payloads that fills the message (RFC 7296 3.2, RFC 2408 3.2), or
 * one that is encrypted. A client begins with a message of which nobody has answered
 * (its responder's SPI is 0), yet a flow of port 4500 goes on with what began on 500,
 * and any may when it was silent for long: so later requests count, too. ESP and
 * keepalives of port 4500 show nothing to be known by.
 */
#include "wire/ike.h"

#include "base/datagrams.h"
#include "base/reader.h"
#include "wire/dns.h"
#include "wire/first_datagram.h"
#include "wire/recognise.h"
#include "wire/stun.h"

enum {
	HEADER_BYTES = 28,
	SPI_BYTES = 8,
	MARKER_BYTES = 4,
	PAYLOAD_HEAD_BYTES = 4,
	PRIVATE_LEAST = 128, /* types of payloads from here on are private use */

	V2 = 0x20,
	V2_IKE_SA_INIT = 34,
	V2_IKE_AUTH = 35,
	V2_INFORMATIONAL = 37,
	V2_SESSION_RESUME = 38, /* RFC 5723 */
	V2_INTERMEDIATE = 43,   /* RFC 9242 */
	V2_FOLLOWUP_KE = 44,    /* RFC 9370 */
	V2_INITIATOR = 0x08,    /* flags; a request has no 0x20 */
	V2_HIGHER_VERSION = 0x10,
	V2_CRITICAL = 0x80, /* of a payload */
	V2_SA = 33,         /* the first type of a payload */
	V2_KE = 34,
	V2_NONCE = 40,
	V2_NOTIFY = 41,
	V2_SEALED = 46,          /* encrypted and authenticated */
	V2_SEALED_FRAGMENT = 53, /* RFC 7383 */
	V2_LAST = 54,
	V2_SEALED_LEAST = 17,   /* bytes: an IV, one of text, the shortest check value */
	V2_FRAGMENT_LEAST = 13, /* likewise, behind its numbers */
	V2_NONCE_LEAST = 16,
	V2_NONCE_MOST = 256,

	V1 = 0x10,
	V1_MAIN = 2,
	V1_AGGRESSIVE = 4,
	V1_INFORMATIONAL = 5,
	V1_TRANSACTION = 6,
	V1_QUICK = 32,
	V1_NEW_GROUP = 33,
	V1_ENCRYPTED = 1, /* flags */
	V1_FLAGS = 7,
	V1_SA = 1,
	V1_KE = 4,
	V1_ID = 5,
	V1_HASH = 8,
	V1_NONCE = 10,
	V1_LAST = 21,
	V1_FRAGMENT = 132, /* of Cisco, and of all others after it */
	V1_BLOCK_BYTES = 8,
	DOI_IPSEC = 1, /* RFC 2407 4.2 */
	SITUATION_MOST = 7,
};

struct header {
	bool is_answered; /* the responder has an SPI */
	uint8_t next;     /* type of the first payload */
	uint8_t version;
	uint8_t exchange;
	uint8_t flags;
	uint32_t id;
};

/* What is common to all payloads of a version, and which types were there. */
struct chain {
	uint8_t reserved;    /* bits of their second byte that are zero */
	uint8_t first, last; /* types, but for those of private use */
	uint64_t seen;       /* bit TYPE */
	bool (*fits)(uint8_t type, struct span body);
};

static bool has_seen(const struct chain *c, uint8_t type)
{
	return c->seen >> type & 1;
}

/* The payloads from that type on, up to the message's end. */
static bool read_chain(struct reader *r, uint8_t next, struct chain *c)
{
	while (next != 0) {
		uint8_t type = next;
		uint8_t flags;
		uint16_t size;
		struct span body;

		if ((type < c->first || type > c->last) && type < PRIVATE_LEAST)
			return false;
		next = reader_u8(r);
		flags = reader_u8(r);
		size = reader_be16(r);
		if (flags & c->reserved || size < PAYLOAD_HEAD_BYTES)
			return false;
		body = reader_take(r, size - (size_t)PAYLOAD_HEAD_BYTES);
		if (r->short_read || !c->fits(type, body))
			return false;
		if (type <= c->last)
			c->seen |= UINT64_C(1) << type;
	}
	return reader_left(r) == 0;
}

/* Proposals for IKE itself, which have no SPI yet (RFC 7296 3.3.1). */
static bool is_v2_offer(struct span body)
{
	enum { HEAD_BYTES = 8, MORE = 2, OF_IKE = 1 };
	struct reader r = reader_of(body);
	uint8_t more;

	do {
		uint16_t size;

		more = reader_u8(&r);
		(void)reader_u8(&r);
		size = reader_be16(&r);
		(void)reader_u8(&r); /* its number */
		if ((more != 0 && more != MORE) || size < HEAD_BYTES || reader_u8(&r) != OF_IKE ||
		    reader_u8(&r) != 0)
			return false;
		(void)reader_u8(&r); /* how many transforms */
		(void)reader_take(&r, size - (size_t)HEAD_BYTES);
	} while (more && !r.short_read);
	return !r.short_read && reader_left(&r) == 0;
}

static bool fits_v2(uint8_t type, struct span body)
{
	if (type == V2_SA)
		return is_v2_offer(body);
	if (type == V2_NONCE)
		return body.size >= V2_NONCE_LEAST && body.size <= V2_NONCE_MOST;
	return true;
}

/* IKE_SA_INIT (RFC 7296 1.2), or a session that is resumed (RFC 5723 4.3.2). */
static bool begins_v2(struct reader *r, const struct header *h)
{
	struct chain c = { (uint8_t)~V2_CRITICAL, V2_SA, V2_LAST, 0, fits_v2 };

	if (!(h->flags & V2_INITIATOR) || h->id != 0 || !read_chain(r, h->next, &c) ||
	    !has_seen(&c, V2_NONCE))
		return false;
	if (h->exchange == V2_SESSION_RESUME)
		return has_seen(&c, V2_NOTIFY);
	return h->exchange == V2_IKE_SA_INIT && has_seen(&c, V2_SA) && has_seen(&c, V2_KE);
}

/* One payload, sealed, and nothing else (RFC 7296 3.14, RFC 7383 2.5). */
static bool is_sealed(struct reader *r, uint8_t type)
{
	uint16_t size, number, total;
	uint8_t flags;

	(void)reader_u8(r); /* the first type inside */
	flags = reader_u8(r);
	size = reader_be16(r);
	if (flags & ~V2_CRITICAL || size != reader_left(r) + PAYLOAD_HEAD_BYTES)
		return false;
	if (type == V2_SEALED)
		return reader_left(r) >= V2_SEALED_LEAST;
	number = reader_be16(r);
	total = reader_be16(r);
	return type == V2_SEALED_FRAGMENT && number > 0 && number <= total &&
	       reader_left(r) >= V2_FRAGMENT_LEAST;
}

static bool is_v2(struct reader *r, const struct header *h)
{
	if (h->flags & ~(V2_INITIATOR | V2_HIGHER_VERSION))
		return false;
	if (!h->is_answered)
		return begins_v2(r, h);
	return ((h->exchange >= V2_IKE_AUTH && h->exchange <= V2_INFORMATIONAL) ||
		h->exchange == V2_INTERMEDIATE || h->exchange == V2_FOLLOWUP_KE) &&
	       is_sealed(r, h->next);
}

/* An SA is one of IPsec. */
static bool fits_v1(uint8_t type, struct span body)
{
	struct reader r = reader_of(body);
	uint32_t doi = reader_be32(&r);
	uint32_t situation = reader_be32(&r);

	return type != V1_SA ||
	       (doi == DOI_IPSEC && situation > 0 && situation <= SITUATION_MOST && !r.short_read);
}

/* The first message of main mode, or of aggressive mode (RFC 2409 5). */
static bool begins_v1(struct reader *r, const struct header *h)
{
	struct chain c = { 0xff, V1_SA, V1_LAST, 0, fits_v1 };

	if (h->next != V1_SA || h->flags != 0 || h->id != 0 || !read_chain(r, h->next, &c))
		return false;
	if (h->exchange == V1_MAIN)
		return true;
	return h->exchange == V1_AGGRESSIVE && has_seen(&c, V1_KE) && has_seen(&c, V1_NONCE) &&
	       has_seen(&c, V1_ID);
}

/* A piece of a larger message: which one, its number from 1 on, whether it is the last. */
static bool is_v1_fragment(struct reader *r)
{
	uint16_t front = reader_be16(r);
	uint16_t size = reader_be16(r);

	if (front != 0 || size != reader_left(r) + PAYLOAD_HEAD_BYTES)
		return false;
	(void)reader_be16(r);
	return reader_u8(r) > 0 && reader_u8(r) <= 1 && reader_left(r) > 0;
}

/* Where it is encrypted, there is nothing to see but whole blocks. */
static bool continues_v1(struct reader *r, const struct header *h)
{
	if (h->flags == 0)
		return h->next == V1_FRAGMENT && is_v1_fragment(r);
	if (!(h->flags & V1_ENCRYPTED) || h->flags & ~V1_FLAGS || reader_left(r) == 0 ||
	    reader_left(r) % V1_BLOCK_BYTES != 0)
		return false;
	switch (h->exchange) {
	case V1_MAIN:
	case V1_AGGRESSIVE:
		return h->id == 0 &&
		       ((h->next > 0 && h->next <= V1_LAST) || h->next >= PRIVATE_LEAST);
	case V1_INFORMATIONAL:
	case V1_TRANSACTION:
	case V1_QUICK:
	case V1_NEW_GROUP:
		return h->id != 0 && h->next == V1_HASH;
	default:
		return false;
	}
}

/* Its header, when the initiator has an SPI and the size is right. */
static bool read_header(struct reader *r, struct header *h)
{
	size_t size = reader_left(r);
	bool is_begun = !span_is_zero(reader_take(r, SPI_BYTES));

	h->is_answered = !span_is_zero(reader_take(r, SPI_BYTES));
	h->next = reader_u8(r);
	h->version = reader_u8(r);
	h->exchange = reader_u8(r);
	h->flags = reader_u8(r);
	h->id = reader_be32(r);
	return is_begun && reader_be32(r) == size && !r->short_read;
}

bool ike_is_message(struct span datagram)
{
	struct reader r = reader_of(datagram);
	struct header h;
	bool is_so;

	if (datagram.size < HEADER_BYTES)
		return false;
	if (span_is_zero(span_of(datagram.data, MARKER_BYTES)))
		(void)reader_take(&r, MARKER_BYTES);
	if (!read_header(&r, &h))
		return false;
	if (h.version == V2)
		is_so = is_v2(&r, &h);
	else if (h.version == V1)
		is_so = h.is_answered ? continues_v1(&r, &h) : begins_v1(&r, &h);
	else
		is_so = false;
	/* an SPI may be anything, and so may be what is encrypted */
	return is_so && !dns_is_query(datagram) && !stun_is_message(datagram);
}

static enum wire_verdict probe_ike(struct span in, struct wire_hints *hints)
{
	return first_datagram_ask(in, hints, ike_is_message);
}

const struct wire_proto wire_ike = {
	.name = "ike",
	.udp = { DATAGRAMS_ROOM, probe_ike },
};
