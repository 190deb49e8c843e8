#ifndef SHUNT_POLICY_CONFIG_KEYS_H
#define SHUNT_POLICY_CONFIG_KEYS_H

#include "policy/config.h"

struct value_type;

enum section_kind {
	SECTION_SHUNT,
	SECTION_DIVERT,
	SECTION_ROUTE,
	SECTION_BACKEND,
	SECTION_PROBE,
	SECTION_KINDS,
};

/* One row of the key table: all that is known of a key. The reader, the checks, the dump, the
 * freeing and scripts/check-keys go by it. */
struct config_key {
	enum section_kind section;
	const char *name;
	const struct value_type *type;
	uint64_t least;       /* limits of a number, in the unit that is stored */
	uint64_t most;        /* also: bytes of a path, items of a list, sentences */
	const char *fallback; /* the default, as one would write it; NULL: there is none */
	size_t offset;        /* of the value in the section's struct */
	size_t also;          /* of a second field that the type fills; 0: none */
	unsigned flags;       /* KEY_* */
	const char *const
		*words; /* what a choice may be, NULL-terminated, in the order of its values */
};

enum {
	KEY_LIST = 1,      /* items separated by commas or blanks; may be repeated to lengthen it */
	KEY_REQUIRED = 2,  /* each section must have it */
	KEY_SENTENCES = 4, /* each value is whole; the key may be repeated */
};

/* One kind of section. */
struct section_type {
	const char *name;
	bool is_named;               /* [divert NAME]; each at most once */
	size_t most;                 /* how many sections of this kind */
	const char *const *reserved; /* names that none may have; NULL-terminated, or NULL */
};

/* The tables. config_keys_at() gives NULL behind the last row. */
const struct section_type *section_type_at(enum section_kind kind);
const struct config_key *config_keys_at(size_t i);

/* The row of a key, or NULL. */
const struct config_key *config_keys_find(enum section_kind kind, const char *name);

#endif
