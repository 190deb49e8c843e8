#ifndef SHUNT_CHILDREN_SPAWN_H
#define SHUNT_CHILDREN_SPAWN_H

#include "loop/loop.h"

struct carrier_child;
struct children;

/* Connections to shunt-spawn, one for each carrier: what is kept of it in struct children. */
struct children_spawn {
	struct timer look; /* for it, again */
	bool is_missing;   /* it is wanted and not there, which was said */
};

void children_spawn_init(struct children *c);

/* Give one to each carrier that has none, if the configuration has use for it; and look again later, as long
 * as one is missing. */
void children_spawn_look(struct children *c);

/* CHANNEL_UNSPAWNED. */
void children_spawn_lost(struct carrier_child *cc);

/* Does the configuration in force name programs, and has every carrier a connection to shunt-spawn? */
bool children_spawn_is_wanted(const struct children *c);
bool children_spawn_is_there(const struct children *c);

#endif
