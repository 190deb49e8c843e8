#ifndef SHUNT_UNIT_WIRE_UDP_EXACT_H
#define SHUNT_UNIT_WIRE_UDP_EXACT_H

#include "wire_hex.h"
#include "wire_samples.h"
#include "wire_udp_run.h"

/*
 * What tests of recognisers share whom the first datagram tells all, and to whom each of
 * its bytes counts: seeds, and single datagrams written in hex.
 */
static inline struct span exact_hex(struct hex_bytes *room, const char *hex)
{
	char packed[2 * sizeof room->data + 1];
	size_t size = 0;

	for (; *hex; hex++) {
		assert_true(size + 1 < sizeof packed);
		if (*hex != ' ')
			packed[size++] = *hex;
	}
	packed[size] = 0;
	return hex_of(room, packed);
}

/* Verdict and laws of a flow whose first datagram is that, in hex with spaces. */
static inline void exact_assert(unsigned id, const char *hex, enum wire_verdict verdict)
{
	struct hex_bytes room;

	run_assert_one(exact_hex(&room, hex), id, verdict);
}

/* A datagram that is YES is none of that protocol with a byte more, nor with the last one missing,
 * or any number of them. */
static inline void exact_assert_size(unsigned id, struct span datagram)
{
	uint8_t longer[4096];

	assert_true(datagram.size < sizeof longer);
	memcpy(longer, datagram.data, datagram.size);
	for (size_t size = 0; size < datagram.size; size++)
		run_assert_one(span_of(datagram.data, size), id, WIRE_NO);
	run_assert_one(datagram, id, WIRE_YES);
	for (unsigned byte = 0; byte < 256; byte += 51) {
		longer[datagram.size] = (uint8_t)byte;
		run_assert_one(span_of(longer, datagram.size + 1), id, WIRE_NO);
	}
}

/* Whose seeds these are. */
static unsigned exact_id;

static inline void exact_check(const char *file, struct span sample)
{
	struct udp_run run;

	print_message("%s\n", file);
	run_take(&run, sample);
	run_assert(&run, exact_id, sample_is(file, "near-") ? WIRE_NO : WIRE_YES, false, "");
}

static inline void exact_check_size(const char *file, struct span sample)
{
	struct datagrams d = datagrams_of(sample);
	struct span first;

	exact_check(file, sample);
	assert_int_equal(datagrams_next(&d, &first), DATAGRAMS_ONE);
	if (!sample_is(file, "near-"))
		exact_assert_size(exact_id, first);
}

/* Every seed of that fuzz target: those whose name begins with near- are refused, all others are known; to
 * the last byte when their first datagram `is_whole` only as it is. */
static inline void exact_assert_seeds(const char *target, unsigned id, bool is_whole)
{
	exact_id = id;
	sample_each(target, is_whole ? exact_check_size : exact_check);
}

#endif
