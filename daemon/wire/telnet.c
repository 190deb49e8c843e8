/*
 * Telnet (RFC 854): a client that speaks first offers or asks for options. Three bytes
 * tell: IAC, one of four verbs, and an option that there is. No more is looked at, as
 * a client may send no more; what else begins with IAC has another second byte (BGP) or
 * a third one that is no option (MPEG audio).
 */
#include "wire/fields.h"
#include "wire/recognise.h"

enum {
	TELNET_IAC = 255,
	TELNET_WILL = 251, /* then WONT, DO */
	TELNET_DONT = 254,
	TELNET_MOST_BYTES = 3,
};

/* The options of IANA's registry: in one row but for a few. */
static bool is_option(uint8_t byte)
{
	return byte <= 49 || (byte >= 138 && byte <= 140) || byte == 255;
}

static enum wire_verdict probe_telnet(struct span in, struct wire_hints *hints)
{
	struct fields f = fields_of(in);

	(void)fields_be(&f, 1, TELNET_IAC, TELNET_IAC);
	(void)fields_be(&f, 1, TELNET_WILL, TELNET_DONT);
	(void)fields_bytes(&f, 1, is_option);
	return fields_end(&f, hints);
}

const struct wire_proto wire_telnet = {
	.name = "telnet",
	.tcp = { TELNET_MOST_BYTES, probe_telnet },
};
