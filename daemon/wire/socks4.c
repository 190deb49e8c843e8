/*
 * SOCKS 4 and 4a: a request to connect, or to wait for a connection, to a port of an
 * address, with the user's name up to a zero byte. In 4a the address is 0.0.0.x, and
 * a host's name follows. A client then waits for the answer. Whether the address is
 * one that a host can have is the proxy's to say, but for 0.0.0.0 and what is neither
 * "this network" nor 4a.
 */
#include "wire/recognise.h"
#include "wire/text.h"

enum {
	USER_MOST = 255,
	HOST_MOST = 255,
	REQUEST_BYTES = 8,
	SOCKS4_MOST_BYTES = REQUEST_BYTES + USER_MOST + 1 + HOST_MOST + 1,
};

static enum wire_verdict probe_socks4(struct span in, struct wire_hints *hints)
{
	struct fields f = fields_of(in);
	bool has_host;

	(void)fields_be(&f, 1, 4, 4);
	(void)fields_be(&f, 1, 1, 2); /* CONNECT, BIND */
	(void)fields_be(&f, 2, 1, UINT16_MAX);
	has_host = fields_be(&f, 1, 0, UINT8_MAX) == 0;
	(void)fields_be(&f, 3, has_host ? 1 : 0, has_host ? UINT8_MAX : 0xffffff);
	(void)fields_until(&f, 0, USER_MOST, text_is_printed);
	if (has_host)
		fields_require(&f, fields_until(&f, 0, HOST_MOST, text_is_word).size > 0);
	return fields_end(&f, hints);
}

const struct wire_proto wire_socks4 = {
	.name = "socks4",
	.tcp = { SOCKS4_MOST_BYTES, probe_socks4 },
};
