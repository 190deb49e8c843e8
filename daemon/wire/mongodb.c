/*
 * MongoDB: a client's first message is the handshake (MongoDB Handshake, "hello"), a
 * command in an OP_MSG, or in the OP_QUERY of before 3.6, little-endian throughout. All
 * of its header is checked, and the document up to the command's first letter.
 *
 * Its first byte is that of a length, so it may be any. Where its first bytes are all of
 * what another protocol's client sends, that one has it: a message of 261 bytes begins
 * with a greeting of SOCKS5, and one of 65 or 66 bytes with the id 5 as Cassandra's; a
 * message of no length that is STUN's has STUN's cookie for its id. Few are so.
 */
#include "wire/cassandra.h"
#include "wire/recognise.h"
#include "wire/text.h"

enum {
	LENGTH_LEAST = 29, /* header, flags, kind, a document with one element */
	LENGTH_MOST =
		0xbfff, /* handshakes have some hundred bytes; larger ones could be TELNET's */
	LENGTH_SOCKS5 = 0x105, /* 05 01 00 */
	STUN_COOKIE = 0x42a41221,
	OP_HIGH = 7,
	OP_QUERY = 2004 - (OP_HIGH << 8), /* their lowest bytes */
	OP_MSG = 2013 - (OP_HIGH << 8),
	FLAGS_OF_QUERY = 0xfe, /* bit 0 must be zero (OP_QUERY, "flags") */
	NAMESPACE_MOST = 128,  /* DATABASE.$cmd */
	DOCUMENT_LEAST = 8,    /* its length, a type, a name, a zero, the last zero */
	TYPE_MOST =
		0x13, /* of an element (bsonspec.org), but for two that no command begins with */
	MONGODB_MOST_BYTES = 16 + 4 + NAMESPACE_MOST + 1 + 8 + 4 + 2,
};

/* Visible ASCII. */
static bool is_namespace(uint8_t c)
{
	return c > ' ' && c < 0x7f;
}

/* A command's name; `$query` around one. */
static bool is_command(uint8_t c)
{
	return text_is_letter(c) || c == '$' || c == '_';
}

static uint32_t read_length(struct fields *f)
{
	uint32_t length = fields_le(f, 2, LENGTH_LEAST, LENGTH_MOST);

	fields_require(f, length != LENGTH_SOCKS5);
	(void)fields_le(f, 2, 0, 0);
	return length;
}

/* The first element of a document, which ends `end` bytes from the start at the latest. */
static void read_document(struct fields *f, uint32_t end)
{
	fields_require(f, f->at + DOCUMENT_LEAST <= end);
	if (f->verdict != WIRE_YES)
		return;
	(void)fields_le(f, 4, DOCUMENT_LEAST, end - (uint32_t)f->at);
	(void)fields_le(f, 1, 1, TYPE_MOST);
	(void)fields_bytes(f, 1, is_command);
}

/* Flags, and the section that holds the command. Of the lower 16 flags those that are not known must be
 * zero (OP_MSG, "Flag Bits"); of the upper ones there is one. */
static void read_msg(struct fields *f, uint32_t length)
{
	(void)fields_le(f, 1, 0, 3);
	(void)fields_le(f, 1, 0, 0);
	(void)fields_le(f, 2, 0, 1);
	(void)fields_le(f, 1, 0, 0);
	read_document(f, length);
}

static void read_query(struct fields *f, uint32_t length)
{
	static const char command[] = ".$cmd";
	const size_t size = sizeof command - 1;
	struct span name;

	fields_require(f, (fields_le(f, 1, 0, FLAGS_OF_QUERY) & 1) == 0);
	(void)fields_le(f, 3, 0, 0);
	name = fields_until(f, 0, NAMESPACE_MOST, is_namespace);
	fields_require(f, name.size > size &&
				  memcmp(name.data + name.size - size, command, size) == 0);
	(void)fields_le(f, 4, 0, 0); /* none to skip */
	(void)fields_take(f, 4);     /* one to return, or all */
	read_document(f, length);
}

static enum wire_verdict probe_mongodb(struct span in, struct wire_hints *hints)
{
	struct fields f = fields_of(in);
	uint32_t length = read_length(&f);
	uint32_t id = fields_le(&f, 4, 0, UINT32_MAX);
	uint32_t opcode;

	fields_require(&f, id != STUN_COOKIE);
	(void)fields_le(&f, 1, 0, 0); /* an answer to nothing */
	fields_require(&f, !cassandra_asks_options(in));
	(void)fields_le(&f, 3, 0, 0);
	opcode = fields_le(&f, 1, OP_QUERY, OP_MSG);
	fields_require(&f, opcode == OP_QUERY || opcode == OP_MSG);
	(void)fields_le(&f, 3, OP_HIGH, OP_HIGH);
	if (opcode == OP_QUERY)
		read_query(&f, length);
	else
		read_msg(&f, length);
	return fields_end(&f, hints);
}

const struct wire_proto wire_mongodb = {
	.name = "mongodb",
	.tcp = { MONGODB_MOST_BYTES, probe_mongodb },
};
