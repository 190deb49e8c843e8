/*
 * NATS, of a client that speaks first: `CONNECT`, a JSON object, and the end of the line.
 * Servers do so that join another one's cluster; a client that waits for the server's
 * INFO says nothing, and is `silent`. The object is read to its end, as far as it takes
 * to find that: quotes, brackets in pairs, and nothing that JSON has not (RFC 8259).
 */
#include "wire/recognise.h"
#include "wire/text.h"

enum {
	NATS_MOST_BYTES = 8192, /* a server takes 4096 bytes by default */
	DEPTH_MOST = 8,
};

struct json {
	unsigned depth;              /* of brackets that are open */
	uint8_t closing[DEPTH_MOST]; /* what closes each of them */
};

static bool is_blank(uint8_t c)
{
	return c == ' ' || c == '\t';
}

/* Outside of strings, beside brackets: numbers, true, false, null, and what is between. */
static bool is_plain(uint8_t c)
{
	return text_is_letter(c) || text_is_digit(c) || (c && strchr(",:.+- \t\r\n", c));
}

static bool is_string(uint8_t c)
{
	return text_is_printed(c) && c != '"' && c != '\\';
}

/* Up to its closing quote. The first one was read. */
static void read_string(struct fields *f)
{
	(void)text_run(f, is_string, NATS_MOST_BYTES);
	while (text_peek(f) == '\\') {
		(void)fields_take(f, 1);
		(void)fields_be(f, 1, ' ', '~');
		(void)text_run(f, is_string, NATS_MOST_BYTES);
	}
	fields_text(f, span_text("\""));
}

/* A quote with its string, or a bracket. */
static void read_mark(struct fields *f, struct json *j)
{
	uint8_t c = (uint8_t)fields_be(f, 1, '"', '}');

	if (c == '"') {
		read_string(f);
	} else if (c == '{' || c == '[') {
		fields_require(f, j->depth < DEPTH_MOST);
		if (f->verdict == WIRE_YES)
			j->closing[j->depth++] = (uint8_t)(c + 2);
	} else {
		fields_require(f, c == j->closing[j->depth - 1]);
		j->depth--;
	}
}

static void read_object(struct fields *f)
{
	struct json j = { .depth = 1, .closing = { '}' } };

	fields_text(f, span_text("{"));
	(void)text_run(f, is_blank, NATS_MOST_BYTES);
	if (f->verdict == WIRE_YES)
		fields_require(f, text_peek(f) == '"' || text_peek(f) == '}');
	while (f->verdict == WIRE_YES && j.depth > 0) {
		(void)text_run(f, is_plain, NATS_MOST_BYTES);
		read_mark(f, &j);
	}
}

static enum wire_verdict probe_nats(struct span in, struct wire_hints *hints)
{
	struct fields f;
	struct span blanks;

	if (in.size > NATS_MOST_BYTES)
		in.size = NATS_MOST_BYTES;
	f = fields_of(in);
	text_any_case(&f, "CONNECT");
	blanks = text_run(&f, is_blank, NATS_MOST_BYTES);
	fields_require(&f, blanks.size > 0);
	read_object(&f);
	(void)text_run(&f, is_blank, NATS_MOST_BYTES);
	text_line_end(&f);
	text_bound(&f, NATS_MOST_BYTES);
	return fields_end(&f, hints);
}

const struct wire_proto wire_nats = {
	.name = "nats",
	.tcp = { NATS_MOST_BYTES, probe_nats },
};
