#ifndef SHUNT_TABLE_BUILD_H
#define SHUNT_TABLE_BUILD_H

#include "flow/ledger.h"
#include "policy/route_index.h"

/* The carriers' table of a configuration, in a sealed memory file. most_sessions: of one carrier. The
 * descriptor, or -errno. */
int table_build(const struct config *config, const struct route_index *index,
		const struct ledger_numbers *numbers, uint32_t most_sessions);

/*
 * How long the kernel may keep a client of this divert to itself until it sends
 * its first bytes (TCP_DEFER_ACCEPT), in ms, whole seconds. 0 where `wait` is too
 * short for that, or where a server that speaks first is dialled at once.
 */
uint32_t table_deferred_ms(const struct config *config, const struct route_index *index,
			   unsigned divert);

#endif
