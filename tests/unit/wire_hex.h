#ifndef SHUNT_UNIT_WIRE_HEX_H
#define SHUNT_UNIT_WIRE_HEX_H

#include "base/hex.h"
#include "unit.h"

/* Bytes as published vectors write them, and with spaces: kept until the same place is used again. */
struct hex_bytes {
	uint8_t data[512];
};

static inline struct span hex_of(struct hex_bytes *room, const char *text)
{
	char packed[2 * sizeof room->data + 1];
	size_t digits = 0;
	ptrdiff_t size;

	for (; *text; text++) {
		if (*text != ' ' && digits < sizeof packed)
			packed[digits++] = *text;
	}
	size = hex_decode(room->data, sizeof room->data, span_of(packed, digits));
	assert_true(size >= 0 && (size_t)size <= sizeof room->data);
	return span_of(room->data, (size_t)size);
}

static inline void hex_assert(const uint8_t *got, const char *expected)
{
	struct hex_bytes room;
	struct span s = hex_of(&room, expected);

	assert_memory_equal(got, s.data, s.size);
}

#endif
