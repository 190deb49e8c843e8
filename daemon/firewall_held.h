#ifndef SHUNT_FIREWALL_HELD_H
#define SHUNT_FIREWALL_HELD_H

#include "kernel/netlink.h"
#include "policy/config.h"

/*
 * Flows of datagrams that are relayed, or not decided yet, as conntrack knows
 * them: their entries lead them to us, and keep others' NAT off them as long as
 * they live. Where we do not take them any more, the entries must go.
 */

/* Does any divert take datagrams? */
bool firewall_held_has(const struct config *config);

/*
 * Forget those that no divert of the configuration takes, by port and listed
 * addresses. was: the configuration before, NULL at a start: where it had a divert
 * for them that is gone now, those that were answered go on, for carriers still
 * have them. 0 or -errno.
 */
int firewall_held_leave(struct netlink *nl, const struct config *config, const struct config *was);

/* Forget all of them. 0 or -errno. */
int firewall_held_flush(struct netlink *nl, const struct marks *marks);

#endif
