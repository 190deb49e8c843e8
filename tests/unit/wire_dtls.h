#ifndef SHUNT_UNIT_WIRE_DTLS_H
#define SHUNT_UNIT_WIRE_DTLS_H

#include "wire_hello.h"

/* Builds DTLS ClientHellos and the records that carry their pieces (RFC 6347 4.2, RFC 9147 5). */
enum {
	DTLS_BUILD_1_0 = 0xfeff,
	DTLS_BUILD_1_2 = 0xfefd,
	DTLS_BUILD_BAD = 0x0100,
};

/* The body of a hello for that name, with so many bytes of padding in front and ALPN `coap` behind;
 * `cookie` is as long as it says. */
static inline void dtls_hello(struct hello_bytes *b, unsigned version, size_t cookie,
			      const char *name, size_t padding)
{
	size_t extensions;

	hello_put_number(b, 2, version);
	hello_put_zeros(b, 32 + 1);
	hello_put_number(b, 1, cookie);
	hello_put_zeros(b, cookie);
	hello_put_number(b, 2, 2);
	hello_put_number(b, 2, 0x1301);
	hello_put_number(b, 2, 0x0100);
	extensions = hello_open(b, 2);
	hello_put_extension(b, 21, padding);
	if (name)
		hello_put_server_name(b, span_text(name));
	hello_put(b, "\0\x10\0\7\0\5\4coap", 11);
	hello_close(b, extensions, 2);
}

/* The head of a handshake message, and these bytes of its body. */
static inline void dtls_put_piece(struct hello_bytes *b, const struct hello_bytes *body,
				  unsigned number, size_t from, size_t to)
{
	hello_put_number(b, 1, 1);
	hello_put_number(b, 3, body->size);
	hello_put_number(b, 2, number);
	hello_put_number(b, 3, from);
	hello_put_number(b, 3, to - from);
	hello_put(b, body->data + from, to - from);
}

/* Begin a plaintext record; hello_close(b, start, 2) ends it. */
static inline size_t dtls_open_record(struct hello_bytes *b, unsigned version, unsigned number)
{
	hello_put_number(b, 1, 22);
	hello_put_number(b, 2, version);
	hello_put_number(b, 2, 0);
	hello_put_number(b, 6, number);
	return hello_open(b, 2);
}

/* One record with one piece. */
static inline void dtls_put_record(struct hello_bytes *b, unsigned version, unsigned record,
				   const struct hello_bytes *body, unsigned number, size_t from,
				   size_t to)
{
	size_t start = dtls_open_record(b, version, record);

	dtls_put_piece(b, body, number, from, to);
	hello_close(b, start, 2);
}

#endif
