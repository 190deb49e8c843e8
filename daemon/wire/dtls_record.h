#ifndef SHUNT_WIRE_DTLS_RECORD_H
#define SHUNT_WIRE_DTLS_RECORD_H

#include "base/reader.h"
#include "wire/pieces.h"

/*
 * A piece of a ClientHello, as a client's first datagrams bring it: a handshake
 * message (RFC 6347 4.2.2, RFC 9147 5.2), cut into as many as the client likes. A
 * hello that a server answered with a cookie is sent once more, with the next number.
 */
enum {
	DTLS_CONTENT_HANDSHAKE = 22, /* the first byte of a record that brings one */
	DTLS_HELLO_LEAST = 42,       /* as of TLS, and the length of a cookie */
	DTLS_HELLO_MOST = PIECES_ROOM,
	DTLS_HELLO_NUMBER_MOST = 1,
};

struct dtls_piece {
	uint8_t number;    /* of the message: 0, 1 for the one with a cookie */
	size_t whole;      /* bytes of the whole message, without its header */
	size_t offset;     /* of these bytes in it */
	struct span bytes; /* part of the datagram; there is at least one */
};

/* The pieces of one datagram, one by one. */
struct dtls_pieces {
	struct reader datagram;
	struct reader record; /* the present one's payload */
};

struct dtls_pieces dtls_pieces_of(struct span datagram);

/*
 * The next one. False when there is none any more: the datagram is at its end, or
 * goes on with anything but a plaintext record (epoch 0) of DTLS 1.0, 1.2 or 1.3, or
 * of what was DTLS before 1.0 and AnyConnect still is, that holds such pieces. A
 * datagram that begins with anything else has none.
 */
bool dtls_pieces_next(struct dtls_pieces *p, struct dtls_piece *out);

#endif
