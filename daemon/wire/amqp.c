/*
 * AMQP: a client begins with the protocol header, eight bytes of which each version has
 * its own (AMQP 1.0 2.2, AMQP 0-9-1 4.2.2); nothing may come ahead of it.
 */
#include "wire/recognise.h"

enum {
	HEADER_BYTES = 8,
};

static const uint8_t header_table[][HEADER_BYTES] = {
	{ 'A', 'M', 'Q', 'P', 0, 0, 9, 1 },  /* 0-9-1 */
	{ 'A', 'M', 'Q', 'P', 0, 1, 0, 0 },  /* 1.0 */
	{ 'A', 'M', 'Q', 'P', 1, 1, 0, 9 },  /* 0-9 */
	{ 'A', 'M', 'Q', 'P', 1, 1, 0, 10 }, /* 0-10 */
	{ 'A', 'M', 'Q', 'P', 1, 1, 8, 0 },  /* 0-8, as most clients of it have it */
	{ 'A', 'M', 'Q', 'P', 1, 1, 9, 1 },  /* 0-8, as it is published */
	{ 'A', 'M', 'Q', 'P', 2, 1, 0, 0 },  /* 1.0, TLS comes next */
	{ 'A', 'M', 'Q', 'P', 3, 1, 0, 0 },  /* 1.0, SASL comes next */
};

static enum wire_verdict probe_amqp(struct span in, struct wire_hints *hints)
{
	size_t size = in.size < HEADER_BYTES ? in.size : HEADER_BYTES;

	hints->wanted = in.size + 1; /* any byte may differ */
	for (size_t i = 0; i < sizeof header_table / sizeof *header_table; i++) {
		if (span_equal(span_of(in.data, size), span_of(header_table[i], size)))
			return size == HEADER_BYTES ? WIRE_YES : WIRE_MORE;
	}
	return WIRE_NO;
}

const struct wire_proto wire_amqp = {
	.name = "amqp",
	.tcp = { HEADER_BYTES, probe_amqp },
};
