/* Expressions of nft rules by libnftnl, as the kernel lists them. */
#include "nft/expr.h"

#include <stdio.h>
#include <string.h>

#include <linux/netfilter/nf_tables.h>

#include <libnftnl/expr.h>
#include <libnftnl/rule.h>

struct nftnl_expr *expr_add(struct expr_list *g, const char *kind)
{
	struct nftnl_expr *e = nftnl_expr_alloc(kind);

	if (e)
		nftnl_rule_add_expr(g->rule, e);
	else
		g->has_failed = true;
	return e;
}

void expr_set_u32(struct nftnl_expr *e, uint16_t attr, uint32_t value)
{
	if (e)
		nftnl_expr_set_u32(e, attr, value);
}

void expr_set_u8(struct nftnl_expr *e, uint16_t attr, uint8_t value)
{
	if (e)
		nftnl_expr_set_u8(e, attr, value);
}

void expr_set_data(struct expr_list *g, struct nftnl_expr *e, uint16_t attr, const void *data,
		   size_t size)
{
	if (e && nftnl_expr_set(e, attr, data, (uint32_t)size) < 0)
		g->has_failed = true;
}

void expr_set_text(struct expr_list *g, struct nftnl_expr *e, uint16_t attr, const char *text)
{
	expr_set_data(g, e, attr, text, strlen(text) + 1);
}

void expr_compare(struct expr_list *g, uint32_t how, const void *data, size_t size)
{
	struct nftnl_expr *e = expr_add(g, "cmp");

	expr_set_u32(e, NFTNL_EXPR_CMP_SREG, NFT_REG_1);
	expr_set_u32(e, NFTNL_EXPR_CMP_OP, how);
	expr_set_data(g, e, NFTNL_EXPR_CMP_DATA, data, size);
}

void expr_look_up(struct expr_list *g, const struct plan_op *op)
{
	struct nftnl_expr *e = expr_add(g, "lookup");

	expr_set_u32(e, NFTNL_EXPR_LOOKUP_SREG, NFT_REG_1);
	expr_set_text(g, e, NFTNL_EXPR_LOOKUP_SET, op->name);
	/* the kernel lists the flags also when there are none */
	expr_set_u32(e, NFTNL_EXPR_LOOKUP_FLAGS, op->is_not ? NFT_LOOKUP_F_INV : 0);
}

void expr_load_meta(struct expr_list *g, uint32_t key)
{
	struct nftnl_expr *e = expr_add(g, "meta");

	expr_set_u32(e, NFTNL_EXPR_META_KEY, key);
	expr_set_u32(e, NFTNL_EXPR_META_DREG, NFT_REG_1);
}

void expr_load_payload_to(struct expr_list *g, uint32_t reg, struct expr_place place)
{
	struct nftnl_expr *e = expr_add(g, "payload");

	expr_set_u32(e, NFTNL_EXPR_PAYLOAD_DREG, reg);
	expr_set_u32(e, NFTNL_EXPR_PAYLOAD_BASE, place.base);
	expr_set_u32(e, NFTNL_EXPR_PAYLOAD_OFFSET, place.at);
	expr_set_u32(e, NFTNL_EXPR_PAYLOAD_LEN, place.size);
}

void expr_load_payload(struct expr_list *g, uint32_t base, uint32_t at, uint32_t size)
{
	expr_load_payload_to(g, NFT_REG_1, (struct expr_place){ base, at, size });
}

void expr_load_ct(struct expr_list *g, uint32_t key)
{
	struct nftnl_expr *e = expr_add(g, "ct");

	expr_set_u32(e, NFTNL_EXPR_CT_KEY, key);
	expr_set_u32(e, NFTNL_EXPR_CT_DREG, NFT_REG_1);
}

void expr_bitwise(struct expr_list *g, const void *mask, const void *flip, size_t size)
{
	struct nftnl_expr *e = expr_add(g, "bitwise");

	expr_set_u32(e, NFTNL_EXPR_BITWISE_SREG, NFT_REG_1);
	expr_set_u32(e, NFTNL_EXPR_BITWISE_DREG, NFT_REG_1);
	expr_set_u32(e, NFTNL_EXPR_BITWISE_OP, NFT_BITWISE_BOOL);
	expr_set_u32(e, NFTNL_EXPR_BITWISE_LEN, (uint32_t)size);
	expr_set_data(g, e, NFTNL_EXPR_BITWISE_MASK, mask, size);
	expr_set_data(g, e, NFTNL_EXPR_BITWISE_XOR, flip, size);
}

void expr_masked_u32(struct expr_list *g, const struct plan_op *op)
{
	const uint32_t none = 0;

	expr_bitwise(g, &op->mask, &none, sizeof none);
	expr_compare(g, op->is_not ? NFT_CMP_NEQ : NFT_CMP_EQ, &op->value, sizeof op->value);
}

void expr_immediate(struct expr_list *g, uint32_t reg, const void *data, size_t size)
{
	struct nftnl_expr *e = expr_add(g, "immediate");

	expr_set_u32(e, NFTNL_EXPR_IMM_DREG, reg);
	expr_set_data(g, e, NFTNL_EXPR_IMM_DATA, data, size);
}

void expr_load_route_type(struct expr_list *g, uint32_t flags)
{
	struct nftnl_expr *e = expr_add(g, "fib");

	expr_set_u32(e, NFTNL_EXPR_FIB_DREG, NFT_REG_1);
	expr_set_u32(e, NFTNL_EXPR_FIB_RESULT, NFT_FIB_RESULT_ADDRTYPE);
	expr_set_u32(e, NFTNL_EXPR_FIB_FLAGS, flags);
}

void expr_load_way_back(struct expr_list *g)
{
	struct nftnl_expr *e = expr_add(g, "fib");

	expr_set_u32(e, NFTNL_EXPR_FIB_DREG, NFT_REG_1);
	expr_set_u32(e, NFTNL_EXPR_FIB_RESULT, NFT_FIB_RESULT_OIF);
	expr_set_u32(e, NFTNL_EXPR_FIB_FLAGS,
		     NFTA_FIB_F_SADDR | NFTA_FIB_F_IIF | NFTA_FIB_F_PRESENT);
}

void expr_load_socket(struct expr_list *g, uint32_t key)
{
	struct nftnl_expr *e = expr_add(g, "socket");

	expr_set_u32(e, NFTNL_EXPR_SOCKET_KEY, key);
	expr_set_u32(e, NFTNL_EXPR_SOCKET_DREG, NFT_REG_1);
}

void expr_limit(struct expr_list *g, uint64_t a_second, uint32_t burst)
{
	struct nftnl_expr *e = expr_add(g, "limit");

	if (!e)
		return;
	nftnl_expr_set_u64(e, NFTNL_EXPR_LIMIT_RATE, a_second);
	nftnl_expr_set_u64(e, NFTNL_EXPR_LIMIT_UNIT, 1); /* second */
	expr_set_u32(e, NFTNL_EXPR_LIMIT_BURST, burst);
	expr_set_u32(e, NFTNL_EXPR_LIMIT_TYPE, NFT_LIMIT_PKTS);
	expr_set_u32(e, NFTNL_EXPR_LIMIT_FLAGS, 0);
}

void expr_log(struct expr_list *g, uint16_t group, uint32_t bytes)
{
	struct nftnl_expr *e = expr_add(g, "log");

	if (!e)
		return;
	nftnl_expr_set_u16(e, NFTNL_EXPR_LOG_GROUP, group);
	expr_set_u32(e, NFTNL_EXPR_LOG_SNAPLEN, bytes);
}
