#ifndef SHUNT_BASE_FLOW_ID_H
#define SHUNT_BASE_FLOW_ID_H

#include "base/span.h"

/*
 * By which a server of datagrams knows its client, wherever that one's come from:
 * QUIC's connection ids, the receiver index of WireGuard. The server makes it up
 * and says it once in clear; the client names it in each of its datagrams.
 */
enum flow_id_kind {
	FLOW_ID_NONE,
	FLOW_ID_QUIC,
	FLOW_ID_WIREGUARD,
	FLOW_ID_ENDS, /* both ends of a flow, hashed: only in flow/known.h */
};

enum {
	FLOW_ID_LEAST_BYTES = 4, /* a shorter one would be met by chance */
	FLOW_ID_MOST_BYTES = 20,
	FLOW_ID_HEAD_BYTES = 48, /* of a datagram, in which a server says it (RFC 9000 17.2) */
};

struct flow_id {
	uint8_t kind;    /* enum flow_id_kind */
	uint8_t size;    /* 0: none */
	uint8_t is_open; /* its end cannot be seen: the id is some first part of these bytes */
	uint8_t bytes[FLOW_ID_MOST_BYTES]; /* those behind `size` are zero */
};

#endif
