#ifndef SHUNT_POLICY_PROTOCOL_H
#define SHUNT_POLICY_PROTOCOL_H

#include "policy/config.h"

/* Protocols by their ids: those of the built-in recognisers, then those of the probes. */

/* How many ids there are. */
static inline unsigned protocol_ids(const struct config *config)
{
	return (unsigned)WIRE_IDS + (unsigned)config->probe_count;
}

/* The probe that has the id, or NULL: it is a built-in recogniser's. */
static inline const struct probe *protocol_probe(const struct config *config, unsigned id)
{
	return id < WIRE_IDS ? NULL : &config->probes[id - WIRE_IDS];
}

/* Its name, as routes and logs have it. */
const char *protocol_name(const struct config *config, unsigned id);

/* WIRE_TCP, WIRE_UDP or both: by what it comes. */
unsigned protocol_transports(const struct config *config, unsigned id);

/* The id of that name, or -1. */
int protocol_find(const struct config *config, const char *name);

#endif
