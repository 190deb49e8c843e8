/*
 * TLS over TCP: a ClientHello (RFC 8446 4.1.2, RFC 5246 7.4.1.2; also of SSLv3
 * and without extensions), in any segments and any records. YES, with SNI and
 * ALPN, when all of it is there: extensions stand in any order, so that a name
 * was not sent is known only at its end. The name is what the client shows; with
 * ECH that is the outer one.
 */
#include "wire/recognise.h"
#include "wire/tls_hello.h"

enum {
	/* Hello and record headers together. The largest hello met in public captures has
	 * 11423 bytes; past this no more is bought but memory. */
	TLS_MOST_BYTES = 65536,
	TLS_MESSAGE_MOST = TLS_MOST_BYTES - TLS_RECORD_HEADER_BYTES,
};

static size_t smaller(size_t a, size_t b)
{
	return a < b ? a : b;
}

static enum wire_verdict probe_tls(struct span in, struct wire_hints *hints)
{
	struct tls_record r;
	size_t needed; /* handshake bytes, from the first on */
	size_t size;

	tls_record_open(&r, span_of(in.data, smaller(in.size, TLS_MOST_BYTES)));
	hints->name_size = 0;
	hints->alpn_size = 0;
	size = tls_hello_head(&r, TLS_MESSAGE_MOST);
	needed = size > 0 ? size : TLS_HELLO_HEAD_BYTES;
	if (r.verdict == WIRE_YES)
		tls_hello_body(&r, size, hints);
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
	.says = WIRE_SAYS_NAME | WIRE_SAYS_ALPN,
	.tcp = { TLS_MOST_BYTES, probe_tls },
};
