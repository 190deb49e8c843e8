/*
 * Whatever a client sends, at most one recogniser may be certain that it is its own
 * protocol: then it does not matter in which order they are asked. Whoever is certain
 * of a prefix is so of all that follows (wire.h), so each is asked about the whole
 * input: as a stream, as a run of datagrams, and as one datagram.
 */
#include <stdio.h>
#include <stdlib.h>

#include "base/datagrams.h"
#include "fuzz.h"
#include "wire/wire.h"

static bool is_certain(const struct wire_way *way, struct span in)
{
	struct wire_hints hints;
	enum wire_verdict verdict;

	wire_hints_clear(&hints);
	verdict = way->probe(in, &hints);
	return verdict == WIRE_YES || (verdict == WIRE_MORE && hints.is_sure);
}

static void require_one_owner(unsigned transport, struct span in)
{
	const char *owner = NULL;

	for (unsigned id = 0; id < WIRE_IDS; id++) {
		const struct wire_proto *proto = wire_proto_at(id);
		const struct wire_way *way = wire_proto_way(proto, transport);

		if (!way->probe || proto->is_weak || !is_certain(way, in))
			continue;
		if (owner) {
			(void)fprintf(stderr, "%s: both %s and %s are certain\n",
				      transport == WIRE_UDP ? "udp" : "tcp", owner, proto->name);
			abort();
		}
		owner = proto->name;
	}
}

size_t LLVMFuzzerCustomCrossOver(const uint8_t *a, size_t a_size, const uint8_t *b, size_t b_size,
				 uint8_t *out, size_t most, unsigned seed);

/* For libFuzzer, beside its own ways: pieces of both, each where it stood, as a field is what it is by
 * its place. */
size_t LLVMFuzzerCustomCrossOver(const uint8_t *a, size_t a_size, const uint8_t *b, size_t b_size,
				 uint8_t *out, size_t most, unsigned seed)
{
	size_t size = a_size > b_size ? a_size : b_size;
	const uint8_t *from = a;

	if (size > most)
		size = most;
	for (size_t i = 0; i < size; i++) {
		seed = seed * 1664525 + 1013904223;
		if (seed >> 28 < 3)
			from = from == a ? b : a;
		if (i >= a_size || i >= b_size)
			from = i < a_size ? a : b;
		out[i] = from[i];
	}
	return size;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static uint8_t run[DATAGRAMS_ROOM];
	struct span in = span_of(data, size);
	size_t used = 0;

	require_one_owner(WIRE_TCP, in);
	require_one_owner(WIRE_UDP, in);
	if (datagrams_put(run, &used, in))
		require_one_owner(WIRE_UDP, span_of(run, used));
	return 0;
}
