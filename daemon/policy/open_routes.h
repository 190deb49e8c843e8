#ifndef SHUNT_POLICY_OPEN_ROUTES_H
#define SHUNT_POLICY_OPEN_ROUTES_H

#include "policy/config.h"

/* Does any route of it have a `when`? */
bool open_routes_change(const struct config *config);

/* Words of 64 flags, one flag for each route. */
size_t open_routes_words(const struct config *config);

/*
 * Which routes are open at `now`, by the time zone of the process: sets or
 * clears one flag for each of config.routes; those without `when` are always
 * open. Returns the next moment at which any flag changes, or -1: none ever
 * does. For struct route_query and struct judge.
 */
time_t open_routes_at(uint64_t *open, const struct config *config, time_t now);

#endif
