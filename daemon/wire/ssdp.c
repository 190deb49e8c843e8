/*
 * SSDP, by which devices of UPnP are found: a search, or what a device tells of itself
 * (UPnP Device Architecture 1.1, 1.2 and 1.3), in the form of HTTP: the request's
 * line, fields, and an empty line, which some forget. Of the fields the one is looked at
 * that says that it is SSDP, and that there is the one that says what is sought.
 */
#include "base/datagrams.h"
#include "wire/first_datagram.h"
#include "wire/recognise.h"
#include "wire/text.h"

enum {
	FIELD_MOST = 1024, /* bytes of a name, or of a value */
};

struct message {
	bool is_search;
	bool is_ssdp;  /* MAN, or NTS, says so */
	bool has_type; /* ST, or NT, says of what kind */
};

static bool is_in_value(uint8_t c)
{
	return text_is_printed(c) || c == '\t';
}

/* Without the blanks around it. */
static struct span trimmed(struct span value)
{
	while (value.size > 0 && value.data[0] <= ' ')
		value = span_of(value.data + 1, value.size - 1);
	while (value.size > 0 && value.data[value.size - 1] <= ' ')
		value.size--;
	return value;
}

/* In quotes, or without them as some clients have it. */
static bool is_discover(struct span value)
{
	if (value.size >= 2 && value.data[0] == '"' && value.data[value.size - 1] == '"')
		value = span_of(value.data + 1, value.size - 2);
	return text_is_same(value, "SSDP:DISCOVER");
}

static void read_field(struct fields *f, struct message *m)
{
	struct span name = text_run(f, text_is_token, FIELD_MOST);
	struct span value;

	fields_text(f, span_text(":"));
	value = trimmed(text_run(f, is_in_value, FIELD_MOST));
	text_line_end(f);
	if (f->verdict != WIRE_YES)
		return;
	if (m->is_search && text_is_same(name, "MAN"))
		m->is_ssdp = is_discover(value);
	else if (!m->is_search && text_is_same(name, "NTS"))
		m->is_ssdp = text_is_same(value, "SSDP:ALIVE") ||
			     text_is_same(value, "SSDP:BYEBYE") ||
			     text_is_same(value, "SSDP:UPDATE");
	else if (text_is_same(name, m->is_search ? "ST" : "NT"))
		m->has_type = value.size > 0;
}

static bool is_message(struct span datagram)
{
	struct fields f = fields_of(datagram);
	struct message m = { .is_search = text_peek(&f) == 'M' };

	fields_text(&f, span_text(m.is_search ? "M-SEARCH" : "NOTIFY"));
	fields_text(&f, span_text(" * HTTP/1.1"));
	text_line_end(&f);
	while (text_is_token(text_peek(&f)))
		read_field(&f, &m);
	if (f.at < datagram.size)
		text_line_end(&f);
	return f.verdict == WIRE_YES && f.at == datagram.size && m.is_ssdp && m.has_type;
}

static bool begins_ssdp(uint8_t first)
{
	return first == 'M' || first == 'N';
}

static enum wire_verdict probe_ssdp(struct span in, struct wire_hints *hints)
{
	return first_datagram_ask(in, hints, is_message);
}

const struct wire_proto wire_ssdp = {
	.name = "ssdp",
	.udp = { DATAGRAMS_ROOM, probe_ssdp },
	.begins = begins_ssdp,
};
