#ifndef SHUNT_POLICY_CONFIG_FILES_H
#define SHUNT_POLICY_CONFIG_FILES_H

#include "policy/config_values.h"

/* Files of lists: one item a line, comments as in the configuration. */
enum {
	FILES_MOST_FAULTS = 50, /* of one file: then the rest of it is not looked at */
};

struct file_kind {
	const char *what; /* an item: "name" */
	/* Take what a line holds, blanks around it and comments off; `text` may be changed. 0, also
	 * with a fault noted; -EINVAL: go on no further; -ENOMEM */
	int (*take)(const struct value_in *in, struct config_place at, char *text);
};

/*
 * parse() of a key whose values are such files, and its field a text_list: adds
 * the absolute path to that and to config.files, and reads the file. A relative
 * path is meant from the folder of the file in which it stands.
 */
int config_file_parse(const struct value_in *in, const struct file_kind *kind);

/* print() of such a key. */
const char *config_file_show(const struct value_out *out, size_t i, char text[VALUE_TEXT_BYTES]);

#endif
