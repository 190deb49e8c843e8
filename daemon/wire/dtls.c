/*
 * DTLS over UDP, by a client's first datagrams: a ClientHello (RFC 6347 4.2, RFC 9147
 * 5), whole or in fragments, which come in any order, again and again. Sure with the
 * first datagram that brings one; YES, with SNI and ALPN, when the hello is whole.
 * Records of a connection that is there already, encrypted ones and those with a
 * connection id (RFC 9146), are no hello: nothing in them tells DTLS from chance.
 */
#include "wire/dtls_record.h"
#include "wire/first_datagram.h"
#include "wire/recognise.h"
#include "wire/tls_hello.h"

enum {
	/* What may be told apart in one flow: the hello, and the one with the server's cookie. */
	MESSAGES_MOST = 2,
	VERSION_BYTES = 2,
};

struct message {
	uint8_t number;
	size_t size;
	struct pieces pieces;
};

/* What is known so far. A further message takes the place of the oldest. */
struct flow {
	size_t begun; /* messages, those that were replaced too */
	struct message at[MESSAGES_MOST];
};

/* The message that a piece is of. */
static struct message *message_of(struct flow *f, const struct dtls_piece *piece)
{
	struct message *m;

	for (size_t i = 0; i < f->begun && i < MESSAGES_MOST; i++) {
		m = &f->at[i];
		if (m->number == piece->number && m->size == piece->whole)
			return m;
	}
	m = &f->at[f->begun++ % MESSAGES_MOST];
	m->number = piece->number;
	m->size = piece->whole;
	pieces_open(&m->pieces);
	return m;
}

/* 1.0, 1.2; 1.3 says 1.2 here; and as in dtls_record.c. */
static bool is_version(const uint8_t *bytes)
{
	return (bytes[0] == 0xfe && (bytes[1] == 0xff || bytes[1] == 0xfd)) ||
	       (bytes[0] == 1 && bytes[1] == 0);
}

/* MORE until it is whole. */
static enum wire_verdict read_hello(const struct message *m, struct wire_hints *hints)
{
	const struct pieces *p = &m->pieces;
	struct tls_record r;

	if (p->whole >= VERSION_BYTES && !is_version(p->bytes))
		return WIRE_NO;
	if (p->whole < m->size)
		return WIRE_MORE;
	tls_record_open_bare(&r, span_of(p->bytes, m->size));
	tls_record_skip(&r, VERSION_BYTES);
	tls_hello_rest(&r, m->size - VERSION_BYTES, true, hints);
	return r.verdict == WIRE_YES ? WIRE_YES : WIRE_NO;
}

/* The first datagram decides whether it is DTLS at all, by each piece in it; of what comes behind it
 * only the pieces count, and a hello that no server could read says no more than that it is DTLS. */
static enum wire_verdict take_datagram(void *flow, struct span datagram, bool is_sure,
				       struct wire_hints *hints)
{
	struct dtls_pieces pieces = dtls_pieces_of(datagram);
	enum wire_verdict verdict = WIRE_NO;
	struct dtls_piece piece;

	while (dtls_pieces_next(&pieces, &piece)) {
		struct message *m = message_of(flow, &piece);

		pieces_put(&m->pieces, piece.offset, piece.bytes);
		verdict = read_hello(m, hints);
		if (verdict == WIRE_NO && is_sure)
			return first_datagrams_nameless(hints);
		if (verdict != WIRE_MORE)
			return verdict;
	}
	return verdict;
}

static bool begins_dtls(uint8_t first)
{
	return first == DTLS_CONTENT_HANDSHAKE;
}

static enum wire_verdict probe_dtls(struct span in, struct wire_hints *hints)
{
	struct flow f;

	f.begun = 0;
	return first_datagrams_ask(in, hints, &f, take_datagram);
}

const struct wire_proto wire_dtls = {
	.name = "dtls",
	.says = WIRE_SAYS_NAME | WIRE_SAYS_ALPN,
	.udp = { DATAGRAMS_ROOM, probe_dtls },
	.begins = begins_dtls,
};
