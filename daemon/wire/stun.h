#ifndef SHUNT_WIRE_STUN_H
#define SHUNT_WIRE_STUN_H

#include "base/span.h"

/* Is that datagram a message of STUN, whole (stun.c)? What only looks like another protocol's first one
 * where a client may choose the bytes is left to it. */
bool stun_is_message(struct span datagram);

#endif
