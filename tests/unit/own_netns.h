#ifndef SHUNT_UNIT_OWN_NETNS_H
#define SHUNT_UNIT_OWN_NETNS_H

#include <sched.h>
#include <stdlib.h>
#include <unistd.h>

#include "kernel/netlink.h"
#include "unit.h"

/* A netlink socket in a network namespace of the test's own. For a setup function: the state is the
 * socket, not opened without root. */
static inline int enter_netns(void **state, int bus)
{
	struct netlink *nl = calloc(1, sizeof *nl);

	*state = nl;
	if (!nl)
		return -1;
	if (geteuid() != 0 || unshare(CLONE_NEWNET) != 0)
		return 0;
	return netlink_open(nl, bus);
}

static inline int leave_netns(void **state)
{
	netlink_close(*state);
	free(*state);
	return 0;
}

/* The state of a test that needs it: skipped where it could not be opened. */
static inline struct netlink *need_netns(void **state)
{
	struct netlink *nl = *state;

	if (!nl->socket)
		skip();
	return nl;
}

#endif
