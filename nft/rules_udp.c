/* Steps of rules that look at datagrams, and what they share with TCP's. */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>

#include <linux/netfilter/nf_tables.h>

#include <libnftnl/expr.h>

#include "nft/rules_kinds.h"

enum {
	UDP_PORT_AT = 2, /* RFC 768 */
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

void rules_reject_port(struct expr_list *g, const struct plan_op *op)
{
	struct nftnl_expr *e = expr_add(g, "reject");

	(void)op; /* it has no fields */
	expr_set_u32(e, NFTNL_EXPR_REJECT_TYPE, NFT_REJECT_ICMPX_UNREACH);
	expr_set_u8(e, NFTNL_EXPR_REJECT_CODE, NFT_REJECT_ICMPX_PORT_UNREACH);
}
