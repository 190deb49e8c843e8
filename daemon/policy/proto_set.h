#ifndef SHUNT_POLICY_PROTO_SET_H
#define SHUNT_POLICY_PROTO_SET_H

#include <stdbool.h>
#include <stdint.h>

#include "policy/config_limits.h"

/* A set of recognisers, by wire id. */
struct proto_set {
	uint64_t words[CONFIG_PROTO_WORDS];
};

/* Is that recogniser in the set? */
static inline bool proto_set_has(const struct proto_set *set, unsigned id)
{
	return set->words[id / 64] >> id % 64 & 1;
}

static inline bool proto_set_is_empty(const struct proto_set *set)
{
	return (set->words[0] | set->words[1]) == 0;
}

#endif
