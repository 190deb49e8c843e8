#ifndef SHUNT_WIRE_QUIC_STREAM_H
#define SHUNT_WIRE_QUIC_STREAM_H

#include "base/datagrams.h"

/*
 * The handshake bytes of one connection (RFC 9000 19.6), which come in pieces of
 * any size, in any order, again and again, and overlapping. Of a byte that comes
 * twice the first one counts: a retransmission may be cut otherwise, but says the
 * same. What lies behind QUIC_STREAM_ROOM is not kept: more cannot be held.
 */
enum {
	QUIC_STREAM_ROOM = DATAGRAMS_MOST_BYTES,
};

struct quic_stream {
	size_t whole; /* bytes from the first on that are there, without a gap */
	uint64_t there[QUIC_STREAM_ROOM / 64]; /* a bit for each byte */
	uint8_t bytes[QUIC_STREAM_ROOM];
};

void quic_stream_open(struct quic_stream *s);

/* One piece, from that offset on. Costs time per byte. */
void quic_stream_put(struct quic_stream *s, uint64_t offset, struct span piece);

#endif
