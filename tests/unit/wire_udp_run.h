#ifndef SHUNT_UNIT_WIRE_UDP_RUN_H
#define SHUNT_UNIT_WIRE_UDP_RUN_H

#include "unit.h"
#include "wire_laws_datagrams.h"

/* A flow of datagrams, asked about: what the tests of all recognisers of UDP share. */
struct udp_run {
	uint8_t bytes[DATAGRAMS_ROOM];
	size_t size;
	struct wire_hints hints; /* of the last answer */
};

static inline void run_add(struct udp_run *run, struct span datagram)
{
	assert_true(datagrams_put(run->bytes, &run->size, datagram));
}

static inline void run_take(struct udp_run *run, struct span sample)
{
	assert_true(sample.size <= sizeof run->bytes);
	memcpy(run->bytes, sample.data, sample.size);
	run->size = sample.size;
}

static inline struct span run_span(const struct udp_run *run)
{
	return span_of(run->bytes, run->size);
}

static inline enum wire_verdict run_ask(struct udp_run *run, unsigned id)
{
	memset(&run->hints, 0xa5, sizeof run->hints);
	wire_hints_clear(&run->hints);
	return wire_proto_at(id)->udp.probe(run_span(run), &run->hints);
}

/* Verdict and laws; `name` with a YES, "" for one without; `is_sure` is that of a MORE. */
static inline void run_assert(struct udp_run *run, unsigned id, enum wire_verdict verdict,
			      bool is_sure, const char *name)
{
	const char *broken = wire_laws_datagrams_broken(wire_proto_at(id), run_span(run));

	if (broken)
		fail_msg("%s: %s", wire_proto_at(id)->name, broken);
	assert_int_equal(run_ask(run, id), verdict);
	if (verdict == WIRE_MORE)
		assert_int_equal(run->hints.is_sure, is_sure);
	if (verdict != WIRE_YES)
		return;
	assert_int_equal(run->hints.name_size, strlen(name));
	assert_memory_equal(run->hints.name, name, strlen(name));
}

/* A flow of this one datagram: verdict and laws. */
static inline void run_assert_one(struct span datagram, unsigned id, enum wire_verdict verdict)
{
	struct udp_run run = { .size = 0 };

	run_add(&run, datagram);
	run_assert(&run, id, verdict, false, "");
}

#endif
