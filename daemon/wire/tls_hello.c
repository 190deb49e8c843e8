/* A ClientHello, from its msg_type to its extensions. */
#include "wire/tls_hello.h"

#include "wire/tls_extensions.h"

enum {
	TLS_CLIENT_HELLO = 1,
	TLS_VERSION_MINOR_MOST = 4, /* 3.4 was never right here, but is sent */
	TLS_RANDOM_BYTES = 32,
	TLS_SESSION_ID_MOST = 32,
};

static size_t smaller(size_t a, size_t b)
{
	return a < b ? a : b;
}

size_t tls_hello_head(struct tls_record *r, size_t most)
{
	size_t length;

	tls_record_require(r, tls_record_number(r, 1) == TLS_CLIENT_HELLO);
	length = tls_record_number(r, 3);
	tls_record_require(r, length >= TLS_HELLO_LEAST &&
				      length <= most - TLS_HANDSHAKE_HEADER_BYTES);
	tls_record_require(r, tls_record_number(r, 1) == 3);
	tls_record_require(r, tls_record_number(r, 1) <= TLS_VERSION_MINOR_MOST);
	return r->verdict == WIRE_YES ? TLS_HANDSHAKE_HEADER_BYTES + length : 0;
}

/* From the random bytes on. Each length leaves room for the fields that must follow, so that a hello
 * that cannot come out even is refused at the length, not at its end. */
void tls_hello_rest(struct tls_record *r, size_t rest, bool has_cookie, struct wire_hints *hints)
{
	size_t behind = has_cookie ? 7 : 6; /* at least, behind the session id */
	size_t suites;
	size_t methods;
	size_t extensions;

	tls_record_skip(r, TLS_RANDOM_BYTES);
	rest -= TLS_RANDOM_BYTES;
	tls_record_skip(r, tls_record_length(r, 1, &rest, 0,
					     smaller(TLS_SESSION_ID_MOST, rest - 1 - behind)));
	if (r->verdict != WIRE_YES)
		return;
	if (has_cookie)
		tls_record_skip(r, tls_record_length(r, 1, &rest, 0, rest - 7));
	if (r->verdict != WIRE_YES)
		return;
	suites = tls_record_length(r, 2, &rest, 2, rest - 4);
	tls_record_require(r, suites % 2 == 0);
	tls_record_skip(r, suites);
	methods = tls_record_length(r, 1, &rest, 1, rest);
	tls_record_require(r, rest != 1); /* nothing, or the length of the extensions */
	tls_record_skip(r, methods);
	if (rest == 0 || r->verdict != WIRE_YES)
		return;
	extensions = tls_record_length(r, 2, &rest, 0, rest);
	tls_record_require(r, rest == 0);
	tls_extensions_read(r, extensions, hints);
}

void tls_hello_body(struct tls_record *r, size_t size, struct wire_hints *hints)
{
	tls_hello_rest(r, size - TLS_HELLO_HEAD_BYTES, false, hints);
}
