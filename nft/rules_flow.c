/* Steps that look at both ends of a flow at once: a key of address, port, address, port. */
#include <netinet/in.h>
#include <stdio.h>

#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>

#include <libnftnl/expr.h>

#include "nft/rules_kinds.h"

enum {
	TCP_SOURCE_AT = 0, /* RFC 9293 3.1 */
	TCP_TARGET_AT = 2,
	V4_SOURCE_AT = 12, /* RFC 791 3.1 */
	V4_TARGET_AT = 16,
	V6_SOURCE_AT = 8, /* RFC 8200 3 */
	V6_TARGET_AT = 24,
	PORT_BYTES = 2,
};

/* Where the four parts of a key lie: the kernel's names for registers of 16 bytes where one begins there,
 * else of four. */
static const uint32_t v4_registers[] = { NFT_REG_1, NFT_REG32_01, NFT_REG32_02, NFT_REG32_03 };
static const uint32_t v6_registers[] = { NFT_REG_1, NFT_REG_2, NFT_REG32_05, NFT_REG32_09 };

static void only_tcp(struct expr_list *g)
{
	const uint8_t tcp = IPPROTO_TCP;

	if (g->is_tcp)
		return;
	expr_load_meta(g, NFT_META_L4PROTO);
	expr_compare(g, NFT_CMP_EQ, &tcp, sizeof tcp);
	g->is_tcp = true;
}

/* One end of the packet, into two registers that follow each other in the family's row. */
static void load_end(struct expr_list *g, const struct plan_op *op, bool is_target, size_t at)
{
	const bool is_v4 = op->value == NFPROTO_IPV4;
	const uint32_t *registers = is_v4 ? v4_registers : v6_registers;
	const uint32_t bytes = is_v4 ? 4 : 16;
	const struct expr_place ends[2][2] = {
		{ { NFT_PAYLOAD_NETWORK_HEADER, is_v4 ? V4_SOURCE_AT : V6_SOURCE_AT, bytes },
		  { NFT_PAYLOAD_TRANSPORT_HEADER, TCP_SOURCE_AT, PORT_BYTES } },
		{ { NFT_PAYLOAD_NETWORK_HEADER, is_v4 ? V4_TARGET_AT : V6_TARGET_AT, bytes },
		  { NFT_PAYLOAD_TRANSPORT_HEADER, TCP_TARGET_AT, PORT_BYTES } },
	};

	expr_load_payload_to(g, registers[at], ends[is_target][0]);
	expr_load_payload_to(g, registers[at + 1], ends[is_target][1]);
}

/* The packet's two ends, the far one first when it is turned round. */
static void load_key(struct expr_list *g, const struct plan_op *op, bool is_turned)
{
	only_tcp(g);
	load_end(g, op, is_turned, 0);
	load_end(g, op, !is_turned, 2);
}

static void change(struct expr_list *g, const struct plan_op *op, uint32_t how)
{
	struct nftnl_expr *e = expr_add(g, "dynset");

	expr_set_u32(e, NFTNL_EXPR_DYNSET_SREG_KEY, NFT_REG_1);
	expr_set_u32(e, NFTNL_EXPR_DYNSET_OP, how);
	expr_set_text(g, e, NFTNL_EXPR_DYNSET_SET_NAME, op->name);
}

void rules_flow_in(struct expr_list *g, const struct plan_op *op)
{
	load_key(g, op, false);
	expr_look_up(g, op);
}

void rules_flow_change(struct expr_list *g, const struct plan_op *op)
{
	load_key(g, op, op->kind != OP_FLOW_DELETE);
	change(g, op, op->kind == OP_FLOW_ADD ? NFT_DYNSET_OP_ADD : NFT_DYNSET_OP_DELETE);
}

void rules_place_in(struct expr_list *g, const struct plan_op *op)
{
	only_tcp(g);
	load_end(g, op, true, 0);
	expr_look_up(g, op);
}

void rules_place_add(struct expr_list *g, const struct plan_op *op)
{
	only_tcp(g);
	load_end(g, op, false, 0);
	change(g, op, NFT_DYNSET_OP_ADD);
}
