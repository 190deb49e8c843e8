/*
 * Cassandra's native protocol, versions 3 to 5 and the two of DataStax: its first frame
 * is OPTIONS, which is nothing but a header, or STARTUP, whose body is a map of strings
 * (native_protocol_v4.spec 2, 4.1.1, 4.1.3; until STARTUP is answered version 5 has the
 * same frames). Versions 1 and 2, of servers of before 2014, have other headers and are
 * not looked for. Stream ids are counted up from zero, or nearly; with larger ones a frame
 * could be OpenVPN's.
 */
#include "wire/cassandra.h"

#include "wire/fields.h"
#include "wire/recognise.h"

enum {
	HEADER_BYTES = 9,
	VERSION_DSE1 = 0x41,
	VERSION_DSE2 = 0x42,
	FLAG_BETA = 0x10, /* the version is one that is not finished */
	STREAM_MOST = 0x37ff,
	OPCODE_STARTUP = 1,
	OPCODE_OPTIONS = 5,
	BODY_LEAST = 22,   /* CQL_VERSION and a value, with their sizes */
	BODY_MOST = 65536, /* drivers send some 100 bytes */
	OPTIONS_MOST = 255,
	KEY_LEAST = 4,
	KEY_MOST = 32,
	CASSANDRA_MOST_BYTES = HEADER_BYTES + 2 + 2 + KEY_MOST,
};

static bool is_key(uint8_t c)
{
	return (c >= 'A' && c <= 'Z') || c == '_';
}

/* The opcode. */
static uint32_t read_header(struct fields *f)
{
	uint32_t version = fields_be(f, 1, 3, VERSION_DSE2);
	uint32_t flags, opcode;

	fields_require(f, version <= 5 || version >= VERSION_DSE1);
	flags = fields_be(f, 1, 0, FLAG_BETA);
	fields_require(f, flags == 0 || flags == FLAG_BETA);
	(void)fields_be(f, 2, 0, STREAM_MOST);
	opcode = fields_be(f, 1, OPCODE_STARTUP, OPCODE_OPTIONS);
	fields_require(f, opcode == OPCODE_STARTUP || opcode == OPCODE_OPTIONS);
	return opcode;
}

/* The map, as far as its first key. Which one that is differs from driver to driver. */
static void read_map(struct fields *f)
{
	uint32_t size = fields_be(f, 4, BODY_LEAST, BODY_MOST);
	uint32_t key_size;

	(void)fields_be(f, 2, 1, OPTIONS_MOST);
	key_size = fields_be(f, 2, KEY_LEAST, KEY_MOST);
	fields_require(f, key_size + 6 <= size); /* with three sizes of two bytes */
	(void)fields_bytes(f, key_size, is_key);
}

static enum wire_verdict probe_cassandra(struct span in, struct wire_hints *hints)
{
	struct fields f = fields_of(in);

	if (read_header(&f) == OPCODE_OPTIONS)
		(void)fields_be(&f, 4, 0, 0);
	else
		read_map(&f);
	return fields_end(&f, hints);
}

bool cassandra_asks_options(struct span stream)
{
	struct fields f = fields_of(stream);
	uint32_t opcode = read_header(&f);

	(void)fields_be(&f, 4, 0, 0);
	return opcode == OPCODE_OPTIONS && f.verdict == WIRE_YES;
}

const struct wire_proto wire_cassandra = {
	.name = "cassandra",
	.tcp = { CASSANDRA_MOST_BYTES, probe_cassandra },
};
