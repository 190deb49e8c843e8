#ifndef SHUNT_POLICY_CONFIG_RAW_H
#define SHUNT_POLICY_CONFIG_RAW_H

#include <stdio.h>

#include "policy/config_keys.h"

/* Configuration files taken apart: known sections and keys, values as they were written. */
struct raw_value {
	const struct config_key *key;
	int line;
	char *text; /* never empty */
};
struct raw_section {
	enum section_kind kind;
	char name[CONFIG_NAME_BYTES]; /* "" when it could not be had: a fault was noted */
	bool is_faulty;               /* so: only its values are worth a look */
	const char *file;             /* one of raw_config.files */
	int line;
	size_t index; /* among those of its kind */
	struct raw_value *at;
	size_t count;
};
struct raw_config {
	struct text_list files; /* in the order in which they were read */
	size_t bytes;           /* of all of them */
	struct raw_section *at;
	size_t count;
	size_t kinds[SECTION_KINDS]; /* how many of each */
};

/*
 * Take a stream apart and append what it holds; `file` is its name for the
 * notes. What is wrong with lines, sections and the names of keys is noted, and
 * left out; a section may stand but once in all files, [shunt] once in each.
 * Returns 0 (faults or not), -ENOMEM, or -errno when it could not be read. *raw,
 * zeroed at first, is for raw_config_done() in any case.
 */
int raw_config_read(struct raw_config *raw, FILE *in, const char *file, struct config_notes *notes);
void raw_config_done(struct raw_config *raw);

#endif
