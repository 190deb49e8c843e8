#ifndef SHUNT_FUZZ_FUZZ_WIRE_DATAGRAMS_H
#define SHUNT_FUZZ_FUZZ_WIRE_DATAGRAMS_H

#include <stdio.h>
#include <stdlib.h>

#include "fuzz.h"
#include "wire_laws_datagrams.h"

/* End the program when a law is broken: `broken` says which, NULL for none. */
static inline void fuzz_require(unsigned id, const char *broken)
{
	if (!broken)
		return;
	(void)fprintf(stderr, "%s: %s\n", wire_proto_at(id)->name, broken);
	abort();
}

/*
 * A recogniser of UDP, by the laws of wire.h: on the input as the run of datagrams that
 * it may be, and as one datagram, which a fuzzer finds sooner.
 */
static inline void fuzz_wire_datagrams(unsigned id, struct span in)
{
	static uint8_t run[DATAGRAMS_ROOM];
	size_t size = 0;

	fuzz_require(id, wire_laws_datagrams_broken(wire_proto_at(id), in));
	if (datagrams_put(run, &size, in))
		fuzz_require(id, wire_laws_datagrams_broken(wire_proto_at(id), span_of(run, size)));
}

#endif
