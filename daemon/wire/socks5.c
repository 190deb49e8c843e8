/*
 * SOCKS 5 (RFC 1928 3): a client offers ways to prove who it is, one byte each, and
 * waits. That is little to go by, often three bytes: so only ways that IANA knows, or
 * leaves to private use, none of them twice, as MongoDB's lengths go on with zeros, and
 * no more of them than 15, where Cassandra's first frame begins.
 */
#include "wire/fields.h"
#include "wire/recognise.h"

enum {
	METHODS_AT = 2,
	METHODS_MOST = 15,
	SOCKS5_MOST_BYTES = METHODS_AT + METHODS_MOST,
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
	uint32_t count;

	(void)fields_be(&f, 1, 5, 5);
	count = fields_be(&f, 1, 1, METHODS_MOST);
	for (uint32_t i = 0; i < count; i++) {
		uint8_t method = (uint8_t)fields_be(&f, 1, 0, UINT8_MAX);

		if (f.verdict != WIRE_YES)
			break;
		fields_require(&f, is_method(method) && !memchr(in.data + METHODS_AT, method, i));
	}
	return fields_end(&f, hints);
}

const struct wire_proto wire_socks5 = {
	.name = "socks5",
	.tcp = { SOCKS5_MOST_BYTES, probe_socks5 },
};
