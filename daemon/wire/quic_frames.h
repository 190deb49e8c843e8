#ifndef SHUNT_WIRE_QUIC_FRAMES_H
#define SHUNT_WIRE_QUIC_FRAMES_H

#include "wire/pieces.h"

/*
 * Read the frames of a client's Initial packet: what its CRYPTO frames bring goes
 * to the stream, PADDING, PING, ACK and CONNECTION_CLOSE are passed over. False
 * for any other frame, which may not stand there (RFC 9000 12.4), and for one that
 * is cut: every server ends such a connection. What stood in front of it counts.
 */
bool quic_frames_read(struct span frames, struct pieces *stream);

#endif
