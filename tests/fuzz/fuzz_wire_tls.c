/*
 * The tls recogniser, by the laws of wire.h and one more: a hello that is known
 * is known just so when it is cut into other records.
 */
#include "fuzz_wire.h"
#include "wire/tls_record.h"

enum {
	FUZZ_RECUT_BYTES = 8192, /* in records of one byte still below most_bytes */
};

/* The handshake bytes of the hello that begins the stream, in records of that size. Returns the
 * new stream's size; 0 when the hello has more than FUZZ_RECUT_BYTES. */
static size_t recut(uint8_t out[static FUZZ_RECUT_BYTES * 6], struct span in, size_t record)
{
	static const uint8_t header[] = { 0x16, 3, 3, 0 };
	struct tls_record r;
	size_t used = 0;
	size_t left;

	tls_record_open(&r, in);
	tls_record_skip(&r, 1);
	left = tls_record_number(&r, 3) + 4;
	if (left > FUZZ_RECUT_BYTES)
		return 0;
	tls_record_open(&r, in);
	while (left > 0) {
		size_t size = left < record ? left : record;

		memcpy(out + used, header, sizeof header);
		out[used + 4] = (uint8_t)size;
		tls_record_take(&r, out + used + TLS_RECORD_HEADER_BYTES, size);
		used += TLS_RECORD_HEADER_BYTES + size;
		left -= size;
	}
	return used;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct wire_way *tls = &wire_proto_at(WIRE_ID_tls)->tcp;
	uint8_t other[FUZZ_RECUT_BYTES * 6];
	struct wire_hints hints;
	struct wire_hints again;
	size_t used;

	fuzz_wire(WIRE_ID_tls, span_of(data, size));
	wire_hints_clear(&hints);
	wire_hints_clear(&again);
	if (tls->probe(span_of(data, size), &hints) != WIRE_YES)
		return 0;
	used = recut(other, span_of(data, size), 1 + data[size - 1] % 255);
	if (used > 0 && (tls->probe(span_of(other, used), &again) != WIRE_YES ||
			 !laws_same_hints(&hints, &again))) {
		(void)fprintf(stderr, "tls: other records, another answer\n");
		abort();
	}
	return 0;
}
