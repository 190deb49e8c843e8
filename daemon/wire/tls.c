/*
 * TLS over TCP: a ClientHello (RFC 8446 4.1.2, RFC 5246 7.4.1.2; also of SSLv3
 * and without extensions), in any segments and any records. YES, with SNI and
 * ALPN, when all of it is there: extensions stand in any order, so that a name
 * was not sent is known only at its end. The name is what the client shows; with
 * ECH that is the outer one.
 */
#include "wire/recognise.h"
#include "wire/tls_extensions.h"

enum {
	/* Hello and record headers together. The largest hello met in public captures has
	 * 11423 bytes; past this no more is bought but memory. */
	TLS_MOST_BYTES = 65536,
	TLS_HANDSHAKE_HEADER_BYTES = 4, /* msg_type and its length */
	TLS_EVIDENCE_BYTES = 6,         /* these and legacy_version: enough to tell TLS by */
	TLS_CLIENT_HELLO = 1,
	TLS_HELLO_LEAST = 41, /* version, random, one cipher suite, one compression method */
	TLS_HELLO_MOST = TLS_MOST_BYTES - TLS_RECORD_HEADER_BYTES - TLS_HANDSHAKE_HEADER_BYTES,
	TLS_VERSION_MINOR_MOST = 4, /* 3.4 was never right here, but is sent */
	TLS_RANDOM_BYTES = 32,
	TLS_SESSION_ID_MOST = 32,
};

static size_t smaller(size_t a, size_t b)
{
	return a < b ? a : b;
}

/* msg_type, length and the first field. Returns the length of the whole message, 0 while it is
 * not known. */
static size_t read_head(struct tls_record *r)
{
	size_t length;

	tls_record_require(r, tls_record_number(r, 1) == TLS_CLIENT_HELLO);
	length = tls_record_number(r, 3);
	tls_record_require(r, length >= TLS_HELLO_LEAST && length <= TLS_HELLO_MOST);
	tls_record_require(r, tls_record_number(r, 1) == 3);
	tls_record_require(r, tls_record_number(r, 1) <= TLS_VERSION_MINOR_MOST);
	return r->verdict == WIRE_YES ? TLS_HANDSHAKE_HEADER_BYTES + length : 0;
}

/* From the random bytes on, `rest` bytes. Each length leaves room for the fields that must follow,
 * so that a hello that cannot come out even is refused at the length, not at its end. */
static void read_body(struct tls_record *r, size_t rest, struct wire_hints *hints)
{
	size_t suites;
	size_t methods;
	size_t extensions;

	tls_record_skip(r, TLS_RANDOM_BYTES);
	rest -= TLS_RANDOM_BYTES;
	tls_record_skip(r,
			tls_record_length(r, 1, &rest, 0, smaller(TLS_SESSION_ID_MOST, rest - 7)));
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

static enum wire_verdict probe_tls(struct span in, struct wire_hints *hints)
{
	struct tls_record r;
	size_t needed; /* handshake bytes, from the first on */
	size_t size;

	tls_record_open(&r, span_of(in.data, smaller(in.size, TLS_MOST_BYTES)));
	hints->name_size = 0;
	hints->alpn_size = 0;
	size = read_head(&r);
	needed = size > 0 ? size : TLS_EVIDENCE_BYTES;
	if (r.verdict == WIRE_YES)
		read_body(&r, size - TLS_EVIDENCE_BYTES, hints);
	if (r.verdict == WIRE_NO)
		return WIRE_NO;
	if (tls_record_end(&r, needed - r.taken) > TLS_MOST_BYTES)
		return WIRE_NO;
	if (r.verdict == WIRE_MORE)
		hints->wanted = tls_record_wanted(&r, needed - r.taken);
	return r.verdict;
}

const struct wire_proto wire_tls = {
	.name = "tls",
	.transports = WIRE_TCP,
	.says = WIRE_SAYS_NAME | WIRE_SAYS_ALPN,
	.most_bytes = TLS_MOST_BYTES,
	.probe = probe_tls,
};
