#ifndef SHUNT_WIRE_OPENVPN_H
#define SHUNT_WIRE_OPENVPN_H

#include "wire/fields.h"

/* The sizes of a client's hard reset (openvpn.c). */
enum {
	OPENVPN_RESET_LEAST = 14,
	OPENVPN_RESET_MOST = 54 + 1024, /* with the largest key of a client */
};

/* Read a hard reset of that size, which is any. */
void openvpn_read_reset(struct fields *f, size_t size);

/* Of a stream: openvpn_tcp.c. */
enum {
	OPENVPN_TCP_MOST_BYTES = 2 + OPENVPN_RESET_MOST,
};

enum wire_verdict openvpn_tcp_probe(struct span in, struct wire_hints *hints);

#endif
