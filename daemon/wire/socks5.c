/*
 * SOCKS 5 (RFC 1928 3): a client offers ways to prove who it is, one byte each, and
 * waits. That is little to go by, often three bytes: so only ways that IANA knows, or
 * leaves to private use, and no more of them than 15, where Cassandra's first frame
 * begins.
 */
#include "wire/fields.h"
#include "wire/recognise.h"

enum {
	METHODS_MOST = 15,
	SOCKS5_MOST_BYTES = 2 + METHODS_MOST,
	METHOD_UNASSIGNED = 4,
	METHOD_ASSIGNED_MOST = 9,
	METHOD_PRIVATE = 0x80,
	METHOD_NONE_FITS = 0xff, /* only a server says that */
};

static bool is_method(uint8_t byte)
{
	return byte >= METHOD_PRIVATE ? byte != METHOD_NONE_FITS
				      : byte <= METHOD_ASSIGNED_MOST && byte != METHOD_UNASSIGNED;
}

static enum wire_verdict probe_socks5(struct span in, struct wire_hints *hints)
{
	struct fields f = fields_of(in);

	(void)fields_be(&f, 1, 5, 5);
	(void)fields_bytes(&f, fields_be(&f, 1, 1, METHODS_MOST), is_method);
	return fields_end(&f, hints);
}

const struct wire_proto wire_socks5 = {
	.name = "socks5",
	.tcp = { SOCKS5_MOST_BYTES, probe_socks5 },
};
