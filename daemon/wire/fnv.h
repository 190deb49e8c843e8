#ifndef SHUNT_WIRE_FNV_H
#define SHUNT_WIRE_FNV_H

#include "base/span.h"

/*
 * FNV-1a of 128 bits (draft-eastlake-fnv): no secret, but a sum of what it was given in
 * pieces. The number is in four parts of 32 bits, the lowest first: not every machine has
 * numbers so large.
 */
struct fnv {
	uint32_t part[4];
};

/* Of nothing yet. */
struct fnv fnv_begin(void);

void fnv_add(struct fnv *f, struct span bytes);

#endif
