#ifndef SHUNT_WIRE_QUIC_CRYPTO_H
#define SHUNT_WIRE_QUIC_CRYPTO_H

#include "wire/gcm.h"
#include "wire/quic_packet.h"

/*
 * The protection of Initial packets (RFC 9001 5): AES-128-GCM, under keys that
 * follow from the connection id to which the client sends its first one. So they
 * hide nothing; but a packet that verifies was made for this version of QUIC and
 * whole: there is no better evidence. Where AES and SHA-256 come from, and why
 * not more: primitives.h.
 */
struct quic_keys {
	struct gcm gcm;
	struct aes mask; /* of the header protection */
	uint8_t iv[GCM_NONCE_BYTES];
};

/* The keys of a client's Initial packets (RFC 9001 5.2); `dcid` is of its first one, or of the first
 * one after a Retry. */
void quic_keys_open(struct quic_keys *k, const struct quic_version *version, struct span dcid);

/*
 * Unprotect an Initial packet (RFC 9001 5.3, 5.4): its frames go to `out`, which
 * has as much room as the packet has bytes. Returns their size; 0 when the packet
 * does not verify, or holds nothing, which no packet may (RFC 9000 12.4). Its
 * number is taken as it stands: a client's first ones are small.
 */
size_t quic_unprotect(struct quic_keys *k, const struct quic_packet *packet, uint8_t *out);

#endif
