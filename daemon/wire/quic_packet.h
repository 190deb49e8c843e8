#ifndef SHUNT_WIRE_QUIC_PACKET_H
#define SHUNT_WIRE_QUIC_PACKET_H

#include "base/reader.h"
#include "wire/quic_version.h"

enum {
	QUIC_CID_MOST = 20, /* of the versions that are known (RFC 9000 17.2) */
};

/* What all versions of QUIC have in common (RFC 8999 5.1): the front of a long header. */
struct quic_long {
	uint8_t first; /* byte */
	uint32_t version;
	struct span dcid; /* destination and source connection id, parts of the datagram */
	struct span scid;
};

/* Read that off a datagram, or off what is left of it. False when it is no long header: another
 * first bit, or cut. */
bool quic_long_read(struct reader *r, struct quic_long *out);

/* A packet with a long header (RFC 9000 17.2), still protected; parts of the datagram. */
struct quic_packet {
	const struct quic_version *version;
	enum quic_kind kind;
	struct span dcid;
	struct span token; /* QUIC_INITIAL */
	struct span whole; /* from its first byte to its end */
	size_t number_at;  /* offset of the packet number in it; 0 of a Retry, which has none */
};

/*
 * Read the next packet of a datagram (RFC 9000 12.2). False, with nothing to be
 * read behind it, when what comes is no packet with a long header of a known
 * version, or its lengths do not fit: padding, a short header, nothing at all.
 */
bool quic_packet_read(struct reader *r, struct quic_packet *out);

/* A number of 1, 2, 4 or 8 bytes (RFC 9000 16); 0 after a short read. */
uint64_t quic_number(struct reader *r);

/* As many bytes as the number in front of them says; empty after a short read. */
struct span quic_counted(struct reader *r);

#endif
