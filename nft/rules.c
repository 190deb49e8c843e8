/* A planned rule as libnftnl's expressions, the kernel's own language: values go through registers 1
 * and 2. Each expression is written as the kernel lists it, so that both can be compared. */
#include "nft/rules.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <string.h>

#include <linux/netfilter.h>
#include <linux/netfilter/nf_nat.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/rtnetlink.h>

#include <libnftnl/expr.h>
#include <libnftnl/rule.h>

#include "nft/expr.h"
#include "nft/rules_kinds.h"

enum {
	LOOPBACK_INDEX = 1,
	TCP_PORT_AT = 2, /* RFC 9293 3.1 */
	TCP_FLAGS_AT = 13,
	V4_SOURCE_AT = 12, /* RFC 791 3.1 */
	V4_TARGET_AT = 16,
	V6_SOURCE_AT = 8, /* RFC 8200 3 */
	V6_TARGET_AT = 24,
};

static uint32_t equal(const struct plan_op *op)
{
	return op->is_not ? NFT_CMP_NEQ : NFT_CMP_EQ;
}

static void only_tcp(struct expr_list *g, const struct plan_op *op)
{
	const uint8_t tcp = IPPROTO_TCP;

	(void)op; /* it has no fields of use here */
	if (g->is_tcp)
		return;
	expr_load_meta(g, NFT_META_L4PROTO);
	expr_compare(g, NFT_CMP_EQ, &tcp, sizeof tcp);
	g->is_tcp = true;
}

static void tcp_flags(struct expr_list *g, const struct plan_op *op)
{
	const uint8_t mask = (uint8_t)op->mask;
	const uint8_t value = (uint8_t)op->value;
	const uint8_t none = 0;

	only_tcp(g, op);
	expr_load_payload(g, NFT_PAYLOAD_TRANSPORT_HEADER, TCP_FLAGS_AT, 1);
	expr_bitwise(g, &mask, &none, 1);
	expr_compare(g, equal(op), &value, 1);
}

static void protocol_in(struct expr_list *g, const struct plan_op *op)
{
	expr_load_meta(g, NFT_META_L4PROTO);
	expr_look_up(g, op);
}

static void family(struct expr_list *g, const struct plan_op *op)
{
	const uint8_t value = (uint8_t)op->value;

	expr_load_meta(g, NFT_META_NFPROTO);
	expr_compare(g, NFT_CMP_EQ, &value, sizeof value);
}

static void family_in(struct expr_list *g, const struct plan_op *op)
{
	expr_load_meta(g, NFT_META_NFPROTO);
	expr_look_up(g, op);
}

static void by_lo(struct expr_list *g, const struct plan_op *op)
{
	const uint32_t lo = LOOPBACK_INDEX;

	expr_load_meta(g, op->kind == OP_FROM_LO ? NFT_META_IIF : NFT_META_OIF);
	expr_compare(g, NFT_CMP_EQ, &lo, sizeof lo);
}

static void device(struct expr_list *g, const struct plan_op *op)
{
	char name[16] = ""; /* IFNAMSIZ */
	size_t len = strnlen(op->name, sizeof name - 1);
	bool is_pattern = len > 0 && op->name[len - 1] == '*';

	memcpy(name, op->name, len - is_pattern);
	expr_load_meta(g, NFT_META_IIFNAME);
	expr_compare(g, NFT_CMP_EQ, name, is_pattern ? len - 1 : sizeof name);
}

static void device_in(struct expr_list *g, const struct plan_op *op)
{
	expr_load_meta(g, NFT_META_IIFNAME);
	expr_look_up(g, op);
}

static void load_port(struct expr_list *g, const struct plan_op *op)
{
	only_tcp(g, op);
	expr_load_payload(g, NFT_PAYLOAD_TRANSPORT_HEADER, TCP_PORT_AT, 2);
}

static void port(struct expr_list *g, const struct plan_op *op)
{
	load_port(g, op);
	rules_compare_port(g, op);
}

static void port_in(struct expr_list *g, const struct plan_op *op)
{
	load_port(g, op);
	expr_look_up(g, op);
}

static void load_address(struct expr_list *g, bool is_source, uint32_t nfproto)
{
	if (nfproto == NFPROTO_IPV4)
		expr_load_payload(g, NFT_PAYLOAD_NETWORK_HEADER,
				  is_source ? V4_SOURCE_AT : V4_TARGET_AT, 4);
	else
		expr_load_payload(g, NFT_PAYLOAD_NETWORK_HEADER,
				  is_source ? V6_SOURCE_AT : V6_TARGET_AT, 16);
}

static void address_in(struct expr_list *g, const struct plan_op *op)
{
	load_address(g, op->kind == OP_SOURCE_IN, op->value);
	expr_look_up(g, op);
}

static void source_type_in(struct expr_list *g, const struct plan_op *op)
{
	expr_load_route_type(g, NFTA_FIB_F_SADDR);
	expr_look_up(g, op);
}

static void source_away(struct expr_list *g, const struct plan_op *op)
{
	const uint32_t no = 0;

	(void)op; /* it has no fields */
	expr_load_way_back(g);
	expr_compare(g, NFT_CMP_EQ, &no, sizeof no);
}

