#ifndef SHUNT_WIRE_AUTHORITY_H
#define SHUNT_WIRE_AUTHORITY_H

#include "wire/wire.h"

/*
 * The name out of an authority, host [ ":" port ], as it stands in a Host field
 * (RFC 9110 7.2), in a request target (RFC 9112 3.2) or in `:authority` (RFC 9113
 * 8.3.1). The port is dropped, an IPv6 literal loses its brackets. What is not
 * exactly that gives no name: user information, which only serves to mislead (RFC
 * 9110 4.2.4), percent-encoding, blanks, a port that is no number.
 */
void wire_authority_set_name(struct wire_hints *hints, struct span authority);

/* That of `scheme://authority/...` (RFC 3986 3), perhaps empty; false when the URI has none. */
bool wire_authority_find(struct span uri, struct span *authority);

#endif
