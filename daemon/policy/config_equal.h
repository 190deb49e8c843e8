#ifndef SHUNT_POLICY_CONFIG_EQUAL_H
#define SHUNT_POLICY_CONFIG_EQUAL_H

#include "policy/config.h"

/*
 * Are these two the same to the daemon: sections, values in force, what their
 * files of names and prefixes hold, all in the same order? Comments, blanks,
 * lines and the times of files make no difference.
 */
bool config_equal(const struct config *a, const struct config *b);

/* Has one key of [shunt] the same value in both? */
bool config_equal_key(const struct config *a, const struct config *b, const char *key);

#endif
