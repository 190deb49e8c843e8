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

static inline void proto_set_add(struct proto_set *set, unsigned id)
{
	set->words[id / 64] |= UINT64_C(1) << id % 64;
}

static inline void proto_set_remove(struct proto_set *set, unsigned id)
{
	set->words[id / 64] &= ~(UINT64_C(1) << id % 64);
}

/* Those that are in both. */
static inline struct proto_set proto_set_both(const struct proto_set *a, const struct proto_set *b)
{
	return (struct proto_set){ { a->words[0] & b->words[0], a->words[1] & b->words[1] } };
}

/* Those of the first that are not in the second. */
static inline struct proto_set proto_set_without(const struct proto_set *a,
						 const struct proto_set *b)
{
	return (struct proto_set){ { a->words[0] & ~b->words[0], a->words[1] & ~b->words[1] } };
}

/* The lowest id, which is that of the strongest evidence; of a set that is not empty. */
static inline unsigned proto_set_first(const struct proto_set *set)
{
	return set->words[0] ? (unsigned)__builtin_ctzll(set->words[0])
			     : 64 + (unsigned)__builtin_ctzll(set->words[1]);
}

static inline bool proto_set_is_empty(const struct proto_set *set)
{
	return (set->words[0] | set->words[1]) == 0;
}

#endif
