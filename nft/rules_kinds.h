#ifndef SHUNT_NFT_RULES_KINDS_H
#define SHUNT_NFT_RULES_KINDS_H

#include "nft/expr.h"

/* For nft/rules.c alone: steps of rules, each appended to the list as the kernel lists it. */

/* rules_ct.c: of the packet's connection. */
void rules_ct_zone(struct expr_list *g, const struct plan_op *op);
void rules_ct_state(struct expr_list *g, const struct plan_op *op);
void rules_ct_mark(struct expr_list *g, const struct plan_op *op);
void rules_ct_direction(struct expr_list *g, const struct plan_op *op);
void rules_ct_first(struct expr_list *g, const struct plan_op *op);
void rules_ct_mark_set(struct expr_list *g, const struct plan_op *op);
void rules_ct_zone_set(struct expr_list *g, const struct plan_op *op);

/* rules_udp.c: of datagrams. */
void rules_udp(struct expr_list *g, const struct plan_op *op);
void rules_udp_port(struct expr_list *g, const struct plan_op *op);
void rules_udp_port_in(struct expr_list *g, const struct plan_op *op);
void rules_udp_size(struct expr_list *g, const struct plan_op *op);
void rules_udp_data(struct expr_list *g, const struct plan_op *op);
void rules_reject_port(struct expr_list *g, const struct plan_op *op);

/* The rule ends unless register 1 is a port of the range of op. */
void rules_compare_port(struct expr_list *g, const struct plan_op *op);

/* rules_flow.c: of both ends at once, or of one and its port. */
void rules_flow_in(struct expr_list *g, const struct plan_op *op);
void rules_flow_change(struct expr_list *g, const struct plan_op *op);
void rules_place_in(struct expr_list *g, const struct plan_op *op);
void rules_place_add(struct expr_list *g, const struct plan_op *op);

#endif
