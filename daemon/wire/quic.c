/*
 * QUIC over UDP, by a client's first datagrams: Initial packets that verify
 * (RFC 9000 17.2.2, RFC 9001 5), and SNI and ALPN of the ClientHello in them, in
 * whatever order its pieces come. Sure with the first packet that verifies; YES
 * when the hello is whole, or cannot become a readable one. Other packets of a
 * known version say no more than that it is QUIC, and unknown versions likewise:
 * a server has to see these, to name its own.
 */
#include "wire/dns.h"
#include "wire/first_datagram.h"
#include "wire/gquic.h"
#include "wire/ike.h"
#include "wire/quic_crypto.h"
#include "wire/quic_frames.h"
#include "wire/recognise.h"
#include "wire/tls_hello.h"

enum {
	QUIC_DATAGRAM_LEAST = 1200, /* of one with an Initial packet (RFC 9000 14.1) */
	QUIC_FIRST_CID_LEAST = 8,   /* of the id that a client makes up (RFC 9000 7.2) */
	/* What may be told apart in one flow: a client can begin anew, after a Retry or by itself,
	 * while pieces of what it said before are still on their way. */
	QUIC_CONNECTIONS_MOST = 2,
};

struct connection {
	const struct quic_version *version;
	size_t cid_size;
	uint8_t cid[QUIC_CID_MOST]; /* that its keys follow from */
	struct quic_keys keys;
	struct pieces stream;
};

/* What is known so far. A new connection takes the place of the oldest. */
struct flow {
	size_t begun; /* connections, those that were replaced too */
	struct connection at[QUIC_CONNECTIONS_MOST + 1]; /* one of them is yet to begin */
	uint8_t frames[DATAGRAMS_MOST_BYTES];            /* of the present packet */
};

static struct connection *connection_at(struct flow *f, size_t number)
{
	return &f->at[number % (QUIC_CONNECTIONS_MOST + 1)];
}

/* A packet under the keys that its own connection id gives: where no connection is known yet. `tried`
 * is the version for which the next connection has these keys, NULL when it has none. */
static struct connection *begin_connection(struct flow *f, const struct quic_packet *p,
					   const struct quic_version **tried, size_t *size)
{
	struct connection *c = connection_at(f, f->begun);

	/* only a server may choose a shorter one, and what it gave with it is the token of a Retry */
	if (p->dcid.size < QUIC_FIRST_CID_LEAST && p->token.size == 0)
		return NULL;
	if (*tried != p->version)
		quic_keys_open(&c->keys, p->version, p->dcid);
	*tried = p->version;
	*size = quic_unprotect(&c->keys, p, f->frames);
	if (*size == 0)
		return NULL;
	*tried = NULL;
	c->version = p->version;
	c->cid_size = p->dcid.size;
	if (p->dcid.size > 0)
		memcpy(c->cid, p->dcid.data, p->dcid.size);
	pieces_open(&c->stream);
	f->begun++;
	return c;
}

/* The connection whose Initial packet that is, its frames in f->frames; or NULL. A client that heard
 * of the server sends to an id that the server chose, but keeps the keys: so those that are there are
 * tried first (RFC 9001 5.2). */
static struct connection *open_initial(struct flow *f, const struct quic_packet *p,
				       const struct quic_version **tried, size_t *size)
{
	for (size_t i = 1; i <= f->begun && i <= QUIC_CONNECTIONS_MOST; i++) {
		struct connection *c = connection_at(f, f->begun - i);

		if (c->version != p->version)
			continue;
		*size = quic_unprotect(&c->keys, p, f->frames);
		if (*size > 0)
			return c;
		if (span_equal(p->dcid, span_of(c->cid, c->cid_size)))
			return NULL;
	}
	return begin_connection(f, p, tried, size);
}

static enum wire_verdict read_hello(const struct pieces *s, struct wire_hints *hints)
{
	struct tls_record r;
	size_t size;

