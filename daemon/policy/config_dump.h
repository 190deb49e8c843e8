#ifndef SHUNT_POLICY_CONFIG_DUMP_H
#define SHUNT_POLICY_CONFIG_DUMP_H

#include "policy/config.h"

/* One value of the effective configuration, defaults filled in. All texts are borrowed for the call. */
struct config_value {
	const char *section; /* shunt, divert, route, backend, probe */
	const char *name;    /* of the section; NULL for [shunt] */
	const char *key;
	bool is_list;     /* one call for each item, one after the other */
	bool is_sentence; /* an item that takes a line of its own */
	const char *text; /* as one would write it */
};

/*
 * Call `each` for every value, section by section: [shunt], then diverts, routes,
 * backends and probes, each kind in the order of the file. Keys that are not set and
 * have no default are left out. Files of names and prefixes are shown by their
 * paths, not by what they hold; `include` is not, for the sections of those files
 * are there. Stops at, and returns, the first result of
 * `each` that is not 0.
 */
int config_each_value(const struct config *config,
		      int (*each)(const struct config_value *value, void *arg), void *arg);

/*
 * The effective configuration as a file that config_read() reads to an equal
 * one (but for the lines of sections). *text is NUL-terminated, for free().
 * Returns 0 or -ENOMEM.
 */
int config_dump(char **text, size_t *size, const struct config *config);

#endif
