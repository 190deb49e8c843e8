#ifndef SHUNT_WIRE_TLS_HELLO_H
#define SHUNT_WIRE_TLS_HELLO_H

#include "wire/tls_record.h"

/* A ClientHello (RFC 8446 4.1.2, RFC 5246 7.4.1.2), the same on TCP and in QUIC; in DTLS there are
 * other numbers in front and a cookie inside (RFC 9147 5.3). */
enum {
	TLS_HELLO_LEAST = 41,           /* version, random, one cipher suite, one compression */
	TLS_HANDSHAKE_HEADER_BYTES = 4, /* msg_type and its length */
	TLS_HELLO_HEAD_BYTES = 6,       /* these and legacy_version: enough to tell TLS by */
};

/* Read its first TLS_HELLO_HEAD_BYTES. Returns the length of the whole message, which is at most
 * `most`; 0 when r->verdict is not YES. */
size_t tls_hello_head(struct tls_record *r, size_t most);

/* Read on from there up to the end of the message, whose length that was. The outcome is r->verdict;
 * hints, of SNI and ALPN, count when it is YES. */
void tls_hello_body(struct tls_record *r, size_t size, struct wire_hints *hints);

/* The same for a message with `rest` bytes to go behind its version: at least TLS_HELLO_LEAST - 2, and
 * with a cookie one more. */
void tls_hello_rest(struct tls_record *r, size_t rest, bool has_cookie, struct wire_hints *hints);

#endif
