/*
 * The dtls recogniser, by the laws of wire.h; and one more: a hello that is known is
 * known just so when it is cut into other pieces, which come in another order, twice,
 * and overlap.
 */
#include "fuzz_wire_datagrams.h"
#include "wire/dtls_record.h"

enum {
	FUZZ_DATAGRAMS = 13, /* of which the run is made anew */
	HEADS_BYTES = 25,    /* of a record and a message */
};

/* The first datagram's whole hello; false when it has none. */
static bool take_hello(struct span in, struct dtls_piece *out)
{
	struct datagrams d = datagrams_of(in);
	struct dtls_pieces pieces;
	struct span first;

	if (datagrams_next(&d, &first) != DATAGRAMS_ONE)
		return false;
	pieces = dtls_pieces_of(first);
	return dtls_pieces_next(&pieces, out) && out->bytes.size == out->whole;
}

static void put_number(uint8_t *to, size_t width, size_t value)
{
	while (width-- > 0)
		*to++ = (uint8_t)(value >> 8 * width);
}

/* Append a datagram with these bytes of the hello. */
static void put_piece(uint8_t *run, size_t *size, const struct dtls_piece *hello, size_t from,
		      size_t to)
{
	static uint8_t bytes[HEADS_BYTES + DTLS_HELLO_MOST];

	memcpy(bytes, "\x16\xfe\xfd\0\0\0\0\0\0\0\7", 11);
	put_number(bytes + 11, 2, 12 + to - from);
	bytes[13] = 1;
	put_number(bytes + 14, 3, hello->whole);
	put_number(bytes + 17, 2, hello->number);
	put_number(bytes + 19, 3, from);
	put_number(bytes + 22, 3, to - from);
	memcpy(bytes + HEADS_BYTES, hello->bytes.data + from, to - from);
	if (!datagrams_put(run, size, span_of(bytes, HEADS_BYTES + to - from)))
		abort(); /* it is small enough: below */
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static uint8_t run[DATAGRAMS_ROOM];
	const struct wire_proto *dtls = wire_proto_at(WIRE_ID_dtls);
	struct dtls_piece hello;
	struct wire_hints hints;
	struct wire_hints again;
	size_t used = 0;

	fuzz_wire_datagrams(WIRE_ID_dtls, span_of(data, size));
	wire_hints_clear(&hints);
	wire_hints_clear(&again);
	if (!take_hello(span_of(data, size), &hello) || hello.whole > 8192 ||
	    dtls->udp.probe(span_of(data, size), &hints) != WIRE_YES)
		return 0;
	for (size_t i = 0; i < FUZZ_DATAGRAMS; i++) {
		/* 5 has no divisor in common: each of them comes, and the neighbours overlap */
		size_t at = i * 5 % FUZZ_DATAGRAMS;
		size_t from = hello.whole * at / FUZZ_DATAGRAMS;
		size_t to = hello.whole * (at + 1) / FUZZ_DATAGRAMS + data[size - 1] % 7;

		put_piece(run, &used, &hello, from, to < hello.whole ? to : hello.whole);
	}
	fuzz_require(WIRE_ID_dtls, wire_laws_datagrams_broken(dtls, span_of(run, used)));
	if (dtls->udp.probe(span_of(run, used), &again) != WIRE_YES ||
	    !laws_same_hints(&hints, &again))
		fuzz_require(WIRE_ID_dtls, "other pieces, another answer");
	return 0;
}
