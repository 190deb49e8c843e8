#ifndef SHUNT_POLICY_NAME_TABLE_H
#define SHUNT_POLICY_NAME_TABLE_H

#include "base/span.h"

/*
 * Host names, exact ones and "*." ones, each with the routes that list it.
 * Hashed from the end of the name, so that one pass over a name finds all its
 * wildcards. The names are borrowed. A name costs 32 to 40 bytes beside its text.
 */
struct name_entry {
	const char *name;
	uint32_t hash;
	uint32_t next; /* index + 1 of the entry of the same name that was added before; 0: none */
	uint16_t size; /* of name */
	uint16_t route;
};

struct name_table {
	struct name_entry *entries;
	size_t count;
	uint32_t *slots;   /* index + 1 of the entry of a name that was added last */
	size_t slot_count; /* a power of two, at least twice the entries */
	bool has_wild;
};

/* Room for `most` names. 0 or -ENOMEM. */
int name_table_init(struct name_table *t, size_t most);
void name_table_done(struct name_table *t);

/* Add a name of a route: never more than there is room for. False when the one added last for this
 * name is of the same route: then nothing is added. */
bool name_table_add(struct name_table *t, const char *name, unsigned route);

/* The entry of exactly this name that was added last, or NULL. Of a wildcard only what stands behind
 * its "*." is given. */
const struct name_entry *name_table_find(const struct name_table *t, struct span name);
const struct name_entry *name_table_find_wild(const struct name_table *t, struct span behind);

/* The entry of the same name that was added before this one, or NULL. */
const struct name_entry *name_table_next(const struct name_table *t, const struct name_entry *e);

/*
 * The wildcards that fit a name (lower case, no final dot), the longest first.
 * name_walk_begin(), then name_walk_next() until NULL: the entry, added last,
 * of each.
 */
enum {
	NAME_WALK_DOTS = 128, /* what has more dots behind it is no valid name (RFC 1035 2.3.4) */
};
struct name_walk {
	const struct name_table *table;
	struct span name;
	size_t left;
	uint32_t hashes[NAME_WALK_DOTS]; /* of the wildcard at each dot, the last dot first */
	uint8_t starts[NAME_WALK_DOTS];  /* of what lies behind that dot */
};
void name_walk_begin(struct name_walk *walk, const struct name_table *t, struct span name);
const struct name_entry *name_walk_next(struct name_walk *walk);

#endif
