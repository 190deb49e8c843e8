/*
 * XMPP over TCP (RFC 6120 4.2): a client, a server or a component begins with the head of
 * its stream, perhaps behind an XML declaration. It is XMPP for sure once one of its
 * namespaces was read, the stream's or the content's; `to` is the name, and may stand
 * ahead of these or behind them. The prefix `stream` is demanded, as servers do. Byte
 * order marks and encodings other than UTF-8 are forbidden (RFC 6120 11.6).
 */
#include "wire/recognise.h"
#include "wire/text.h"

enum {
	XMPP_MOST_BYTES = 2048,
};

struct head {
	bool is_sure;
	struct span to;
};

static bool is_space(uint8_t c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

static bool is_of_name(uint8_t c)
{
	return text_is_letter(c) || text_is_digit(c) || c == ':' || c == '_' || c == '-' ||
	       c == '.' || c >= 0x80;
}

static bool is_of_declaration(uint8_t c)
{
	return (text_is_printed(c) || is_space(c)) && c != '<' && c != '>';
}

static bool is_of_value(uint8_t c)
{
	return (text_is_printed(c) || is_space(c)) && c != '<';
}

static void skip_space(struct fields *f)
{
	(void)text_run(f, is_space, XMPP_MOST_BYTES);
}

/* `<?xml version='1.0'?>` and what may stand behind it. The `<` was read. */
static void skip_declaration(struct fields *f)
{
	if (text_peek(f) != '?')
		return;
	fields_text(f, span_text("?xml"));
	fields_require(f, text_run(f, is_space, 1).size == 1);
	(void)fields_until(f, '?', XMPP_MOST_BYTES, is_of_declaration);
	fields_text(f, span_text(">"));
	skip_space(f);
	fields_text(f, span_text("<"));
}

static bool is_same(struct span a, const char *b)
{
	return span_equal(a, span_text(b));
}

static bool is_of_jabber(struct span value)
{
	struct span jabber = span_text("jabber:");

	return value.size > jabber.size && memcmp(value.data, jabber.data, jabber.size) == 0;
}

static void take_attribute(struct fields *f, struct head *head, struct span name, struct span value)
{
	if (is_same(name, "to") && !head->to.data)
		head->to = value;
	if (is_same(name, "xmlns")) {
		fields_require(f, is_of_jabber(value));
		head->is_sure |= f->verdict == WIRE_YES;
	}
	if (is_same(name, "xmlns:stream")) {
		fields_require(f, is_same(value, "http://etherx.jabber.org/streams"));
		head->is_sure |= f->verdict == WIRE_YES;
	}
}

/* The space ahead of an attribute, and that. False: there is none any more, or it is not there. */
static bool read_attribute(struct fields *f, struct head *head)
{
	size_t spaces = text_run(f, is_space, XMPP_MOST_BYTES).size;
	struct span name, value;
	uint8_t quote;

	if (f->verdict != WIRE_YES || text_peek(f) == '>')
		return false;
	fields_require(f, spaces > 0);
	name = text_run(f, is_of_name, XMPP_MOST_BYTES);
	fields_require(f, name.size > 0);
	skip_space(f);
	fields_text(f, span_text("="));
	skip_space(f);
	quote = text_peek(f) == '\'' ? '\'' : '"';
	fields_text(f, span_of(&quote, 1));
	value = fields_until(f, quote, XMPP_MOST_BYTES, is_of_value);
	if (f->verdict == WIRE_YES)
		take_attribute(f, head, name, value);
	return f->verdict == WIRE_YES;
}

static enum wire_verdict probe_xmpp(struct span in, struct wire_hints *hints)
{
	bool is_all = in.size >= XMPP_MOST_BYTES;
	struct fields f = fields_of(span_of(in.data, is_all ? XMPP_MOST_BYTES : in.size));
	struct head head = { .is_sure = false };

	fields_text(&f, span_text("<"));
	skip_declaration(&f);
	fields_text(&f, span_text("stream:stream"));
	while (read_attribute(&f, &head))
		;
	if (f.verdict == WIRE_YES)
		fields_require(&f, head.is_sure);
	if (!head.is_sure)
		return f.verdict == WIRE_MORE && is_all ? WIRE_NO : fields_end(&f, hints);
	wire_hints_set_name(hints, head.to);
	hints->is_sure = true;
	return f.verdict == WIRE_MORE && !is_all ? fields_end(&f, hints) : WIRE_YES;
}

const struct wire_proto wire_xmpp = {
	.name = "xmpp",
	.says = WIRE_SAYS_NAME,
	.tcp = { XMPP_MOST_BYTES, probe_xmpp },
};
