/*
 * Android's debug bridge by TCP (AOSP, docs/dev/protocol.md): a client begins with a
 * CONNECT message, whose head of 24 bytes, numbers little-endian, is all that is
 * looked at. Its last field is the first one with every bit turned over. Old clients
 * send an empty message ahead of it.
 */
#include "wire/fields.h"
#include "wire/recognise.h"

enum {
	EMPTY_BYTES = 24,
	ADB_MOST_BYTES = EMPTY_BYTES + 24,
	VERSION_LEAST = 0x01000000,
	VERSION_MOST = 0x01000001, /* without a checksum of what follows */
	PAYLOAD_LEAST = 4096,      /* that a client is ready to take */
	PAYLOAD_MOST = 1 << 20,
	BANNER_MOST = 4096, /* what every server takes */
};

static const uint8_t empty[EMPTY_BYTES] = { [20] = 0xff, 0xff, 0xff, 0xff };

static enum wire_verdict probe_adb(struct span in, struct wire_hints *hints)
{
	struct fields f = fields_of(in);

	if (in.size > 0 && in.data[0] == 0)
		fields_text(&f, span_of(empty, sizeof empty));
	fields_text(&f, span_text("CNXN"));
	(void)fields_le(&f, 4, VERSION_LEAST, VERSION_MOST);
	(void)fields_le(&f, 4, PAYLOAD_LEAST, PAYLOAD_MOST);
	(void)fields_le(&f, 4, 1, BANNER_MOST);
	(void)fields_take(&f, 4); /* checksum */
	fields_text(&f, span_text("\xbc\xb1\xa7\xb1"));
	return fields_end(&f, hints);
}

const struct wire_proto wire_adb = {
	.name = "adb",
	.tcp = { ADB_MOST_BYTES, probe_adb },
};
