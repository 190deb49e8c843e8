/*
 * IRC (RFC 2812 3.1, modern.ircdocs.horse), by the first line with which a client
 * registers: CAP, NICK, USER or a gateway's WEBIRC, with the parameters that each has to
 * have. PASS comes ahead of one of these, and alone it would be POP3's or FTP's as well;
 * so would a USER with fewer than four parameters. The first line ends with the last of
 * them: no version of HTTP, RTSP or SIP can follow.
 */
#include "wire/recognise.h"
#include "wire/text.h"

enum {
	LINE_MOST = 512, /* with its end (RFC 2812 2.3) */
	IRC_MOST_BYTES = 2 * LINE_MOST,
};

static bool is_blank(uint8_t c)
{
	return c == ' ';
}

/* A tab, or an attribute of a client's text, may stand in the last parameter; not these (2.3.1). */
static bool is_last(uint8_t c)
{
	return c != '\0' && c != '\r' && c != '\n';
}

static void read_blanks(struct fields *f)
{
	struct span blanks = text_run(f, is_blank, LINE_MOST);

	fields_require(f, blanks.size > 0);
}

static void read_line_end(struct fields *f)
{
	(void)text_run(f, is_blank, LINE_MOST);
	text_line_end(f);
}

/* A parameter that is not the last one: it does not begin with a colon. */
static void read_middle(struct fields *f)
{
	struct span word;

	read_blanks(f);
	fields_require(f, text_peek(f) != ':');
	word = text_run(f, text_is_word, LINE_MOST);
	fields_require(f, word.size > 0);
}

/* Whatever there is up to the end of the line: one parameter at least. */
static void read_last(struct fields *f)
{
	struct span rest;

	read_blanks(f);
	rest = text_run(f, is_last, LINE_MOST);
	fields_require(f, rest.size > 0);
	text_line_end(f);
}

/* A command with one parameter, of which each byte `fits`. */
static void read_of_one(struct fields *f, const char *command, bool (*fits)(uint8_t byte),
			bool (*fits_behind_colon)(uint8_t byte))
{
	struct span word;

	text_any_case(f, command);
	read_blanks(f);
	word = text_run(f, text_peek(f) == ':' ? fits_behind_colon : fits, LINE_MOST);
	fields_require(f, word.size > 0);
	read_line_end(f);
}

/* Its parameter is a word, which may have a colon ahead. */
static void read_nick(struct fields *f)
{
	read_of_one(f, "NICK", text_is_word, text_is_word);
}

/* A word, or anything behind a colon. */
static void read_pass(struct fields *f)
{
	read_of_one(f, "PASS", text_is_word, is_last);
}

/* A list of what the server can, with a version of that or without, perhaps behind a colon, as any last
 * parameter; or a request. */
static void read_cap(struct fields *f)
{
	text_any_case(f, "CAP");
	read_blanks(f);
	if ((text_peek(f) | 0x20) == 'r') {
		text_any_case(f, "REQ");
		read_last(f);
		return;
	}
	text_any_case(f, "LS");
	if (text_peek(f) == ' ') {
		read_blanks(f);
		if (text_peek(f) == ':')
			fields_text(f, span_text(":"));
		(void)text_run(f, text_is_digit, LINE_MOST);
	}
	read_line_end(f);
}

/* A user's name, two that servers do not use any more, and who that is. */
static void read_user(struct fields *f)
{
	text_any_case(f, "USER");
	for (unsigned i = 0; i < 3; i++)
		read_middle(f);
	read_last(f);
}

/* A password, the gateway's name, the client's host and address, perhaps options. */
static void read_webirc(struct fields *f)
{
	text_any_case(f, "WEBIRC");
	for (unsigned i = 0; i < 3; i++)
		read_middle(f);
	read_last(f);
}

static void read_registration(struct fields *f)
{
	if ((text_peek(f) | 0x20) == 'p')
		read_pass(f);
	switch (text_peek(f) | 0x20) {
	case 'c':
		read_cap(f);
		break;
	case 'u':
		read_user(f);
		break;
	case 'w':
		read_webirc(f);
		break;
	default:
		read_nick(f);
	}
}

static enum wire_verdict probe_irc(struct span in, struct wire_hints *hints)
{
	struct fields f;

	if (in.size > IRC_MOST_BYTES)
		in.size = IRC_MOST_BYTES;
	f = fields_of(in);
	read_registration(&f);
	text_bound(&f, IRC_MOST_BYTES);
	return fields_end(&f, hints);
}

const struct wire_proto wire_irc = {
	.name = "irc",
	.tcp = { IRC_MOST_BYTES, probe_irc },
};
