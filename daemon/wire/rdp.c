/*
 * RDP ([MS-RDPBCGR] 2.2.1.1): an X.224 connection request of class 0 that carries a
 * line, a negotiation request, with that perhaps a correlation id, or nothing. The line
 * is a cookie with the user's name, which some clients cut to nine characters, or one by
 * which a balancer knows the server again: that is the name; or a text of the balancer's
 * own. For what tells RDP from other users of X.224 see x224.h.
 */
#include "wire/recognise.h"
#include "wire/text.h"
#include "wire/x224.h"

enum {
	NEGOTIATION_BYTES = 8,
	CORRELATION_BYTES = 36,
	CORRELATION_ID_BYTES = 16,
	FLAGS_MOST = 0x0f,
	FLAG_CORRELATION = 0x08,
	PROTOCOLS_MOST = 0xff, /* a bit for each, those of today are 0x1f */
};

/* Of the user, and of the balancer. */
static const char *const cookies[] = { "Cookie: mstshash=", "Cookie: msts=" };

static void set_name(struct wire_hints *hints, struct span line)
{
	hints->name_size = 0;
	for (size_t i = 0; i < sizeof cookies / sizeof cookies[0]; i++) {
		struct span head = span_text(cookies[i]);

		if (line.size > head.size && memcmp(line.data, head.data, head.size) == 0)
			wire_hints_set_name(hints,
					    span_of(line.data + head.size, line.size - head.size));
	}
}

/* The byte that comes next, which is no code of X.224's; it is not read. */
static uint32_t look_ahead(struct fields *f)
{
	struct fields ahead = *f;
	uint32_t byte = fields_be(&ahead, 1, 0, X224_CODE_LEAST - 1);

	if (ahead.verdict != WIRE_YES)
		*f = ahead;
	return byte;
}

/* Of that size, with or without a correlation id. */
static bool is_negotiation(size_t size)
{
	return size == NEGOTIATION_BYTES || size == NEGOTIATION_BYTES + CORRELATION_BYTES;
}

/* A line, without its end, in the `more` bytes; nothing follows it, or a negotiation. */
static struct span read_line(struct fields *f, size_t more)
{
	struct span line = fields_until(f, '\r', more < 2 ? 0 : more - 2, text_is_printed);
	size_t rest = more - line.size - 2;

	fields_require(f, rest == 0 || is_negotiation(rest));
	fields_text(f, span_text("\n"));
	return line;
}

static void read_correlation(struct fields *f)
{
	static const uint8_t reserved[CORRELATION_ID_BYTES];

	fields_text(f, span_of("\6\0\x24\0", 4));
	(void)fields_take(f, CORRELATION_ID_BYTES);
	fields_text(f, span_of(reserved, sizeof reserved));
}

/* All that the request ends with: with or without a correlation id. */
static void read_negotiation(struct fields *f, size_t size)
{
	bool is_correlated = size > NEGOTIATION_BYTES;
	uint32_t flags;

	fields_require(f, is_negotiation(size));
	(void)fields_be(f, 1, 1, 1);
	flags = fields_be(f, 1, 0, FLAGS_MOST);
	fields_require(f, is_correlated == ((flags & FLAG_CORRELATION) != 0));
	(void)fields_le(f, 2, NEGOTIATION_BYTES, NEGOTIATION_BYTES);
	(void)fields_le(f, 4, 0, PROTOCOLS_MOST);
	if (is_correlated)
		read_correlation(f);
}

static enum wire_verdict probe_rdp(struct span in, struct wire_hints *hints)
{
	struct fields f = fields_of(in);
	struct x224_request request;
	struct span line = { NULL, 0 };
	size_t end;

	x224_read_head(&f, &request);
	fields_require(&f, request.options == 0);
	fields_require(&f, request.more > 0 || request.reference == 0);
	end = f.at + request.more;
	if (request.more > 0 && look_ahead(&f) >= ' ')
		line = read_line(&f, request.more);
	if (f.verdict == WIRE_YES && f.at < end)
		read_negotiation(&f, end - f.at);
	if (f.verdict == WIRE_YES)
		set_name(hints, line);
	return fields_end(&f, hints);
}

const struct wire_proto wire_rdp = {
	.name = "rdp",
	.says = WIRE_SAYS_NAME,
	.tcp = { X224_MOST_BYTES, probe_rdp },
};
