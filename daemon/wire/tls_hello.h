#ifndef SHUNT_WIRE_TLS_HELLO_H
#define SHUNT_WIRE_TLS_HELLO_H

#include "wire/tls_record.h"

/* A ClientHello (RFC 8446 4.1.2, RFC 5246 7.4.1.2), the same on TCP and in QUIC. */
enum {
	TLS_HANDSHAKE_HEADER_BYTES = 4, /* msg_type and its length */
	TLS_HELLO_HEAD_BYTES = 6,       /* these and legacy_version: enough to tell TLS by */
};

/* Read its first TLS_HELLO_HEAD_BYTES. Returns the length of the whole message, which is at most
 * `most`; 0 when r->verdict is not YES. */
size_t tls_hello_head(struct tls_record *r, size_t most);

/* Read on from there up to the end of the message, whose length that was. The outcome is r->verdict;
 * hints, of SNI and ALPN, count when it is YES. */
void tls_hello_body(struct tls_record *r, size_t size, struct wire_hints *hints);

#endif
