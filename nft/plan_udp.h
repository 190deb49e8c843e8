#ifndef SHUNT_NFT_PLAN_UDP_H
#define SHUNT_NFT_PLAN_UDP_H

#include "nft/plan_build.h"

/* What of a plan is for datagrams. */

/* plan_match*.c: as those for TCP; the set of all ports is `uports`. */
void plan_match_udp_sets(struct plan_table *table, const struct divert *divert);
void plan_match_udp_rules(struct plan_table *table, struct plan_chain *chain,
			  const struct divert *divert, uint8_t family, const struct plan_op *end,
			  size_t count);
void plan_match_all_udp_ports(struct plan_table *table, const struct config *config);

/* plan_udp.c: datagrams. Are any diverted, or were? All the rest is for plans where that is so. */
bool plan_has_udp(const struct plan_source *source);

/* For both tables: chains `raw_udp`, `raw_out_udp`, and `udp_take`, which leads to the listeners. */
void plan_udp_legs(struct plan_table *table, const struct plan_source *source);

/* No foreign NAT for flows of that role: MARK_HELD as they enter, MARK_REPLY as answers leave. */
void plan_udp_nat(struct plan_table *table, struct plan_chain *chain, const struct marks *m,
		  enum mark_role role, const char *keep);

/* An answer for which there is no connection begins one. */
void plan_udp_answer(struct plan_table *table, struct plan_chain *chain, const struct marks *m);

/* Chain `datagram` of either table, for datagrams outside our zones. The owned one takes new flows; the lasting
 * one refuses what closed diverts serve, for which it needs `no_clients` and `refused`. */
void plan_udp_owned(struct plan_table *table, const struct plan_source *source);
void plan_udp_lasting(struct plan_table *table, const struct plan_source *source);
bool plan_udp_has_closed(const struct plan_source *source);

/* plan_told.c: chain `told` for what servers of flows that were handed over send, shown to that group. */
void plan_udp_told(struct plan_table *table, uint16_t group);

/* plan_links.c: go on in a chain only with datagrams that come from where they say. */
void plan_links(struct plan_table *table, struct plan_chain *chain, const struct plan_options *o);

#endif