static void target_type_in(struct expr_list *g, const struct plan_op *op)
{
	expr_load_route_type(g, NFTA_FIB_F_DADDR);
	expr_look_up(g, op);
}

static void target_local(struct expr_list *g, const struct plan_op *op)
{
	const uint32_t local = RTN_LOCAL;

	expr_load_route_type(g, NFTA_FIB_F_DADDR);
	expr_compare(g, equal(op), &local, sizeof local);
}

static void socket_transparent(struct expr_list *g, const struct plan_op *op)
{
	const uint8_t yes = 1;

	(void)op; /* it has no fields */
	expr_load_socket(g, NFT_SOCKET_TRANSPARENT);
	expr_compare(g, NFT_CMP_EQ, &yes, sizeof yes);
}

static void socket_mark(struct expr_list *g, const struct plan_op *op)
{
	expr_load_socket(g, NFT_SOCKET_MARK);
	expr_masked_u32(g, op);
}

static void mark(struct expr_list *g, const struct plan_op *op)
{
	expr_load_meta(g, NFT_META_MARK);
	expr_masked_u32(g, op);
}

static void mark_set(struct expr_list *g, const struct plan_op *op)
{
	const uint32_t kept = ~op->mask;
	struct nftnl_expr *e;

	expr_load_meta(g, NFT_META_MARK);
	expr_bitwise(g, &kept, &op->value, sizeof kept);
	e = expr_add(g, "meta");
	expr_set_u32(e, NFTNL_EXPR_META_KEY, NFT_META_MARK);
	expr_set_u32(e, NFTNL_EXPR_META_SREG, NFT_REG_1);
}

static void object(struct expr_list *g, const struct plan_op *op)
{
	struct nftnl_expr *e = expr_add(g, "objref");

	expr_set_u32(e, NFTNL_EXPR_OBJREF_IMM_TYPE,
		     op->kind == OP_COUNTER ? NFT_OBJECT_COUNTER : NFT_OBJECT_CT_TIMEOUT);
	expr_set_text(g, e, NFTNL_EXPR_OBJREF_IMM_NAME, op->name);
}

static void tproxy(struct expr_list *g, const struct plan_op *op)
{
	const struct in_addr v4 = { .s_addr = htonl(INADDR_LOOPBACK) };
	const struct in6_addr v6 = IN6ADDR_LOOPBACK_INIT;
	const uint16_t port_be = htons((uint16_t)op->mask);
	struct nftnl_expr *e;

	if (op->value == NFPROTO_IPV4)
		expr_immediate(g, NFT_REG_1, &v4, sizeof v4);
	else
		expr_immediate(g, NFT_REG_1, &v6, sizeof v6);
	expr_immediate(g, NFT_REG_2, &port_be, sizeof port_be);
	e = expr_add(g, "tproxy");
	expr_set_u32(e, NFTNL_EXPR_TPROXY_FAMILY, op->value);
	expr_set_u32(e, NFTNL_EXPR_TPROXY_REG_ADDR, NFT_REG_1);
	expr_set_u32(e, NFTNL_EXPR_TPROXY_REG_PORT, NFT_REG_2);
}

static void keep(struct expr_list *g, const struct plan_op *op)
{
	bool is_source = op->kind == OP_KEEP_SOURCE;
	struct nftnl_expr *e;

	load_address(g, is_source, op->value);
	e = expr_add(g, "nat");
	expr_set_u32(e, NFTNL_EXPR_NAT_TYPE, is_source ? NFT_NAT_SNAT : NFT_NAT_DNAT);
	expr_set_u32(e, NFTNL_EXPR_NAT_FAMILY, op->value);
	expr_set_u32(e, NFTNL_EXPR_NAT_REG_ADDR_MIN, NFT_REG_1);
	/* the kernel adds these by itself, and lists them */
	expr_set_u32(e, NFTNL_EXPR_NAT_REG_ADDR_MAX, NFT_REG_1);
	expr_set_u32(e, NFTNL_EXPR_NAT_FLAGS, NF_NAT_RANGE_MAP_IPS);
}

static void strip_timestamp(struct expr_list *g, const struct plan_op *op)
{
	struct nftnl_expr *e;

	only_tcp(g, op);
	e = expr_add(g, "exthdr"); /* with no register at all it takes the option out */
	expr_set_u32(e, NFTNL_EXPR_EXTHDR_OP, NFT_EXTHDR_OP_TCPOPT);
	expr_set_u8(e, NFTNL_EXPR_EXTHDR_TYPE, TCPOPT_TIMESTAMP);
}

static void notrack(struct expr_list *g, const struct plan_op *op)
{
	(void)op; /* it has no fields */
	(void)expr_add(g, "notrack");
}

static void limit_or_log(struct expr_list *g, const struct plan_op *op)
{
	if (op->kind == OP_LIMIT)
		expr_limit(g, op->value, op->mask);
	else
		expr_log(g, (uint16_t)op->value, op->mask);
}

