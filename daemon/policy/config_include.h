#ifndef SHUNT_POLICY_CONFIG_INCLUDE_H
#define SHUNT_POLICY_CONFIG_INCLUDE_H

#include "policy/config_raw.h"

/* Limits of `include`. */
enum {
	INCLUDE_MOST_FILES = 256, /* the first one is one of them */
	INCLUDE_MOST_DEPTH = 8,   /* of files that include files */
	INCLUDE_MOST_GLOBS =
		2, /* parts of a path that are patterns: more could look at a whole disk */
};

/*
 * raw_config_read() of a configuration, then of all files that it includes, in
 * the order in which they are named, those of a glob by name; then of those that
 * these include. Paths are meant from the folder of the file in which they
 * stand. A file that was read before is a fault. As raw_config_read().
 */
int config_include_read(struct raw_config *raw, FILE *in, const char *file,
			struct config_notes *notes);

#endif
