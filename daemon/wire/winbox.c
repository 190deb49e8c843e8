/*
 * Winbox, the tool that manages routers of MikroTik, since RouterOS 6.43: a chunk that
 * is a byte of length and the byte 06, in it the user's name (`+r` behind it asks for
 * RoMON), a NUL, the 32 bytes of the client's point on Curve25519 and its parity, 0 or 1.
 * RouterOS has users of few characters, but asks RADIUS about any: so they may be any but
 * blanks. The protocol is not published; this is what was found out by those who studied
 * it (Margin Research, "MikroTik authentication revealed"). A name so long that a second
 * chunk is needed, 222 bytes or more, and older versions are not known.
 */
#include "wire/recognise.h"
#include "wire/text.h"

enum {
	AUTH_TYPE = 6,
	KEY_BYTES = 32,
	REST_BYTES = 1 + KEY_BYTES + 1, /* behind the name: NUL, key, parity */
	WINBOX_MOST_BYTES = 2 + 255,
};

static enum wire_verdict probe_winbox(struct span in, struct wire_hints *hints)
{
	struct fields f = fields_of(in);
	size_t size = fields_be(&f, 1, REST_BYTES + 1, 255);

	(void)fields_be(&f, 1, AUTH_TYPE, AUTH_TYPE);
	(void)fields_bytes(&f, size - REST_BYTES, text_is_word);
	(void)fields_be(&f, 1, 0, 0);
	(void)fields_take(&f, KEY_BYTES);
	(void)fields_be(&f, 1, 0, 1);
	return fields_end(&f, hints);
}

const struct wire_proto wire_winbox = {
	.name = "winbox",
	.tcp = { WINBOX_MOST_BYTES, probe_winbox },
};