static void reject(struct expr_list *g, const struct plan_op *op)
{
	struct nftnl_expr *e;

	only_tcp(g, op);
	e = expr_add(g, "reject");
	expr_set_u32(e, NFTNL_EXPR_REJECT_TYPE, NFT_REJECT_TCP_RST);
	if (e)
		nftnl_expr_set_u8(e, NFTNL_EXPR_REJECT_CODE, 0);
}

static void verdict(struct expr_list *g, const struct plan_op *op)
{
	static const int codes[] = {
		[OP_ACCEPT] = NF_ACCEPT, [OP_DROP] = NF_DROP,  [OP_RETURN] = NFT_RETURN,
		[OP_JUMP] = NFT_JUMP,    [OP_GOTO] = NFT_GOTO,
	};
	struct nftnl_expr *e = expr_add(g, "immediate");

	expr_set_u32(e, NFTNL_EXPR_IMM_DREG, NFT_REG_VERDICT);
	expr_set_u32(e, NFTNL_EXPR_IMM_VERDICT, (uint32_t)codes[op->kind]);
	if (op->name)
		expr_set_text(g, e, NFTNL_EXPR_IMM_CHAIN, op->name);
}

static void (*const op_table[])(struct expr_list *g, const struct plan_op *op) = {
	[OP_TCP_FLAGS] = tcp_flags,
	[OP_TCP] = only_tcp,
	[OP_UDP] = rules_udp,
	[OP_PROTOCOL_IN] = protocol_in,
	[OP_FAMILY] = family,
	[OP_FAMILY_IN] = family_in,
	[OP_FROM_LO] = by_lo,
	[OP_TO_LO] = by_lo,
	[OP_DEVICE] = device,
	[OP_DEVICE_IN] = device_in,
	[OP_PORT] = port,
	[OP_PORT_IN] = port_in,
	[OP_UDP_PORT] = rules_udp_port,
	[OP_UDP_PORT_IN] = rules_udp_port_in,
	[OP_UDP_SIZE] = rules_udp_size,
	[OP_UDP_DATA] = rules_udp_data,
	[OP_UDP_DATA_1] = rules_udp_data,
	[OP_SOURCE_IN] = address_in,
	[OP_TARGET_IN] = address_in,
	[OP_SOURCE_TYPE_IN] = source_type_in,
	[OP_SOURCE_AWAY] = source_away,
	[OP_TARGET_TYPE_IN] = target_type_in,
	[OP_TARGET_LOCAL] = target_local,
	[OP_SOCKET_TRANSPARENT] = socket_transparent,
	[OP_SOCKET_MARK] = socket_mark,
	[OP_MARK] = mark,
	[OP_CT_ZONE] = rules_ct_zone,
	[OP_CT_STATE] = rules_ct_state,
	[OP_CT_MARK] = rules_ct_mark,
	[OP_MARK_SET] = mark_set,
	[OP_CT_MARK_SET] = rules_ct_mark_set,
	[OP_CT_ZONE_SET] = rules_ct_zone_set,
	[OP_CT_TIMEOUT] = object,
	[OP_COUNTER] = object,
	[OP_TPROXY] = tproxy,
	[OP_KEEP_TARGET] = keep,
	[OP_KEEP_SOURCE] = keep,
	[OP_CT_DIRECTION] = rules_ct_direction,
	[OP_CT_FIRST] = rules_ct_first,
	[OP_FLOW_IN] = rules_flow_in,
	[OP_PLACE_IN] = rules_place_in,
	[OP_NOTRACK] = notrack,
	[OP_FLOW_ADD] = rules_flow_change,
	[OP_FLOW_DELETE] = rules_flow_change,
	[OP_FLOW_FORGET] = rules_flow_change,
	[OP_PLACE_ADD] = rules_place_add,
	[OP_STRIP_TIMESTAMP] = strip_timestamp,
	[OP_LIMIT] = limit_or_log,
	[OP_LOG] = limit_or_log,
	[OP_REJECT] = reject,
	[OP_REJECT_PORT] = rules_reject_port,
	[OP_ACCEPT] = verdict,
	[OP_DROP] = verdict,
	[OP_RETURN] = verdict,
	[OP_JUMP] = verdict,
	[OP_GOTO] = verdict,
};

struct nftnl_rule *rules_make(const struct plan_table *table, const struct plan_chain *chain,
			      const struct plan_rule *rule)
{
	struct expr_list g = { .rule = nftnl_rule_alloc() };
	size_t i;

	if (!g.rule)
		return NULL;
	nftnl_rule_set_u32(g.rule, NFTNL_RULE_FAMILY, NFPROTO_INET);
	g.has_failed = nftnl_rule_set_str(g.rule, NFTNL_RULE_TABLE, table->name) < 0 ||
		       nftnl_rule_set_str(g.rule, NFTNL_RULE_CHAIN, chain->name) < 0;
	for (i = 0; i < rule->count; i++)
		op_table[rule->ops[i].kind](&g, &rule->ops[i]);
	if (g.has_failed) {
		nftnl_rule_free(g.rule);
		return NULL;
	}
	return g.rule;
}
