#ifndef SHUNT_POLICY_LOOPBACK_H
#define SHUNT_POLICY_LOOPBACK_H

#include "policy/config.h"

/*
 * Servers on loopback addresses that are to see the client's: an ip rule of its
 * own brings the answers of each back. Every packet of the box is compared with
 * all rules, so there are only so many.
 */
enum {
	LOOPBACK_SERVERS_MOST = 32,
};

/* The first of them in the order of the file, each once. How many were put into out. */
size_t loopback_servers(struct addr out[static LOOPBACK_SERVERS_MOST], const struct config *config);

/* Is that server among the `count` of a list? */
bool loopback_holds(const struct addr *list, size_t count, const struct addr *server);

#endif
