#ifndef SHUNT_WIRE_DNS_H
#define SHUNT_WIRE_DNS_H

#include "base/span.h"

/*
 * Is a datagram, whole, a DNS query (RFC 1035 4.1), NOTIFY (RFC 1996) or UPDATE
 * (RFC 2136)? One question, every name and record in form, and not a byte behind
 * them. Its id is a client's free choice, so its first two bytes may be those of any
 * other protocol, whose recogniser had better ask here.
 */
bool dns_is_query(struct span message);

#endif
