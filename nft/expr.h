#ifndef SHUNT_NFT_EXPR_H
#define SHUNT_NFT_EXPR_H

#include <stddef.h>

#include "nft/plan_op.h"

struct nftnl_expr;
struct nftnl_rule;

/*
 * The expressions of one rule as it grows. Values go through register 1. Without
 * memory has_failed is set, and calls go on harmlessly.
 */
struct expr_list {
	struct nftnl_rule *rule; /* borrowed */
	bool is_tcp;             /* that the packet is TCP was asked already */
	bool is_udp;             /* that it is UDP was */
	bool has_failed;
};

/* Append an expression of that kind; it belongs to the rule. NULL without memory. */
struct nftnl_expr *expr_add(struct expr_list *g, const char *kind);

/* Set an attribute (NFTNL_EXPR_*) of an expression; a NULL one is fine. */
void expr_set_u32(struct nftnl_expr *e, uint16_t attr, uint32_t value);
void expr_set_u8(struct nftnl_expr *e, uint16_t attr, uint8_t value);
void expr_set_data(struct expr_list *g, struct nftnl_expr *e, uint16_t attr, const void *data,
		   size_t size);
void expr_set_text(struct expr_list *g, struct nftnl_expr *e, uint16_t attr, const char *text);

/* register 1 = packet or connection datum: NFT_META_*, NFT_PAYLOAD_* and place, NFT_CT_*, what
 * routing says of an address (NFTA_FIB_F_SADDR or DADDR), NFT_SOCKET_*. */
void expr_load_meta(struct expr_list *g, uint32_t key);
void expr_load_payload(struct expr_list *g, uint32_t base, uint32_t at, uint32_t size);
void expr_load_ct(struct expr_list *g, uint32_t key);
void expr_load_route_type(struct expr_list *g, uint32_t flags);
void expr_load_socket(struct expr_list *g, uint32_t key);

/* register 1 = whether a route to the source leads out by where the packet came in. */
void expr_load_way_back(struct expr_list *g);

/* register reg = so many bytes of the packet: they may go on into the registers behind it. */
struct expr_place {
	uint32_t base; /* NFT_PAYLOAD_*_HEADER */
	uint32_t at;
	uint32_t size;
};
void expr_load_payload_to(struct expr_list *g, uint32_t reg, struct expr_place place);

/* register reg = data */
void expr_immediate(struct expr_list *g, uint32_t reg, const void *data, size_t size);

/* The rule ends for packets that come faster. */
void expr_limit(struct expr_list *g, uint64_t a_second, uint32_t burst);

/* Show the first bytes of the packet to who listens to that group of nfnetlink_log. */
void expr_log(struct expr_list *g, uint16_t group, uint32_t bytes);

/* register 1 = register 1 & mask ^ flip */
void expr_bitwise(struct expr_list *g, const void *mask, const void *flip, size_t size);

/* The rule ends unless register 1 compares so (NFT_CMP_*) with data. */
void expr_compare(struct expr_list *g, uint32_t how, const void *data, size_t size);

/* ... unless register 1 & op->mask is, or with is_not is not, op->value. */
void expr_masked_u32(struct expr_list *g, const struct plan_op *op);

/* ... unless register 1 is, or with is_not is not, in the set op->name. */
void expr_look_up(struct expr_list *g, const struct plan_op *op);

#endif
