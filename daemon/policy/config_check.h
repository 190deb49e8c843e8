#ifndef SHUNT_POLICY_CONFIG_CHECK_H
#define SHUNT_POLICY_CONFIG_CHECK_H

#include "policy/config.h"

/*
 * What no single key can tell. Notes faults; also brings the lists of diverts
 * into the form the kernel's sets take: ports joined into ranges that do not
 * touch, no prefix inside another. `file` is
 * borrowed for what concerns the whole.
 */
int config_check(struct config *config, const char *file, struct config_notes *notes);

/* Refuse servers that are an address which a divert names in `to`, on a port that it takes. Part of
 * config_check(), once the lists are in their form. */
void config_check_loops(const struct config *config, struct config_notes *notes);

/* Refuse probes that say nothing, or are of two kinds; put all in the order in which they are asked. Part of
 * config_check(). */
void config_check_probes(struct config *config, struct config_notes *notes);

/* Note what is allowed but cannot be meant: diverts that overlap, backends that nothing uses, udp.
 * Only for a configuration without faults. */
void config_warn_all(const struct config *config, struct config_notes *notes);

/* Note names listed twice and routes that can never win. As above. 0 or -ENOMEM. */
int config_warn_shadowed(const struct config *config, struct config_notes *notes);

#endif
