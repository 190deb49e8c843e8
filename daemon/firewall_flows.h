#ifndef SHUNT_FIREWALL_FLOWS_H
#define SHUNT_FIREWALL_FLOWS_H

#include "firewall.h"
#include "nft/flows.h"

/*
 * Let the owned table know, or forget, flows that were handed over: a SYN that
 * belongs to one is not taken. Carriers' first segments make it known as well. Or
 * flows that were ended: who goes on with one is reset. 0 or -errno: then nothing
 * has changed.
 */
int firewall_flows(struct firewall *fw, enum flows_sets which, const struct flows_pair *at,
		   size_t count, bool is_there);

/* Have rules of others changed since this was asked last? */
bool firewall_others_changed(struct firewall *fw);

/* How often tables were written: with another number the owned one may have forgotten all flows. */
uint64_t firewall_writes(const struct firewall *fw);

#endif
