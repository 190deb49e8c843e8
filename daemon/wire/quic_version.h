#ifndef SHUNT_WIRE_QUIC_VERSION_H
#define SHUNT_WIRE_QUIC_VERSION_H

#include "base/span.h"

enum quic_kind { QUIC_INITIAL, QUIC_0RTT, QUIC_HANDSHAKE, QUIC_RETRY };

enum {
	QUIC_SALT_BYTES = 20,
};

/* What is needed of a version to read a client's first packets. */
struct quic_version {
	uint32_t first;                /* the versions from this one */
	uint32_t last;                 /* to this one */
	uint8_t kinds[4];              /* enum quic_kind of the two type bits of a long header */
	uint8_t salt[QUIC_SALT_BYTES]; /* of the Initial secret */
	const char *key_label;
	const char *iv_label;
	const char *hp_label;
};

/* 1 (RFC 9000, 9001), 2 (RFC 9369), drafts 29 to 34; NULL for all others. */
const struct quic_version *quic_version_find(uint32_t version);

/* Is that a number that speaks for itself: reserved to be refused (RFC 9000 15), or of the IETF, as
 * a standard or a draft (RFC 9000 22.2)? 0 is none: it marks Version Negotiation. */
bool quic_version_is_telling(uint32_t version);

#endif
