#ifndef SHUNT_WIRE_IKE_H
#define SHUNT_WIRE_IKE_H

#include "base/span.h"

/*
 * Is that datagram a message of a client of IKE, whole (ike.c)? Those protocols exclude it by this
 * whose datagrams may hold as many bytes of the sender's own choice where it has its header.
 */
bool ike_is_message(struct span datagram);

#endif
