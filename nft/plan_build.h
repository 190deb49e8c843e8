#ifndef SHUNT_NFT_PLAN_BUILD_H
#define SHUNT_NFT_PLAN_BUILD_H

#include "nft/plan.h"

/*
 * How the files plan_*.c make a plan. A failure stays in table->err and all
 * further calls on that table do nothing, so that building reads straight down.
 */

/* What the rules of one table are made from. */
struct plan_source {
	const struct config *config;
	const struct plan_ports *ports;
	const struct plan_options *options;
};

/* Add a chain: one that is only jumped to, or one on a hook (type, hook, priority). */
struct plan_chain *plan_chain(struct plan_table *table, const char *name);
struct plan_chain *plan_hook(struct plan_table *table, const char *name, const char *type,
			     uint32_t hook, int32_t priority);

/* Add a rule; ops and their names are copied. A NULL chain (after a failure) is fine. */
void plan_rule(struct plan_table *table, struct plan_chain *chain, const struct plan_op *ops,
	       size_t count);

/* The ops of one rule, written in their order. */
#define PLAN_RULE(table, chain, ...)                                                               \
	plan_rule(table, chain, (const struct plan_op[]){ __VA_ARGS__ },                           \
		  sizeof((const struct plan_op[]){ __VA_ARGS__ }) / sizeof(struct plan_op))

/* Add an empty set with room for `room` ranges, or NULL after a failure. */
struct plan_set *plan_set(struct plan_table *table, enum plan_set_kind kind, const char *name,
			  size_t room);

/* Append one key to a set that has room; NULL is fine. */
void plan_set_add(struct plan_set *set, const void *key, size_t size);

/* The same with a prefix, of a set of addresses' intervals. */
void plan_set_add_prefix(struct plan_set *set, const struct prefix *p);

/* Sort the keys of a set and join its intervals; NULL is fine. */
void plan_set_finish(struct plan_set *set);

/* Bytes of a set's keys. */
size_t plan_set_key_bytes(enum plan_set_kind kind);

/* Are its elements intervals? */
bool plan_set_is_interval(enum plan_set_kind kind);

/* Are they flows, by both ends? */
bool plan_set_is_flows(enum plan_set_kind kind);
bool plan_set_is_places(enum plan_set_kind kind);

/* Add a counter (timeout_family 0), or a timeout policy for TCP of that family (NFPROTO_*), or for UDP. */
void plan_object(struct plan_table *table, const char *name, uint8_t timeout_family);
void plan_object_udp(struct plan_table *table, const char *name, uint8_t timeout_family);

/* plan_match.c: sets of a divert (`ports` too) that the table does not have yet, and rules that match
 * its packets. */
void plan_match_sets(struct plan_table *table, const struct divert *divert);

/* One rule per way in which a packet may match, each ending in the given ops. family: an NFPROTO_*, or
 * 0 for both in as few rules as go. */
void plan_match_rules(struct plan_table *table, struct plan_chain *chain,
		      const struct divert *divert, uint8_t family, const struct plan_op *end,
		      size_t count);

/* The set `ports` with all TCP ports of all diverts. */
void plan_match_all_ports(struct plan_table *table, const struct config *config);

/* The set `no_clients`: what routing says of addresses that no client can have. */
void plan_match_no_clients(struct plan_table *table);

/* Return unless a SYN comes from a client that may be diverted at all. */
void plan_match_sane(struct plan_table *table, struct plan_chain *chain);

/* plan_legs.c: chains that both tables have, for connections that are ours already. */
void plan_legs(struct plan_table *table, const struct plan_source *source);

/* What the lasting table has in any case: it keeps NAT and conntrack switched on for flows handed over, when
 * nobody else uses them. */
void plan_nat_on(struct plan_table *table, const struct marks *m);

/* Chain `host`, for servers on this very box. */
void plan_host(struct plan_table *table, const struct plan_source *source);

/* Packets that belong to a connection of ours get it, and go to chain `raw_zone`. */
void plan_leg_sockets(struct plan_table *table, struct plan_chain *chain,
		      const struct plan_source *source);

/* Packets in our zones go to their sockets (chain `ours`). */
void plan_leg_packets(struct plan_table *table, struct plan_chain *chain);

/* plan_handed.c: flows that were handed over. Is it to be expected that there will be any? */
bool plan_hands_over(const struct plan_source *source);

/* Stems of the names of sets PLAN_FLOWS*: enum flows_sets. */
#define PLAN_HANDED_SETS "handed"
#define PLAN_CUT_SETS    "cut"

/* Sets and chains for them. */
void plan_handed(struct plan_table *table, const struct plan_source *source);

/* Who goes on with one that we ended, and sends no SYN, is answered by a RST. */
void plan_handed_cut(struct plan_table *table, struct plan_chain *chain);

/* A SYN of such a flow is not taken: it goes on to the chain's end. */
void plan_handed_leave(struct plan_table *table, struct plan_chain *chain);

/* A SYN to where servers have no timestamps loses its own. */
void plan_handed_strip(struct plan_table *table, struct plan_chain *chain);

/* plan_owned.c, plan_lasting.c */
void plan_owned(struct plan_table *table, const struct plan_source *source);
void plan_lasting(struct plan_table *table, const struct plan_source *source);

/* Ops that many rules use. */
#define PLAN_MARK(marks, role)                                                                     \
	{                                                                                          \
		.kind = OP_MARK, .mask = (marks)->mask, .value = marks_of(marks, role)             \
	}
/* The connection's, of a flow that was handed over, whatever of it passed. */
#define PLAN_HANDED(marks)                                                                         \
	{                                                                                          \
		.kind = OP_CT_MARK, .mask = marks_handed_mask(marks),                              \
		.value = marks_of(marks, MARK_HANDED)                                              \
	}
/* Either way of a server's: MARK_BACKEND or MARK_BACKEND_BARE, which differ in one bit. */
#define PLAN_MARK_SERVER(marks)                                                                    \
	{                                                                                          \
		.kind = OP_MARK, .mask = marks_server_mask(marks),                                 \
		.value = marks_of(marks, MARK_BACKEND)                                             \
	}
#define PLAN_MARK_SET(marks, role)                                                                 \
	{                                                                                          \
		.kind = OP_MARK_SET, .mask = (marks)->mask, .value = marks_of(marks, role)         \
	}
#define PLAN_SYN                                                                                   \
	{                                                                                          \
		.kind = OP_TCP_FLAGS, .mask = 0x17, .value = 0x02                                  \
	}
#define PLAN_TO(kind_, chain)                                                                      \
	{                                                                                          \
		.kind = (kind_), .name = (chain)                                                   \
	}

#endif
