#ifndef SHUNT_TABLE_BUILD_H
#define SHUNT_TABLE_BUILD_H

#include "policy/route_index.h"

/* The carriers' table of a configuration, in a sealed memory file. The descriptor, or -errno. */
int table_build(const struct config *config, const struct route_index *index);

#endif
