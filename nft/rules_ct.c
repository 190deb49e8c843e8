/* What rules ask and write of connections, as libnftnl's expressions. */
#include <stdio.h>

#include <linux/netfilter/nf_conntrack_common.h>
#include <linux/netfilter/nf_tables.h>

#include <libnftnl/expr.h>

#include "nft/rules_kinds.h"

void rules_ct_zone(struct expr_list *g, const struct plan_op *op)
{
	const uint16_t zone = (uint16_t)op->value;

	expr_load_ct(g, NFT_CT_ZONE);
	expr_compare(g, NFT_CMP_EQ, &zone, sizeof zone);
}

void rules_ct_state(struct expr_list *g, const struct plan_op *op)
{
	const uint32_t none = 0;

	expr_load_ct(g, NFT_CT_STATE);
	expr_bitwise(g, &op->value, &none, sizeof none);
	expr_compare(g, NFT_CMP_NEQ, &none, sizeof none);
}

void rules_ct_mark(struct expr_list *g, const struct plan_op *op)
{
	expr_load_ct(g, NFT_CT_MARK);
	expr_masked_u32(g, op);
}

void rules_ct_direction(struct expr_list *g, const struct plan_op *op)
{
	const uint8_t direction = (uint8_t)op->value;

	expr_load_ct(g, NFT_CT_DIRECTION);
	expr_compare(g, NFT_CMP_EQ, &direction, sizeof direction);
}

void rules_ct_first(struct expr_list *g, const struct plan_op *op)
{
	const uint32_t confirmed = IPS_CONFIRMED;
	const uint32_t none = 0;

	(void)op; /* it has no fields */
	expr_load_ct(g, NFT_CT_STATUS);
	expr_bitwise(g, &confirmed, &none, sizeof none);
	expr_compare(g, NFT_CMP_EQ, &none, sizeof none);
}

void rules_ct_mark_set(struct expr_list *g, const struct plan_op *op)
{
	const uint32_t kept = ~op->mask;
	struct nftnl_expr *e;

	expr_load_ct(g, NFT_CT_MARK);
	expr_bitwise(g, &kept, &op->value, sizeof kept);
	e = expr_add(g, "ct");
	expr_set_u32(e, NFTNL_EXPR_CT_KEY, NFT_CT_MARK);
	expr_set_u32(e, NFTNL_EXPR_CT_SREG, NFT_REG_1);
}

void rules_ct_zone_set(struct expr_list *g, const struct plan_op *op)
{
	const uint16_t zone = (uint16_t)op->value;
	struct nftnl_expr *e;

	expr_immediate(g, NFT_REG_1, &zone, sizeof zone);
	e = expr_add(g, "ct");
	expr_set_u32(e, NFTNL_EXPR_CT_KEY, NFT_CT_ZONE);
	expr_set_u32(e, NFTNL_EXPR_CT_SREG, NFT_REG_1);
}
