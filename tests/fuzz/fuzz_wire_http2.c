/*
 * The http2 recogniser, by the laws of wire.h and one more: where the first header
 * block is cut into frames makes no difference.
 */
#include "fuzz_wire.h"

enum {
	FUZZ_PREFACE_BYTES = 24,
	FUZZ_HEADER_BYTES = 9,
	FUZZ_BLOCK_BYTES = 2048, /* in frames of one byte still below most_bytes */
	FUZZ_ROOM = 16384 + FUZZ_BLOCK_BYTES * (FUZZ_HEADER_BYTES + 1) + FUZZ_HEADER_BYTES,
};

static size_t size_at(const uint8_t *header)
{
	return (size_t)header[0] << 16 | (size_t)header[1] << 8 | header[2];
}

/*
 * If the last frame is HEADERS without padding and priority that ends a block, write
 * the same stream with that block in pieces. Returns its size, 0 when it is not so.
 */
static size_t recut(uint8_t out[static FUZZ_ROOM], struct span in, size_t piece)
{
	size_t at = FUZZ_PREFACE_BYTES;
	size_t used;
	size_t left;
	uint8_t header[FUZZ_HEADER_BYTES];

	while (in.size - at > FUZZ_HEADER_BYTES && in.data[at + 3] != 1)
		at += FUZZ_HEADER_BYTES + size_at(in.data + at) < in.size - at
			      ? FUZZ_HEADER_BYTES + size_at(in.data + at)
			      : in.size - at;
	if (at > 8192 || in.size - at <= FUZZ_HEADER_BYTES || (in.data[at + 4] & 0x2c) != 0x04)
		return 0;
	left = size_at(in.data + at);
	if (left == 0 || left > FUZZ_BLOCK_BYTES || left > in.size - at - FUZZ_HEADER_BYTES)
		return 0;
	memcpy(header, in.data + at, sizeof header);
	memcpy(out, in.data, at);
	used = at;
	at += FUZZ_HEADER_BYTES;
	for (bool is_first = true; left > 0; is_first = false) {
		size_t size = left < piece ? left : piece;

		header[1] = (uint8_t)(size >> 8);
		header[2] = (uint8_t)size;
		header[3] = is_first ? 1 : 9;
		header[4] = left == size ? 4 : 0;
		memcpy(out + used, header, sizeof header);
		memcpy(out + used + sizeof header, in.data + at, size);
		used += sizeof header + size;
		at += size;
		left -= size;
	}
	return used;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct wire_way *http2 = &wire_proto_at(WIRE_ID_http2)->tcp;
	uint8_t other[FUZZ_ROOM];
	struct wire_hints hints;
	struct wire_hints again;
	size_t used;

	fuzz_wire(WIRE_ID_http2, span_of(data, size));
	wire_hints_clear(&hints);
	wire_hints_clear(&again);
	if (size < FUZZ_PREFACE_BYTES || http2->probe(span_of(data, size), &hints) != WIRE_YES)
		return 0;
	used = recut(other, span_of(data, size), 1 + data[size - 1]);
	if (used > 0 && (http2->probe(span_of(other, used), &again) != WIRE_YES ||
			 !laws_same_hints(&hints, &again))) {
		(void)fprintf(stderr, "http2: other frames, another answer\n");
		abort();
	}
	return 0;
}
