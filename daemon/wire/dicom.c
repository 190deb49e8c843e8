/*
 * DICOM (PS3.8 9.3.2): an association is asked for with an A-ASSOCIATE-RQ: type,
 * version 1, the application entities' titles in characters that a title may have, and
 * the application context ahead of all other items. Some devices fill a title up with
 * zeros instead of spaces, or do not say who calls. Where a DNS message over TCP could
 * count records stands the title, which makes that too many for its size.
 */
#include "wire/recognise.h"
#include "wire/text.h"

enum {
	DICOM_ASSOCIATE_RQ = 1,
	DICOM_VERSION = 1,
	DICOM_TITLE_BYTES = 16,
	DICOM_RESERVED_BYTES = 32, /* sent as 0, tested by nobody (PS3.8 table 9-11) */
	DICOM_FIXED_BYTES = 68,    /* of what the length counts */
	DICOM_ITEM_BYTES = 4,      /* ahead of an item */
	DICOM_CONTEXT = 0x10,
	DICOM_UID_MOST = 64, /* PS3.5 9.1 */
	DICOM_LENGTH_MOST = 1024 * 1024,
	DICOM_AHEAD_BYTES = 6, /* of the length's count */
	DICOM_MOST_BYTES =
		DICOM_AHEAD_BYTES + DICOM_FIXED_BYTES + DICOM_ITEM_BYTES + DICOM_UID_MOST,
};

/* The characters of a title: ASCII without the backslash (PS3.5 6.2, value representation AE). */
static bool is_of_title(uint8_t byte)
{
	return byte >= ' ' && byte <= '~' && byte != '\\';
}

static bool is_of_uid(uint8_t byte)
{
	return text_is_digit(byte) || byte == '.';
}

/* A character first, and behind zeros nothing but zeros. */
static void read_title(struct fields *f, bool may_be_blank)
{
	bool is_blank = true, is_over = false;

	for (unsigned i = 0; i < DICOM_TITLE_BYTES && f->verdict == WIRE_YES; i++) {
		uint8_t c = (uint8_t)fields_be(f, 1, 0, '~');

		fields_require(f, c == 0 ? i > 0 : !is_over && is_of_title(c));
		is_over |= c == 0;
		is_blank &= c == 0 || c == ' ';
	}
	fields_require(f, may_be_blank || !is_blank);
}

/* "1.2.840.10008.3.1.1.1", or that of somebody's own. */
static void read_application_context(struct fields *f, uint32_t left)
{
	uint32_t most = left - DICOM_ITEM_BYTES;

	(void)fields_be(f, 1, DICOM_CONTEXT, DICOM_CONTEXT);
	(void)fields_take(f, 1);
	(void)fields_bytes(f, fields_be(f, 2, 1, most < DICOM_UID_MOST ? most : DICOM_UID_MOST),
			   is_of_uid);
}

static enum wire_verdict probe_dicom(struct span in, struct wire_hints *hints)
{
	struct fields f = fields_of(in);
	uint32_t length;

	(void)fields_be(&f, 1, DICOM_ASSOCIATE_RQ, DICOM_ASSOCIATE_RQ);
	(void)fields_be(&f, 1, 0, 0);
	length = fields_be(&f, 4, DICOM_FIXED_BYTES + DICOM_ITEM_BYTES + 1, DICOM_LENGTH_MOST);
	(void)fields_be(&f, 2, DICOM_VERSION, DICOM_VERSION);
	(void)fields_be(&f, 2, 0, 0);
	read_title(&f, false); /* called */
	read_title(&f, true);  /* calling */
	(void)fields_take(&f, DICOM_RESERVED_BYTES);
	read_application_context(&f, length - DICOM_FIXED_BYTES);
	return fields_end(&f, hints);
}

const struct wire_proto wire_dicom = {
	.name = "dicom",
	.tcp = { DICOM_MOST_BYTES, probe_dicom },
};
