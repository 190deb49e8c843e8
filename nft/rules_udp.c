/* Steps of rules that look at datagrams, and what they share with TCP's. */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>

#include <linux/netfilter/nf_tables.h>

#include <libnftnl/expr.h>

#include "nft/rules_kinds.h"

enum {
	UDP_PORT_AT = 2, /* RFC 768 */
	UDP_SIZE_AT = 4,
	UDP_DATA_AT = 8,
};

void rules_udp(struct expr_list *g, const struct plan_op *op)
{
	const uint8_t udp = IPPROTO_UDP;

	(void)op; /* it has no fields of use here */
	if (g->is_udp)
		return;
	expr_load_meta(g, NFT_META_L4PROTO);
	expr_compare(g, NFT_CMP_EQ, &udp, sizeof udp);
	g->is_udp = true;
}

void rules_compare_port(struct expr_list *g, const struct plan_op *op)
{
	const uint16_t first_be = htons((uint16_t)op->value);
	const uint16_t last_be = htons((uint16_t)op->mask);

	if (first_be == last_be) {
		expr_compare(g, NFT_CMP_EQ, &first_be, sizeof first_be);
		return;
	}
	expr_compare(g, NFT_CMP_GTE, &first_be, sizeof first_be);
	expr_compare(g, NFT_CMP_LTE, &last_be, sizeof last_be);
}

static void load_port(struct expr_list *g, const struct plan_op *op)
{
	rules_udp(g, op);
	expr_load_payload(g, NFT_PAYLOAD_TRANSPORT_HEADER, UDP_PORT_AT, 2);
}

void rules_udp_port(struct expr_list *g, const struct plan_op *op)
{
	load_port(g, op);
	rules_compare_port(g, op);
}

void rules_udp_port_in(struct expr_list *g, const struct plan_op *op)
{
	load_port(g, op);
	expr_look_up(g, op);
}

void rules_udp_size(struct expr_list *g, const struct plan_op *op)
{
	const uint16_t size_be = htons((uint16_t)op->value);

	rules_udp(g, op);
	expr_load_payload(g, NFT_PAYLOAD_TRANSPORT_HEADER, UDP_SIZE_AT, sizeof size_be);
	expr_compare(g, NFT_CMP_EQ, &size_be, sizeof size_be);
}

/* That it is UDP is the rule's to ask, or that of one which leads there. */
void rules_udp_data(struct expr_list *g, const struct plan_op *op)
{
	const uint32_t at = op->kind == OP_UDP_DATA ? UDP_DATA_AT : UDP_DATA_AT + 1;
	const uint32_t mask_be = htonl(op->mask);
	const uint32_t value_be = htonl(op->value);
	const uint32_t none = 0;

	expr_load_payload(g, NFT_PAYLOAD_TRANSPORT_HEADER, at, sizeof value_be);
	expr_bitwise(g, &mask_be, &none, sizeof none);
	expr_compare(g, NFT_CMP_EQ, &value_be, sizeof value_be);
}

void rules_reject_port(struct expr_list *g, const struct plan_op *op)
{
	struct nftnl_expr *e = expr_add(g, "reject");

	(void)op; /* it has no fields */
	expr_set_u32(e, NFTNL_EXPR_REJECT_TYPE, NFT_REJECT_ICMPX_UNREACH);
	expr_set_u8(e, NFTNL_EXPR_REJECT_CODE, NFT_REJECT_ICMPX_PORT_UNREACH);
}
