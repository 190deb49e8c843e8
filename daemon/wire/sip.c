/*
 * SIP (RFC 3261 7): a request line like that of HTTP, with a URI of SIP or one of its
 * relatives as target, or a status line; whoever answers may open a connection for that
 * (18.2.2). The name is the host of a SIP URI, behind the user.
 *
 * By TCP the first line decides, behind a keepalive of empty lines (7.5). By UDP the
 * datagram is a whole message (18.3), from its first byte on: a head of fields, which
 * may be folded, with a Via (8.1.1.7, 8.2.6.2), an empty line, and as much of a body as
 * Content-Length says, or more. A keepalive, CR LF CR LF or less, tells nothing there.
 */
#include "base/datagrams.h"
#include "wire/authority.h"
#include "wire/first_datagram.h"
#include "wire/recognise.h"
#include "wire/request_line.h"
#include "wire/text.h"

enum {
	STATUS_DIGITS = 3,
	LENGTH_DIGITS = 5, /* of a body that fits into a datagram */
	FIELD_MOST = DATAGRAMS_MOST_BYTES,
};

/* Emergency calls go to a URN (RFC 5031), presence and messages have their own (RFC 3859, 3860). */
static void read_target(struct fields *f, struct span method)
{
	static const char *const schemes[] = { "SIP:", "SIPS:", "TEL:", "URN:", "IM:", "PRES:" };

	(void)method;
	text_one_of(f, schemes, sizeof schemes / sizeof *schemes);
	(void)text_run(f, text_is_word, REQUEST_LINE_MOST);
}

static void read_version(struct fields *f)
{
	fields_text(f, span_text("SIP/2.0"));
}

static const struct request_form sip_form = { read_target, read_version };

static void read_status_line(struct fields *f)
{
	fields_text(f, span_text("SIP/2.0 "));
	(void)fields_be(f, 1, '1', '6');
	(void)fields_bytes(f, STATUS_DIGITS - 1, text_is_digit);
	fields_text(f, span_text(" "));
	(void)text_run(f, text_is_printed, REQUEST_LINE_MOST);
	text_line_end(f);
	text_bound(f, REQUEST_LINE_MOST);
}

/* [user@]host[:port], up to parameters and headers (19.1.1). Only behind an `@` these cannot be the
 * user's. */
static void set_name(struct wire_hints *hints, struct span uri)
{
	const uint8_t *colon = memchr(uri.data, ':', uri.size);
	const uint8_t *end = uri.data + uri.size;
	const uint8_t *host = colon + 1;
	const uint8_t *at = memchr(host, '@', (size_t)(end - host));
	size_t size = 0;

	if ((uri.data[0] | 0x20) != 's') /* sip, sips */
		return;
	if (at)
		host = at + 1;
	while (size < (size_t)(end - host) && host[size] != ';' && host[size] != '?')
		size++;
	wire_authority_set_name(hints, span_of(host, size));
}

/* The first line; the name that a request's has. */
static struct fields read_start(struct span in, struct wire_hints *hints)
{
	struct fields f = fields_of(in);
	struct request_line line;

	hints->name_size = 0;
	hints->alpn_size = 0;
	request_line_read(&f, &sip_form, &line);
	if (f.verdict == WIRE_YES)
		set_name(hints, line.target);
	if (f.verdict != WIRE_NO)
		return f;
	f = fields_of(in);
	read_status_line(&f);
	return f;
}

static enum wire_verdict probe_stream(struct span in, struct wire_hints *hints)
{
	struct fields f = read_start(in, hints);

	return fields_end(&f, hints);
}

static bool is_blank(uint8_t c)
{
	return c == ' ' || c == '\t';
}

/* What may stand in a field: text in UTF-8, and tabs (25.1). */
static bool is_value(uint8_t c)
{
	return text_is_printed(c) || c == '\t';
}

static bool is_field(struct span name, const char *capitals, char compact)
{
	if (name.size == 1)
		return (name.data[0] & ~0x20) == compact;
	return text_is_same(name, capitals);
}

/* The value of Content-Length, and the end of its line. */
static size_t read_length(struct fields *f)
{
	struct span digits = text_run(f, text_is_digit, LENGTH_DIGITS);
	size_t length = 0;

	fields_require(f, digits.size > 0);
	(void)text_run(f, is_blank, FIELD_MOST);
	text_line_end(f);
	for (size_t i = 0; i < digits.size; i++)
		length = length * 10 + (size_t)(digits.data[i] - '0');
	return length;
}

/* The rest of a field, over all its lines. */
static void skip_value(struct fields *f)
{
	do {
		(void)text_run(f, is_value, FIELD_MOST);
		text_line_end(f);
	} while (is_blank(text_peek(f)));
}

/* The fields up to the empty line. */
static void read_head(struct fields *f, bool *has_via, size_t *length)
{
	while (f->verdict == WIRE_YES && text_peek(f) != '\r' && text_peek(f) != '\n') {
		struct span name = text_run(f, text_is_token, FIELD_MOST);

		fields_require(f, name.size > 0);
		(void)text_run(f, is_blank, FIELD_MOST);
		fields_text(f, span_text(":"));
		(void)text_run(f, is_blank, FIELD_MOST);
		if (f->verdict == WIRE_YES && is_field(name, "CONTENT-LENGTH", 'L')) {
			*length = read_length(f);
			continue;
		}
		*has_via |= f->verdict == WIRE_YES && is_field(name, "VIA", 'V');
		skip_value(f);
	}
	text_line_end(f);
}

static bool begins_sip(uint8_t first)
{
	return text_is_letter(first);
}

static bool is_message(struct span datagram)
{
	struct wire_hints hints;
	struct fields f = read_start(datagram, &hints);
	bool has_via = false;
	size_t length = 0;

	fields_require(&f, datagram.size > 0 && begins_sip(datagram.data[0]));
	read_head(&f, &has_via, &length);
	return f.verdict == WIRE_YES && has_via && length <= datagram.size - f.at;
}

static enum wire_verdict probe_datagram(struct span in, struct wire_hints *hints)
{
	enum wire_verdict verdict = first_datagram_ask(in, hints, is_message);
	struct datagrams d = datagrams_of(in);
	struct span datagram;

	if (verdict == WIRE_YES && datagrams_next(&d, &datagram) == DATAGRAMS_ONE)
		(void)read_start(datagram, hints);
	return verdict;
}

const struct wire_proto wire_sip = {
	.name = "sip",
	.says = WIRE_SAYS_NAME,
	.tcp = { REQUEST_LINE_MOST_BYTES, probe_stream },
	.udp = { DATAGRAMS_ROOM, probe_datagram },
	.begins = begins_sip,
};
