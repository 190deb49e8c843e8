/*
 * Syslog: a message begins with its priority, `<` a number up to 191 `>`. By UDP a
 * datagram is one message (RFC 5426 3.1), and all of it is text. By TCP its length in
 * digits and a blank come first (RFC 6587 3.4.1), or nothing (3.4.2). What follows the
 * priority is as the sender likes it (RFC 3164 4.2), so only its first character is
 * looked at there.
 */
#include "base/datagrams.h"
#include "wire/first_datagram.h"
#include "wire/recognise.h"
#include "wire/text.h"

enum {
	PRIORITY_MOST = 191, /* 24 facilities of 8 severities (RFC 5424 6.2.1) */
	LENGTH_LEAST = 4,    /* priority 0, and a character */
	LENGTH_DIGITS = 7,
	SYSLOG_MOST_BYTES = LENGTH_DIGITS + 1 + 5 + 1,
};

/* No digit too many: 0, or a number that does not begin with it. */
static void read_priority(struct fields *f)
{
	uint32_t value, next;

	fields_text(f, span_text("<"));
	value = fields_be(f, 1, '0', '9') - '0';
	next = fields_be(f, 1, '0', '>');
	while (f->verdict == WIRE_YES && next != '>') {
		fields_require(f, next <= '9' && value > 0);
		value = 10 * value + next - '0';
		fields_require(f, value <= PRIORITY_MOST);
		next = fields_be(f, 1, '0', '>');
	}
	(void)fields_bytes(f, 1, text_is_printed);
}

static void read_length(struct fields *f)
{
	uint32_t first = fields_be(f, 1, '1', '9');
	struct span more = fields_until(f, ' ', LENGTH_DIGITS - 1, text_is_digit);

	fields_require(f, more.size > 0 || first >= '0' + LENGTH_LEAST);
}

static enum wire_verdict probe_tcp(struct span in, struct wire_hints *hints)
{
	struct fields f = fields_of(in);

	if (in.size > 0 && in.data[0] != '<')
		read_length(&f);
	read_priority(&f);
	return fields_end(&f, hints);
}

/* Tabs, line ends and colours are seen in it, and zeros behind it. */
static bool is_message(struct span datagram)
{
	struct fields f = fields_of(datagram);
	size_t end = datagram.size;

	read_priority(&f);
	if (f.verdict != WIRE_YES)
		return false;
	while (datagram.data[end - 1] == 0)
		end--;
	for (size_t i = f.at; i < end; i++) {
		uint8_t c = datagram.data[i];

		if (!text_is_printed(c) && c != '\t' && c != '\n' && c != '\r' && c != 0x1b)
			return false;
	}
	return true;
}

static bool begins_syslog(uint8_t first)
{
	return first == '<';
}

static enum wire_verdict probe_udp(struct span in, struct wire_hints *hints)
{
	return first_datagram_ask(in, hints, is_message);
}

const struct wire_proto wire_syslog = {
	.name = "syslog",
	.tcp = { SYSLOG_MOST_BYTES, probe_tcp },
	.udp = { DATAGRAMS_ROOM, probe_udp },
	.begins = begins_syslog,
};
