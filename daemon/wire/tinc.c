/*
 * tinc's meta connection by TCP, of versions 1.0 and 1.1: either side begins with one
 * line, `0 NAME 17` or `0 NAME 17.7`, who takes up an invitation with a key instead of
 * a name. The packets of the tunnel, by UDP, show nothing; and tinc's own control
 * program never comes this way.
 */
#include "wire/recognise.h"
#include "wire/text.h"

enum {
	NAME_MOST = 255, /* it names a file of the other side */
	KEY_BYTES = 43,  /* 32, in base64 */
	MINOR_MOST = 2,
	TINC_MOST_BYTES = 2 + NAME_MOST + sizeof " 17." - 1 + MINOR_MOST + 1,
};

static bool is_of_name(uint8_t c)
{
	return text_is_letter(c) || text_is_digit(c) || c == '_';
}

/* Base64 of either kind. */
static bool is_of_key(uint8_t c)
{
	return is_of_name(c) || c == '-' || c == '+' || c == '/';
}

static enum wire_verdict probe_tinc(struct span in, struct wire_hints *hints)
{
	struct fields f = fields_of(in);

	fields_text(&f, span_text("0 "));
	if (text_peek(&f) == '?') {
		fields_text(&f, span_text("?"));
		(void)fields_bytes(&f, KEY_BYTES, is_of_key);
		fields_text(&f, span_text(" "));
	} else {
		fields_require(&f, fields_until(&f, ' ', NAME_MOST, is_of_name).size > 0);
	}
	fields_text(&f, span_text("17"));
	if (text_peek(&f) == '.') {
		fields_text(&f, span_text("."));
		fields_require(&f, fields_until(&f, '\n', MINOR_MOST, text_is_digit).size > 0);
	} else {
		fields_text(&f, span_text("\n"));
	}
	return fields_end(&f, hints);
}

const struct wire_proto wire_tinc = {
	.name = "tinc",
	.tcp = { TINC_MOST_BYTES, probe_tinc },
};
