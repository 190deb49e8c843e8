/* One step of a rule in nft's language. Pure. */
#include <inttypes.h>
#include <netinet/in.h>

#include <linux/netfilter.h>
#include <linux/netfilter/nf_conntrack_common.h>
#include <linux/netfilter/nf_conntrack_tuple_common.h>

#include "nft/plan_text.h"

static const char *family_word(uint32_t family)
{
	return family == NFPROTO_IPV4 ? "ip" : "ip6";
}

static const char *not_equal(const struct plan_op *op)
{
	return op->is_not ? "!= " : "";
}

static void put_family(FILE *out, const struct plan_op *op)
{
	(void)fprintf(out, "meta nfproto ipv%c", op->value == NFPROTO_IPV4 ? '4' : '6');
}

static void put_mark_set(FILE *out, const struct plan_op *op)
{
	const char *whose = op->kind == OP_MARK_SET ? "meta" : "ct";

	(void)fprintf(out, "%s mark set %s mark & 0x%08" PRIx32 " | 0x%08" PRIx32, whose, whose,
		      ~op->mask, op->value);
}

static void put_flags(FILE *out, uint32_t flags)
{
	static const char *const names[] = { "fin", "syn", "rst", "psh", "ack", "urg" };
	const char *between = "";
	size_t i;

	for (i = 0; i < sizeof names / sizeof *names; i++) {
		if (!(flags >> i & 1))
			continue;
		(void)fprintf(out, "%s%s", between, names[i]);
		between = "|";
	}
	if (!flags)
		(void)fputs("0x0", out);
}

static void put_tcp_flags(FILE *out, const struct plan_op *op)
{
	(void)fputc('(', out);
	put_flags(out, op->mask);
	(void)fprintf(out, ") %s ", op->is_not ? "!=" : "==");
	put_flags(out, op->value);
}

static void put_masked(FILE *out, const struct plan_op *op)
{
	(void)fprintf(out, " & 0x%08" PRIx32 " %s 0x%08" PRIx32, op->mask,
		      op->is_not ? "!=" : "==", op->value);
}

static void put_port(FILE *out, const struct plan_op *op)
{
	(void)fprintf(out, "%" PRIu32, op->value);
	if (op->mask != op->value)
		(void)fprintf(out, "-%" PRIu32, op->mask);
}

static void put_state(FILE *out, const struct plan_op *op)
{
	static const struct {
		uint32_t bit;
		const char *name;
	} states[] = {
		{ NF_CT_STATE_BIT(IP_CT_ESTABLISHED), "established" },
		{ NF_CT_STATE_BIT(IP_CT_RELATED), "related" },
		{ NF_CT_STATE_BIT(IP_CT_NEW), "new" },
	};
	const char *between = "";
	size_t i;

	for (i = 0; i < sizeof states / sizeof *states; i++) {
		if (!(op->value & states[i].bit))
			continue;
		(void)fprintf(out, "%s%s", between, states[i].name);
		between = ",";
	}
}

static void put_tproxy(FILE *out, const struct plan_op *op)
{
	if (op->value == NFPROTO_IPV4)
		(void)fprintf(out, "tproxy ip to 127.0.0.1:%" PRIu32, op->mask);
	else
		(void)fprintf(out, "tproxy ip6 to [::1]:%" PRIu32, op->mask);
}

static void put_keep(FILE *out, const struct plan_op *op)
{
	const char *word = family_word(op->value);
	bool is_target = op->kind == OP_KEEP_TARGET;

	(void)fprintf(out, "%s %s to %s %s", is_target ? "dnat" : "snat", word, word,
		      is_target ? "daddr" : "saddr");
}

static void put_address_in(FILE *out, const struct plan_op *op)
{
	(void)fprintf(out, "%s %s %s@%s", family_word(op->value),
		      op->kind == OP_SOURCE_IN ? "saddr" : "daddr", not_equal(op), op->name);
}

static void put_flow(FILE *out, const struct plan_op *op)
{
	const char *word = family_word(op->value);

	(void)fprintf(out, "%s saddr . tcp sport . %s daddr . tcp dport", word, word);
}

static void put_flow_in(FILE *out, const struct plan_op *op)
{
	put_flow(out, op);
	(void)fprintf(out, " @%s", op->name);
}

static void put_flow_back(FILE *out, const struct plan_op *op)
{
	const char *word = family_word(op->value);

	(void)fprintf(out, "@%s { %s daddr . tcp dport . %s saddr . tcp sport }", op->name, word,
		      word);
}

static void put_flow_delete(FILE *out, const struct plan_op *op)
{
	(void)fprintf(out, "@%s { ", op->name);
	put_flow(out, op);
	(void)fputs(" }", out);
}

static void put_place(FILE *out, const struct plan_op *op)
{
	(void)fprintf(out, "%s daddr . tcp dport @%s", family_word(op->value), op->name);
}

static void put_place_add(FILE *out, const struct plan_op *op)
{
	(void)fprintf(out, "@%s { %s saddr . tcp sport }", op->name, family_word(op->value));
}

static void put_direction(FILE *out, const struct plan_op *op)
{
	(void)fputs(op->value == IP_CT_DIR_ORIGINAL ? "original" : "reply", out);
}

