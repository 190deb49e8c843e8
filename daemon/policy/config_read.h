#ifndef SHUNT_POLICY_CONFIG_READ_H
#define SHUNT_POLICY_CONFIG_READ_H

#include <stdio.h>

#include "policy/config.h"

/*
 * config_read() from an open stream, which stays open: nobody is asked whose
 * file that is. `file` is what the notes call it, and relative paths in it are
 * looked up in the folder of that name.
 */
int config_read_stream(struct config **out, FILE *in, const char *file, struct config_notes *notes);

#endif
