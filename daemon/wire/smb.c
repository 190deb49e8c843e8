/*
 * SMB over TCP: the length and the magic of a message, which is a negotiation, of SMB 1
 * (MS-CIFS 2.2.4.52) or of SMB 2 and 3 (MS-SMB2 2.1, 2.2.1.2); on port 139 the request
 * for a session of NetBIOS (RFC 1002 4.3.2) comes first, with two coded names (RFC 1001
 * 14.1). NetBIOS names with a scope are not looked for.
 */
#include "wire/fields.h"
#include "wire/recognise.h"

enum {
	LENGTH_LEAST = 35,    /* of SMB 1: header, no words, no bytes */
	LENGTH_LEAST_2 = 100, /* of SMB 2: header, and the body without any dialect */
	LENGTH_MOST = 0xffff,
	COMMAND_NEGOTIATE_1 = 0x72,
	MAGIC_1 = 0xff, /* ahead of "SMB" */
	MAGIC_2 = 0xfe,
	SESSION_REQUEST = 0x81,
	NAME_BYTES = 32,
	NAMES_BYTES = 2 * (NAME_BYTES + 2),
	SMB_MOST_BYTES = 4 + NAMES_BYTES,
};

/* Half a byte of a name. */
static bool is_coded(uint8_t c)
{
	return c >= 'A' && c <= 'P';
}

static void read_name(struct fields *f)
{
	(void)fields_be(f, 1, NAME_BYTES, NAME_BYTES);
	(void)fields_bytes(f, NAME_BYTES, is_coded);
	(void)fields_be(f, 1, 0, 0);
}

static void read_negotiation(struct fields *f)
{
	uint32_t length = fields_be(f, 4, LENGTH_LEAST, LENGTH_MOST);
	uint32_t magic = fields_be(f, 1, MAGIC_2, MAGIC_1);

	fields_text(f, span_text("SMB"));
	if (magic == MAGIC_1) {
		(void)fields_be(f, 1, COMMAND_NEGOTIATE_1, COMMAND_NEGOTIATE_1);
		(void)fields_be(f, 4, 0, 0); /* no status yet */
	} else {
		fields_require(f, length >= LENGTH_LEAST_2);
		(void)fields_le(f, 2, 64, 64); /* the header's size */
		(void)fields_take(f, 2);       /* what is charged for it */
		(void)fields_be(f, 4, 0, 0);   /* no status, the channel is one */
		(void)fields_be(f, 2, 0, 0);   /* negotiate */
	}
}

static enum wire_verdict probe_smb(struct span in, struct wire_hints *hints)
{
	struct fields f = fields_of(in);

	if (in.size > 0 && in.data[0] != 0) {
		(void)fields_be(&f, 1, SESSION_REQUEST, SESSION_REQUEST);
		(void)fields_be(&f, 3, NAMES_BYTES, NAMES_BYTES); /* behind a byte of flags */
		read_name(&f);
		read_name(&f);
	} else {
		read_negotiation(&f);
	}
	return fields_end(&f, hints);
}

const struct wire_proto wire_smb = {
	.name = "smb",
	.tcp = { SMB_MOST_BYTES, probe_smb },
};