static void put_limit(FILE *out, const struct plan_op *op)
{
	(void)fprintf(out, "%" PRIu32 "/second burst %" PRIu32 " packets", op->value, op->mask);
}

static void put_log(FILE *out, const struct plan_op *op)
{
	(void)fprintf(out, "%" PRIu32 " snaplen %" PRIu32, op->value, op->mask);
}

static void put_name(FILE *out, const struct plan_op *op)
{
	(void)fputs(op->name, out);
}

static void put_quoted(FILE *out, const struct plan_op *op)
{
	(void)fprintf(out, "\"%s\"", op->name);
}

static void put_set(FILE *out, const struct plan_op *op)
{
	(void)fprintf(out, "%s@%s", not_equal(op), op->name);
}

static void put_local(FILE *out, const struct plan_op *op)
{
	(void)fprintf(out, "%slocal", not_equal(op));
}

static void put_value(FILE *out, const struct plan_op *op)
{
	(void)fprintf(out, "%" PRIu32, op->value);
}

/* What each kind says: words that are always the same, then what its fields say. */
static const struct {
	const char *words;
	void (*put)(FILE *out, const struct plan_op *op);
} op_table[] = {
	[OP_TCP_FLAGS] = { "tcp flags & ", put_tcp_flags },
	[OP_TCP] = { "meta l4proto tcp", NULL },
	[OP_UDP] = { "meta l4proto udp", NULL },
	[OP_PROTOCOL_IN] = { "meta l4proto ", put_set },
	[OP_FAMILY] = { "", put_family },
	[OP_FAMILY_IN] = { "meta nfproto ", put_set },
	[OP_FROM_LO] = { "iif \"lo\"", NULL },
	[OP_TO_LO] = { "oif \"lo\"", NULL },
	[OP_DEVICE] = { "iifname ", put_quoted },
	[OP_DEVICE_IN] = { "iifname ", put_set },
	[OP_PORT] = { "tcp dport ", put_port },
	[OP_PORT_IN] = { "tcp dport ", put_set },
	[OP_UDP_PORT] = { "udp dport ", put_port },
	[OP_UDP_PORT_IN] = { "udp dport ", put_set },
	[OP_UDP_SIZE] = { "udp length ", put_value },
	[OP_UDP_DATA] = { "@th,64,32", put_masked },
	[OP_UDP_DATA_1] = { "@th,72,32", put_masked },
	[OP_SOURCE_IN] = { "", put_address_in },
	[OP_TARGET_IN] = { "", put_address_in },
	[OP_SOURCE_TYPE_IN] = { "fib saddr type ", put_set },
	[OP_SOURCE_AWAY] = { "fib saddr . iif oif missing", NULL },
	[OP_TARGET_TYPE_IN] = { "fib daddr type ", put_set },
	[OP_TARGET_LOCAL] = { "fib daddr type ", put_local },
	[OP_SOCKET_TRANSPARENT] = { "socket transparent 1", NULL },
	[OP_SOCKET_MARK] = { "socket mark", put_masked },
	[OP_MARK] = { "meta mark", put_masked },
	[OP_CT_ZONE] = { "ct zone ", put_value },
	[OP_CT_STATE] = { "ct state ", put_state },
	[OP_CT_MARK] = { "ct mark", put_masked },
	[OP_MARK_SET] = { "", put_mark_set },
	[OP_CT_MARK_SET] = { "", put_mark_set },
	[OP_CT_ZONE_SET] = { "ct zone set ", put_value },
	[OP_CT_TIMEOUT] = { "ct timeout set ", put_quoted },
	[OP_COUNTER] = { "counter name ", put_quoted },
	[OP_TPROXY] = { "", put_tproxy },
	[OP_KEEP_TARGET] = { "", put_keep },
	[OP_KEEP_SOURCE] = { "", put_keep },
	[OP_CT_DIRECTION] = { "ct direction ", put_direction },
	[OP_CT_FIRST] = { "ct status & confirmed == 0", NULL },
	[OP_FLOW_IN] = { "", put_flow_in },
	[OP_PLACE_IN] = { "", put_place },
	[OP_NOTRACK] = { "notrack", NULL },
	[OP_FLOW_ADD] = { "add ", put_flow_back },
	[OP_FLOW_DELETE] = { "delete ", put_flow_delete },
	[OP_FLOW_FORGET] = { "delete ", put_flow_back },
	[OP_PLACE_ADD] = { "add ", put_place_add },
	[OP_STRIP_TIMESTAMP] = { "reset tcp option timestamp", NULL },
	[OP_LIMIT] = { "limit rate ", put_limit },
	[OP_LOG] = { "log group ", put_log },
	[OP_REJECT] = { "reject with tcp reset", NULL },
	[OP_REJECT_PORT] = { "reject with icmpx port-unreachable", NULL },
	[OP_ACCEPT] = { "accept", NULL },
	[OP_DROP] = { "drop", NULL },
	[OP_RETURN] = { "return", NULL },
	[OP_JUMP] = { "jump ", put_name },
	[OP_GOTO] = { "goto ", put_name },
};

void plan_text_op(FILE *out, const struct plan_op *op)
{
	(void)fputs(op_table[op->kind].words, out);
	if (op_table[op->kind].put)
		op_table[op->kind].put(out, op);
}
