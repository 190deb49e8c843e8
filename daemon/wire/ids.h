#ifndef SHUNT_WIRE_IDS_H
#define SHUNT_WIRE_IDS_H

#include "base/flow_id.h"

/* The identifiers by which servers know their clients (base/flow_id.h), in datagrams. Pure. */

struct ids_told {
	struct flow_id id; /* size 0: none, or one that is too short to be of use */
	bool is_last;      /* this connection will be told no other one in clear */
};

/*
 * Which one a server tells in this datagram of a flow of that kind: the source
 * connection id of a long header (RFC 9000 17.2), the sender index of a handshake
 * message (WireGuard 5.4). head: its first FLOW_ID_HEAD_BYTES, or all; whole: its
 * size.
 */
struct ids_told ids_told(enum flow_id_kind kind, struct span head, size_t whole);

/*
 * Which one a client names in a datagram whose flow nobody remembers: size 0 when
 * it can name none. That the datagram is of QUIC or WireGuard at all is likely, not
 * more: what counts is whether the id is known.
 */
struct flow_id ids_named(struct span datagram);

#endif
