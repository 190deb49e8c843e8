/*
 * The reassembly of DTLS hellos: the input says which pieces of one hello come, in which
 * order, and what puts them together. Whatever they are, the hello is known exactly when
 * each of its bytes has come; and of a byte that comes again, as another one, the first
 * counts.
 */
#include "fuzz_wire_datagrams.h"
#include "wire_dtls.h"

enum {
	STEP_BYTES = 4,       /* of the input for each piece */
	HELLO_PADDING = 3000, /* so that 16 bits of an offset find every place */
	NEW_RECORD = 1,       /* what the last of these bytes says, beside the size */
	NEW_DATAGRAM = 2,
};

static struct hello_bytes body;
static struct hello_bytes piece;
static struct hello_bytes datagram;

/* What came so far. */
struct coming {
	uint8_t run[DATAGRAMS_ROOM];
	size_t size;
	uint8_t there[8192]; /* a flag for each byte of the hello */
	size_t record;       /* where the length of the open record ends; 0: there is none */
	unsigned records;
};

static void end_record(struct coming *c)
{
	if (c->record > 0)
		hello_close(&datagram, c->record, 2);
	c->record = 0;
}

/* False when it finds no place any more. */
static bool end_datagram(struct coming *c)
{
	bool is_put;

	end_record(c);
	is_put = datagram.size == 0 ||
		 datagrams_put(c->run, &c->size, span_of(datagram.data, datagram.size));
	datagram.size = 0;
	return is_put;
}

/* These bytes of the hello; those that were there before are others now. */
static void put_piece(struct coming *c, size_t from, size_t to)
{
	piece.size = 0;
	hello_put(&piece, body.data, body.size);
	for (size_t i = from; i < to; i++) {
		piece.data[i] ^= c->there[i] ? 0x5a : 0;
		c->there[i] = 1;
	}
	if (c->record == 0)
		c->record = dtls_open_record(&datagram, DTLS_BUILD_1_2, c->records++);
	dtls_put_piece(&datagram, &piece, 0, from, to);
}

/* What a flow of the datagrams so far must be. */
static void check(const struct coming *c, bool is_whole)
{
	const struct wire_proto *dtls = wire_proto_at(WIRE_ID_dtls);
	struct span run = span_of(c->run, c->size);
	struct wire_hints hints;
	enum wire_verdict verdict;

	fuzz_require(WIRE_ID_dtls, wire_laws_datagrams_broken(dtls, run));
	wire_hints_clear(&hints);
	verdict = dtls->udp.probe(run, &hints);
	if (is_whole && (verdict != WIRE_YES || !span_equal(span_of(hints.name, hints.name_size),
							    span_text("a.seed.example"))))
		fuzz_require(WIRE_ID_dtls, "all of it came, and it is not known");
	if (!is_whole && (verdict != WIRE_MORE || !hints.is_sure))
		fuzz_require(WIRE_ID_dtls, "a part is missing, and not waited for");
}

static bool is_whole(const struct coming *c)
{
	return memchr(c->there, 0, body.size) == NULL;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct coming c;

	memset(&c, 0, sizeof c);
	body.size = datagram.size = 0;
	dtls_hello(&body, DTLS_BUILD_1_2, 0, "a.seed.example", HELLO_PADDING);
	for (size_t at = 0; at + STEP_BYTES <= size; at += STEP_BYTES) {
		const uint8_t *step = data + at;
		size_t from = ((size_t)step[0] << 8 | step[1]) % body.size;
		size_t to = from + 1 + ((size_t)step[2] << 2 | step[3] >> 6) * 4;

		put_piece(&c, from, to < body.size ? to : body.size);
		if (step[3] & NEW_RECORD)
			end_record(&c);
		if ((step[3] & NEW_DATAGRAM || datagram.size > 1200) && !end_datagram(&c))
			return 0; /* full */
	}
	if (!end_datagram(&c))
		return 0;
	/* with as many as are held it is decided, name or not */
	if (c.size > 0 && (is_whole(&c) || size / STEP_BYTES < DATAGRAMS_MOST))
		check(&c, is_whole(&c));
	return 0;
}
