#ifndef SHUNT_BASE_SIPHASH_H
#define SHUNT_BASE_SIPHASH_H

#include "base/span.h"

/* A secret with which strangers cannot choose what falls together. */
struct siphash_key {
	uint64_t k[2];
};

/* SipHash-2-4 (Aumasson, Bernstein 2012) of those bytes. */
uint64_t siphash(const struct siphash_key *key, struct span in);

#endif
