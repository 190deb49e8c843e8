#ifndef SHUNT_FUZZ_FUZZ_WIRE_H
#define SHUNT_FUZZ_FUZZ_WIRE_H

#include <stdio.h>
#include <stdlib.h>

#include "fuzz.h"
#include "wire_laws.h"

enum {
	FUZZ_DENSE_BYTES = 64, /* prefixes asked about one by one; more would only be slow */
};

/* End the program when the recogniser breaks a law on this input. */
static inline void fuzz_wire(unsigned id, struct span in)
{
	const char *broken = wire_laws_broken(&wire_proto_at(id)->tcp, in, FUZZ_DENSE_BYTES);

	if (!broken)
		return;
	(void)fprintf(stderr, "%s: %s\n", wire_proto_at(id)->name, broken);
	abort();
}

#endif
