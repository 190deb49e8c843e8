#ifndef SHUNT_WIRE_WIREGUARD_H
#define SHUNT_WIRE_WIREGUARD_H

#include "wire/blake2s.h"

/*
 * Whom a WireGuard handshake message is meant for. Its mac1 is a MAC over all of the
 * message ahead of it, and the key of that MAC follows from the public key of the
 * receiver (whitepaper 5.4.4): so of several servers behind one port it names the
 * right one, and nobody who does not know the public key makes one.
 */
enum {
	WIREGUARD_KEY_BYTES = 32,
	WIREGUARD_INITIATION_BYTES = 148, /* of a whole handshake message: either side may begin */
	WIREGUARD_RESPONSE_BYTES = 92,
};

/* A server's public key, and the MAC under the key that follows from it, ready for a message. */
struct wireguard_key {
	uint8_t public_key[WIREGUARD_KEY_BYTES];
	struct blake2s mac1;
};

void wireguard_key_open(struct wireguard_key *k,
			const uint8_t public_key[static WIREGUARD_KEY_BYTES]);

/* Was a message, of wire_hints.mac1, made for that server? False for an empty one. Costs two blocks of
 * BLAKE2s. */
bool wireguard_key_fits(const struct wireguard_key *k, struct span message);

/* The index by which the sender of a handshake message is to be addressed from then on (whitepaper 5.4.2,
 * 5.4.3), part of it; empty when it is none. head: its first bytes, or all; whole: its size. */
struct span wireguard_sender(struct span head, size_t whole);

/* The index by which a message that is no beginning addresses its receiver; empty when it is none, by
 * its form. */
struct span wireguard_receiver(struct span datagram);

#endif
