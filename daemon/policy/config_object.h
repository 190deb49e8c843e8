#ifndef SHUNT_POLICY_CONFIG_OBJECT_H
#define SHUNT_POLICY_CONFIG_OBJECT_H

#include "policy/config_keys.h"

/* How many sections of a kind there are; [shunt] is always one. */
size_t config_object_count(const struct config *config, enum section_kind kind);

/* The struct of the i-th section of a kind, to fill and to look at. */
void *config_object(struct config *config, enum section_kind kind, size_t i);
const void *config_object_shown(const struct config *config, enum section_kind kind, size_t i);

/* Its name, borrowed; NULL for [shunt]. */
const char *config_object_name(const struct config *config, enum section_kind kind, size_t i);

/* The index of the section of that kind and name, or -1. */
int config_object_find(const struct config *config, enum section_kind kind, const char *name);

/* An empty configuration with room for so many sections of each kind, nothing filled in but those
 * numbers. For config_free(); NULL without memory. */
struct config *config_object_new(const size_t counts[static SECTION_KINDS]);

#endif
