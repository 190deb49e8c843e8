#ifndef SHUNT_UNIT_WIRE_QUIC_RUN_H
#define SHUNT_UNIT_WIRE_QUIC_RUN_H

#include "unit.h"
#include "wire_laws_datagrams.h"
#include "wire_quic.h"

/* A flow of built datagrams, asked about: what the tests of the whole recogniser share. */
struct quic_run {
	uint8_t bytes[DATAGRAMS_ROOM];
	size_t size;
	struct wire_hints hints; /* of the last answer */
};

static inline void run_add(struct quic_run *run, struct span datagram)
{
	assert_true(datagrams_put(run->bytes, &run->size, datagram));
}

static inline enum wire_verdict run_ask(struct quic_run *run)
{
	memset(&run->hints, 0xa5, sizeof run->hints);
	wire_hints_clear(&run->hints);
	return wire_proto_at(WIRE_ID_quic)->probe(span_of(run->bytes, run->size), &run->hints);
}

/* Verdict and laws; `name` with a YES, "" for one without; `is_sure` is that of a MORE. */
static inline void run_assert(struct quic_run *run, enum wire_verdict verdict, bool is_sure,
			      const char *name)
{
	const char *broken = wire_laws_datagrams_broken(wire_proto_at(WIRE_ID_quic),
							span_of(run->bytes, run->size));

	if (broken)
		fail_msg("quic: %s", broken);
	assert_int_equal(run_ask(run), verdict);
	if (verdict == WIRE_MORE)
		assert_int_equal(run->hints.is_sure, is_sure);
	if (verdict != WIRE_YES)
		return;
	assert_int_equal(run->hints.name_size, strlen(name));
	assert_memory_equal(run->hints.name, name, strlen(name));
}

/* A flow of this one datagram. */
static inline void run_assert_one(const struct hello_bytes *datagram, enum wire_verdict verdict,
				  bool is_sure, const char *name)
{
	struct quic_run run = { .size = 0 };

	run_add(&run, span_of(datagram->data, datagram->size));
	run_assert(&run, verdict, is_sure, name);
}

/* A ClientHello for this name, with `padding` bytes ahead of it and ALPN h3 behind. */
static inline void run_hello(struct hello_bytes *message, const char *name, size_t padding)
{
	static struct hello_bytes extensions;

	extensions.size = 0;
	hello_put_extension(&extensions, 21, padding);
	hello_put_server_name(&extensions, span_text(name));
	hello_put(&extensions, "\0\x10\0\5\0\3\2h3", 9);
	message->size = 0;
	hello_put_message(message, span_of(extensions.data, extensions.size));
}

#endif
