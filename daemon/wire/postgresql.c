/*
 * PostgreSQL: a client's first message has no type, but a length and a code (PostgreSQL
 * documentation, "Message Formats"): a request for TLS or for GSSAPI, one to cancel, or
 * the StartupMessage of protocol 3, whose parameters fill it. The last one gives the
 * name: the database, where it is sent. A client that wants TLS, or asks whether there is
 * any, says it later, and to the server that was chosen.
 *
 * The name is known at the end of the message and not before, as a second `database`
 * would be the one that counts; then there is none. From the user on, whom every client
 * names, a MORE is sure, and what is not in form gives no name, too.
 */
#include "wire/recognise.h"
#include "wire/text.h"

enum {
	HEADER_BYTES = 8,
	LENGTH_MOST = 10000,       /* as servers have it */
	STARTUP_LEAST = 16,        /* a user of one letter */
	CANCEL_LEAST = 16,         /* process and key, of 4 bytes until protocol 3.2 */
	CANCEL_MOST = 268,         /* then of up to 256 */
	NAME_MOST = 128,           /* of a parameter: they are those of SQL, with prefixes */
	ZEROS = 3,                 /* behind the last parameter's name and value, and behind all */
	CODE_STARTUP = 0x00030000, /* and a minor version: a server takes any */
	CODE_STARTUP_MOST = 0x0003ffff,
	CODE_CANCEL = 0x04d2162e,
	CODE_TLS = 0x04d2162f,
	CODE_GSSAPI = 0x04d21630,
};

/* What the parameters say, as far as they were read. */
struct startup {
	bool has_user;
	unsigned databases;
	struct span database; /* the first one */
};

static bool is_first_letter(uint8_t c)
{
	return text_is_letter(c) || c == '_';
}

static bool is_name(uint8_t c)
{
	return is_first_letter(c) || text_is_digit(c) || c == '.' || c == '$' || c == '-';
}

static bool is_value(uint8_t c)
{
	(void)c;
	return true;
}

/* The code that goes with that length. */
static uint32_t read_code(struct fields *f, uint32_t length)
{
	const uint8_t high = CODE_CANCEL >> 24;

	if (length == HEADER_BYTES)
		return fields_be(f, 4, CODE_TLS, CODE_GSSAPI);
	if (length >= CANCEL_LEAST && length <= CANCEL_MOST && f->at < f->in.size &&
	    f->in.data[f->at] == high)
		return fields_be(f, 4, CODE_CANCEL, CODE_CANCEL);
	return fields_be(f, 4, CODE_STARTUP, CODE_STARTUP_MOST);
}

/* A parameter of a message that ends there: a name and a value, each with a zero behind. */
static void read_parameter(struct fields *f, size_t end, struct startup *s)
{
	struct span value, name;
	size_t room; /* for both, without their zeros and the last one */

	fields_require(f, f->at + ZEROS < end);
	if (f->verdict != WIRE_YES)
		return;
	if (f->at < f->in.size)
		fields_require(f, is_first_letter(f->in.data[f->at]));
	room = end - f->at - ZEROS;
	name = fields_until(f, 0, room < NAME_MOST ? room : NAME_MOST, is_name);
	value = fields_until(f, 0, room - name.size, is_value);
	if (f->verdict != WIRE_YES)
		return;
	if (span_equal(name, span_text("user")))
		s->has_user = true;
	else if (span_equal(name, span_text("database")) && s->databases++ == 0)
		s->database = value;
}

/* Up to the zero that ends them all, and the message. */
static void read_parameters(struct fields *f, size_t end, struct startup *s)
{
	do {
		read_parameter(f, end, s);
	} while (f->verdict == WIRE_YES && f->at + 1 < end);
	(void)fields_be(f, 1, 0, 0);
	fields_require(f, s->has_user);
}

static enum wire_verdict probe_postgresql(struct span in, struct wire_hints *hints)
{
	struct fields f = fields_of(in);
	struct startup s = { .has_user = false };
	uint32_t length = fields_be(&f, 4, HEADER_BYTES, LENGTH_MOST);

	hints->name_size = 0;
	hints->alpn_size = 0;
	fields_require(&f, length == HEADER_BYTES || length >= STARTUP_LEAST);
	if (read_code(&f, length) <= CODE_STARTUP_MOST)
		read_parameters(&f, length, &s);
	if (s.has_user && f.verdict == WIRE_NO)
		return WIRE_YES;
	hints->is_sure = s.has_user && f.verdict == WIRE_MORE;
	if (f.verdict == WIRE_YES && s.databases == 1)
		wire_hints_set_name(hints, s.database);
	return fields_end(&f, hints);
}

const struct wire_proto wire_postgresql = {
	.name = "postgresql",
	.says = WIRE_SAYS_NAME,
	.tcp = { LENGTH_MOST, probe_postgresql },
};
