/*
 * The http recogniser, by the laws of wire.h and one more: how lines end makes no
 * difference. A request whose lines end in LF has the method, the path and the name
 * of the same request with CRLF.
 */
#include "fuzz_wire.h"

enum {
	FUZZ_HEAD_BYTES = 16384, /* doubled by CRs at most, it is still below most_bytes */
};

/* The same bytes with a CR in front of each LF that has none. Returns how many. */
static size_t with_crlf(uint8_t out[static 2 * FUZZ_HEAD_BYTES], struct span in)
{
	size_t used = 0;

	for (size_t i = 0; i < in.size; i++) {
		if (in.data[i] == '\n' && (i == 0 || in.data[i - 1] != '\r'))
			out[used++] = '\r';
		out[used++] = in.data[i];
	}
	return used;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct wire_way *http = &wire_proto_at(WIRE_ID_http)->tcp;
	uint8_t other[2 * FUZZ_HEAD_BYTES];
	struct wire_hints hints;
	struct wire_hints again;
	size_t used;

	fuzz_wire(WIRE_ID_http, span_of(data, size));
	wire_hints_clear(&hints);
	wire_hints_clear(&again);
	if (size > FUZZ_HEAD_BYTES || http->probe(span_of(data, size), &hints) != WIRE_YES)
		return 0;
	used = with_crlf(other, span_of(data, size));
	if (hints.method.data + hints.method.size + 8192 - 16 < data + size)
		return 0; /* a request line so long that a CR more could be too many */
	if (http->probe(span_of(other, used), &again) != WIRE_YES ||
	    !laws_same_hints(&hints, &again)) {
		(void)fprintf(stderr, "http: other line ends, another answer\n");
		abort();
	}
	return 0;
}
