/*
 * BGP (RFC 4271 4.1, 4.2): each side begins with an OPEN message. Its marker of sixteen
 * bytes, its type, the version and the two lengths, which must agree, tell it from all
 * else; the optional parameters behind them are not looked at.
 */
#include "wire/fields.h"
#include "wire/recognise.h"

enum {
	BGP_MARKER_BYTES = 16,
	BGP_OPEN_BYTES = 29,     /* without parameters */
	BGP_EXTENDED_BYTES = 3,  /* ahead of a list of parameters that may be longer than 255 */
	BGP_EXTENDED_MARK = 255, /* both of the first two of them (RFC 9072 2) */
	BGP_LENGTH_MOST = 4096, /* of an OPEN, even where longer messages are spoken (RFC 8654 4) */
	BGP_OPEN = 1,
	BGP_VERSION = 4,
	BGP_HOLD_LEAST_S = 3, /* or 0 (RFC 4271 4.2) */
	BGP_MOST_BYTES = BGP_OPEN_BYTES + BGP_EXTENDED_BYTES,
};

static bool is_marker(uint8_t byte)
{
	return byte == 0xff;
}

/* Hold times of 1 and 2 s are refused by every peer. */
static void read_hold_time(struct fields *f)
{
	uint32_t hold_s = fields_be(f, 2, 0, UINT16_MAX);

	fields_require(f, hold_s == 0 || hold_s >= BGP_HOLD_LEAST_S);
}

/* The parameters fill the message. */
static void read_size_of_parameters(struct fields *f, uint32_t left)
{
	uint32_t size = fields_be(f, 1, 0, UINT8_MAX);

	if (f->verdict != WIRE_YES || size == left)
		return;
	fields_require(f, size == BGP_EXTENDED_MARK && left >= BGP_EXTENDED_BYTES);
	(void)fields_be(f, 1, BGP_EXTENDED_MARK, BGP_EXTENDED_MARK);
	(void)fields_be(f, 2, left - BGP_EXTENDED_BYTES, left - BGP_EXTENDED_BYTES);
}

static enum wire_verdict probe_bgp(struct span in, struct wire_hints *hints)
{
	struct fields f = fields_of(in);
	uint32_t length;

	(void)fields_bytes(&f, BGP_MARKER_BYTES, is_marker);
	length = fields_be(&f, 2, BGP_OPEN_BYTES, BGP_LENGTH_MOST);
	(void)fields_be(&f, 1, BGP_OPEN, BGP_OPEN);
	(void)fields_be(&f, 1, BGP_VERSION, BGP_VERSION);
	(void)fields_be(&f, 2, 1, UINT16_MAX); /* AS 0 is nobody's (RFC 7607) */
	read_hold_time(&f);
	(void)fields_be(&f, 4, 1, UINT32_MAX); /* BGP identifier */
	read_size_of_parameters(&f, length - BGP_OPEN_BYTES);
	return fields_end(&f, hints);
}

const struct wire_proto wire_bgp = {
	.name = "bgp",
	.tcp = { BGP_MOST_BYTES, probe_bgp },
};
