#ifndef SHUNT_WIRE_TLS_EXTENSIONS_H
#define SHUNT_WIRE_TLS_EXTENSIONS_H

#include "wire/tls_record.h"

/*
 * Read the extensions of a ClientHello (RFC 8446 4.2), `size` bytes from where
 * the stream stands, and fill in the hints from server_name (RFC 6066 3) and
 * application_layer_protocol_negotiation (RFC 7301 3.1). All others, known or
 * not (RFC 8701), are passed over by their length.
 *
 * Either of the two sent twice, or two host names, is NO: RFC 8446 4.2 and RFC
 * 6066 3 forbid it, no server accepts it, and picking one of two names here
 * could let a client be routed by one and served by the other. So is an empty
 * list or an empty entry. A host name that no host could bear counts as none.
 *
 * The outcome is r->verdict; hints count when it is YES.
 */
void tls_extensions_read(struct tls_record *r, size_t size, struct wire_hints *hints);

#endif
