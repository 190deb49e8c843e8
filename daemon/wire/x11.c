/*
 * X11 (X Window System Protocol, "Connection Setup"): the byte order, version 11.0 in
 * that order, and how a client authenticates itself, by the name of a scheme or not at
 * all. What is unused may hold anything. The version lies where no message of Cassandra,
 * DNS or STUN has it with such lengths behind: the name begins with a letter, and
 * the label of a DNS question does not.
 */
#include "wire/recognise.h"
#include "wire/text.h"

enum {
	X11_MAJOR = 11,
	X11_MINOR = 0,
	X11_HEAD_BYTES = 12,
	X11_SCHEME_MOST = 64, /* bytes of the name: MIT-MAGIC-COOKIE-1 has 18 */
	X11_PROOF_MOST =
		8192, /* bytes of what goes with it: a cookie has 16, a Kerberos ticket more */
	X11_MOST_BYTES = X11_HEAD_BYTES + X11_SCHEME_MOST,
};

static bool is_byte_order(uint8_t byte)
{
	return byte == 'B' || byte == 'l';
}

static bool is_of_scheme(uint8_t c)
{
	return text_is_letter(c) || text_is_digit(c) || c == '-' || c == '.' || c == '_';
}

static enum wire_verdict probe_x11(struct span in, struct wire_hints *hints)
{
	struct fields f = fields_of(in);
	struct span order = fields_bytes(&f, 1, is_byte_order);
	uint32_t (*number)(struct fields * f, size_t size, uint32_t least, uint32_t most) =
		order.size && order.data[0] == 'B' ? fields_be : fields_le;
	uint32_t scheme;

	(void)fields_take(&f, 1);
	(void)number(&f, 2, X11_MAJOR, X11_MAJOR);
	(void)number(&f, 2, X11_MINOR, X11_MINOR);
	scheme = number(&f, 2, 0, X11_SCHEME_MOST);
	(void)number(&f, 2, 0, scheme ? X11_PROOF_MOST : 0); /* of what comes behind the name */
	(void)fields_take(&f, 2);
	if (scheme > 0) {
		(void)fields_bytes(&f, 1, text_is_letter);
		(void)fields_bytes(&f, scheme - 1, is_of_scheme);
	}
	return fields_end(&f, hints);
}

const struct wire_proto wire_x11 = {
	.name = "x11",
	.tcp = { X11_MOST_BYTES, probe_x11 },
};
