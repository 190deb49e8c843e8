#ifndef SHUNT_PLUGIN_CHECK_H
#define SHUNT_PLUGIN_CHECK_H

#include "policy/config.h"

/*
 * Can each plugin of the configuration be loaded? In a child process of the same rights as
 * sniffers have, for loading runs what is in it. Writes what is wrong, as the reader's
 * faults are written, to standard error. 0, or -EINVAL.
 */
int plugin_check(const struct config *config);

#endif
