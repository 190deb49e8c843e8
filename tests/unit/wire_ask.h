#ifndef SHUNT_UNIT_WIRE_ASK_H
#define SHUNT_UNIT_WIRE_ASK_H

#include "wire_hex.h"
#include "wire_samples.h"

/* A first message by TCP, written in hexadecimal: what its bytes may be, one by one. */

/* Verdict, and the laws. */
static inline void ask_hex(unsigned id, const char *hex, enum wire_verdict expected)
{
	struct hex_bytes room;

	sample_assert(id, hex_of(&room, hex), expected);
}

/* How many values of the byte at `at` are not refused as soon as they are there. */
static inline unsigned ask_values(unsigned id, struct span message, size_t at)
{
	struct hex_bytes room;
	struct wire_hints hints;
	unsigned count = 0;

	assert_true(at < message.size && message.size <= sizeof room.data);
	memcpy(room.data, message.data, message.size);
	for (unsigned value = 0; value < 256; value++) {
		room.data[at] = (uint8_t)value;
		count += sample_ask(id, span_of(room.data, at + 1), &hints) != WIRE_NO;
	}
	return count;
}

/* In each of these bytes that many values may be, when those ahead are as in the message. */
static inline void ask_bytes(unsigned id, const char *hex, size_t from, size_t to, unsigned values)
{
	struct hex_bytes room;
	struct span message = hex_of(&room, hex);

	for (size_t at = from; at < to; at++) {
		unsigned count = ask_values(id, message, at);

		if (count != values)
			fail_msg("byte %zu may be any of %u", at, count);
	}
}

/* A seed of that recogniser: `near-` is refused, all others are known; and the laws. */
static inline void ask_seed(unsigned id, const char *file, struct span sample)
{
	enum wire_verdict expected = sample_is(file, "near-") ? WIRE_NO : WIRE_YES;

	print_message("%s\n", file);
	sample_assert(id, sample, strstr(file, "-more") ? WIRE_MORE : expected);
}

#endif
