/*
 * TeamSpeak 3: the first of the five packets with which a client makes a server believe
 * its address. All that can stand in its header is fixed; behind it come the client's
 * version, the number of the step, its time, a random number and zeros.
 */
#include "base/datagrams.h"
#include "base/reader.h"
#include "wire/first_datagram.h"
#include "wire/recognise.h"

enum {
	VERSION_BYTES = 4,
	FIRST_STEP = 0,
	TIME_BYTES = 4,
	RANDOM_BYTES = 4,
	ZERO_BYTES = 8,
};

/* In place of a proof, packet 101 of nobody, not encrypted, of kind Init1. */
static const uint8_t header[] = { 'T', 'S', '3', 'I', 'N', 'I', 'T', '1', 0, 101, 0, 0, 0x88 };

static bool is_hello(struct span datagram)
{
	struct reader r = reader_of(datagram);

	if (!span_equal(reader_take(&r, sizeof header), span_of(header, sizeof header)))
		return false;
	(void)reader_take(&r, VERSION_BYTES);
	if (reader_u8(&r) != FIRST_STEP)
		return false;
	(void)reader_take(&r, TIME_BYTES + RANDOM_BYTES);
	return reader_left(&r) == ZERO_BYTES && span_is_zero(reader_take(&r, ZERO_BYTES));
}

static bool begins_ts3(uint8_t first)
{
	return first == header[0];
}

static enum wire_verdict probe_ts3(struct span in, struct wire_hints *hints)
{
	return first_datagram_ask(in, hints, is_hello);
}

const struct wire_proto wire_ts3 = {
	.name = "ts3",
	.udp = { DATAGRAMS_ROOM, probe_ts3 },
	.begins = begins_ts3,
};