	tls_record_open_bare(&r, span_of(s->bytes, s->whole));
	size = tls_hello_head(&r, PIECES_ROOM);
	if (r.verdict == WIRE_YES && size > s->whole)
		return WIRE_MORE;
	if (r.verdict == WIRE_YES)
		tls_hello_body(&r, size, hints);
	return r.verdict == WIRE_NO ? first_datagrams_nameless(hints) : r.verdict;
}

/* NO: it does not verify. */
static enum wire_verdict read_initial(struct flow *f, const struct quic_packet *p,
				      const struct quic_version **tried, struct wire_hints *hints)
{
	size_t size;
	struct connection *c = open_initial(f, p, tried, &size);

	if (!c)
		return WIRE_NO;
	if (!quic_frames_read(span_of(f->frames, size), &c->stream))
		return first_datagrams_nameless(hints);
	return read_hello(&c->stream, hints);
}

/* What a datagram says that begins with a packet of a known version: packets for other connections
 * behind it do not count (RFC 9000 12.2). */
static enum wire_verdict read_packets(struct flow *f, struct reader *r, struct quic_packet *p,
				      bool is_sure, struct wire_hints *hints)
{
	const struct quic_packet first = *p;
	const struct quic_version *tried = NULL;
	enum wire_verdict verdict;
	bool has_initial = false;
	bool has_verified = false;

	do {
		if (p->kind != QUIC_INITIAL)
			continue;
		has_initial = true;
		if (r->in.size < QUIC_DATAGRAM_LEAST)
			continue;
		verdict = read_initial(f, p, &tried, hints);
		if (verdict == WIRE_YES)
			return verdict;
		has_verified |= verdict == WIRE_MORE;
	} while (quic_packet_read(r, p) && span_equal(p->dcid, first.dcid));
	if (has_initial)
		return has_verified ? WIRE_MORE : WIRE_NO;
	/* a server's; or it shows no more than its front, which IKE may have as well */
	if (first.kind == QUIC_RETRY || ike_is_message(r->in))
		return WIRE_NO;
	/* 0-RTT may overtake the Initial packet; Handshake packets come of a connection whose
	 * beginning is past */
	return first.kind == QUIC_0RTT || is_sure ? WIRE_MORE : first_datagrams_nameless(hints);
}

/* A client of some other version: as large as its first datagram must be for a server to tell its own
 * versions, and where the version alone could be chance, connection ids as clients make them up. */
static bool is_other_version(struct span datagram)
{
	struct reader r = reader_of(datagram);
	struct quic_long head;

	if (datagram.size < QUIC_DATAGRAM_LEAST || !quic_long_read(&r, &head) ||
	    !(head.first & 0x40) || head.version == 0 || quic_version_find(head.version) ||
	    gquic_is_version(head.version) || ike_is_message(datagram) || dns_is_query(datagram))
		return false;
	return quic_version_is_telling(head.version) ||
	       (head.dcid.size >= QUIC_FIRST_CID_LEAST && head.dcid.size <= QUIC_CID_MOST &&
		head.scid.size <= QUIC_CID_MOST);
}

/* The first datagram decides whether it is QUIC at all; of what comes behind it only that counts
 * which verifies. NO: it is none of QUIC, or not to be believed. */
static enum wire_verdict take_datagram(void *flow, struct span datagram, bool is_sure,
				       struct wire_hints *hints)
{
	struct reader r = reader_of(datagram);
	struct quic_packet p;

	if (quic_packet_read(&r, &p))
		return read_packets(flow, &r, &p, is_sure, hints);
	return !is_sure && is_other_version(datagram) ? first_datagrams_nameless(hints) : WIRE_NO;
}

/* A long header; its second bit may be cleared (RFC 9287 3). */
static bool begins_quic(uint8_t first)
{
	return first & 0x80;
}

static enum wire_verdict probe_quic(struct span in, struct wire_hints *hints)
{
	struct flow f;

	f.begun = 0;
	return first_datagrams_ask(in, hints, &f, take_datagram);
}

const struct wire_proto wire_quic = {
	.name = "quic",
	.says = WIRE_SAYS_NAME | WIRE_SAYS_ALPN,
	.udp = { DATAGRAMS_ROOM, probe_quic },
	.begins = begins_quic,
};
