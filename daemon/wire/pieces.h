#ifndef SHUNT_WIRE_PIECES_H
#define SHUNT_WIRE_PIECES_H

#include "base/datagrams.h"

/*
 * Handshake bytes that come in datagrams, as those of QUIC (RFC 9000 19.6) and DTLS
 * (RFC 9147 5.5) do: in pieces of any size, in any order, again and again, and
 * overlapping. Of a byte that comes twice the first one counts: a retransmission may
 * be cut otherwise, but says the same. What lies behind PIECES_ROOM is not kept: more
 * cannot be held.
 */
enum {
	PIECES_ROOM = DATAGRAMS_MOST_BYTES,
};

struct pieces {
	size_t whole; /* bytes from the first on that are there, without a gap */
	uint64_t there[PIECES_ROOM / 64]; /* a bit for each byte */
	uint8_t bytes[PIECES_ROOM];
};

void pieces_open(struct pieces *s);

/* One piece, from that offset on. Costs time per byte. */
void pieces_put(struct pieces *s, uint64_t offset, struct span piece);

#endif
