/* The table `shunt`, which lives as long as the daemon: what takes new connections. */
#include <netinet/in.h>

#include <linux/netfilter.h>
#include <linux/netfilter/nf_conntrack_common.h>

#include "nft/plan_udp.h"

enum {
	AT_FIRST = INT32_MIN,
	AT_RAW = -300,
	AT_DIVERT = -149, /* behind mwan3, pbr and banIP */
	FLAGS_SYN_TO_ACK = 0x17,
	FLAG_ACK = 0x10,
	STATE_ESTABLISHED = NF_CT_STATE_BIT(IP_CT_ESTABLISHED),
	STATE_RELATED = NF_CT_STATE_BIT(IP_CT_RELATED),
	/* IP header, ICMP header, quoted IP header, and up to the quoted sequence number */
	ERROR4_BYTES = 20 + 8 + 20 + 8,
	ERROR6_BYTES = 40 + 8 + 40 + 8,
};

static void sets(struct plan_table *table, const struct plan_source *source)
{
	struct plan_set *set = plan_set(table, PLAN_FAMILIES, "alive", 0);

	if (set)
		set->is_live = true;
	set = plan_set(table, PLAN_FAMILIES, "cookies", 0);
	if (set)
		set->is_live = true;
	plan_match_no_clients(table);
	plan_object(table, "rest", 0);
	plan_object(table, "loop", 0);
	if (!source->options->has_ct_timeout)
		return;
	plan_object(table, "ended4", NFPROTO_IPV4);
	plan_object(table, "ended6", NFPROTO_IPV6);
}

/* A SYN from ourselves over lo finds a TIME_WAIT socket, which the kernel ends for a listener; any of
 * ours will do. Nothing else happens to it, and nobody else sees it. */
static void evict(struct plan_table *table, const struct plan_source *source)
{
	struct plan_chain *chain = plan_chain(table, "evict");
	struct plan_ports any = { 0 };
	size_t i;

	for (i = 0; i < source->config->divert_count; i++) {
		any.v4 = any.v4 ? any.v4 : source->ports[i].v4;
		any.v6 = any.v6 ? any.v6 : source->ports[i].v6;
	}
	if (any.v4)
		PLAN_RULE(table, chain, { .kind = OP_FAMILY, .value = NFPROTO_IPV4 }, PLAN_SYN,
			  { .kind = OP_TPROXY, .value = NFPROTO_IPV4, .mask = any.v4 });
	if (any.v6)
		PLAN_RULE(table, chain, { .kind = OP_FAMILY, .value = NFPROTO_IPV6 }, PLAN_SYN,
			  { .kind = OP_TPROXY, .value = NFPROTO_IPV6, .mask = any.v6 });
	PLAN_RULE(table, chain, { .kind = OP_DROP });
}

static bool has_listener(const struct plan_source *source, size_t divert, uint8_t family)
{
	const struct plan_ports *ports = &source->ports[divert];

	return (family == NFPROTO_IPV4 ? ports->v4 : ports->v6) != 0;
}

static void raw_syn_family(struct plan_table *table, struct plan_chain *chain,
			   const struct plan_source *source, size_t divert, uint8_t family)
{
	const struct plan_ports *ports = &source->ports[divert];
	const struct plan_op end[] = {
		{ .kind = OP_TPROXY,
		  .value = family,
		  .mask = family == NFPROTO_IPV4 ? ports->v4 : ports->v6 },
		{ .kind = OP_CT_ZONE_SET, .value = PLAN_ZONE_CLIENT },
		{ .kind = OP_ACCEPT },
	};

	if (has_listener(source, divert, family))
		plan_match_rules(table, chain, &source->config->diverts[divert], family, end,
				 sizeof end / sizeof *end);
}

/* A SYN that a divert takes begins its life in our zone, with the listener as its socket: where nobody
 * listens any more the rule ends before it is ours. */
static void raw_syn(struct plan_table *table, const struct plan_source *source)
{
	const struct marks *m = &source->config->shunt.mark;
	struct plan_chain *chain = plan_chain(table, "raw_syn");
	size_t i;

	PLAN_RULE(table, chain, { .kind = OP_FROM_LO }, PLAN_MARK(m, MARK_EVICT),
		  PLAN_TO(OP_GOTO, "evict"));
	PLAN_RULE(table, chain, { .kind = OP_PORT_IN, .is_not = true, .name = "ports" },
		  { .kind = OP_RETURN });
	PLAN_RULE(table, chain, { .kind = OP_FAMILY_IN, .is_not = true, .name = "alive" },
		  { .kind = OP_RETURN });
	/* what this box itself sent, and got back with its mark, would go round and round */
	PLAN_RULE(table, chain, { .kind = OP_MARK, .mask = marks_base_mask(m), .value = m->base },
		  { .kind = OP_COUNTER, .name = "loop" }, { .kind = OP_RETURN });
	plan_match_sane(table, chain);
	if (plan_hands_over(source)) {
		plan_handed_leave(table, chain);
		plan_handed_strip(table, chain);
	}
	for (i = 0; i < source->config->divert_count; i++) {
		raw_syn_family(table, chain, source, i, NFPROTO_IPV4);
		raw_syn_family(table, chain, source, i, NFPROTO_IPV6);
	}
}

static void raw(struct plan_table *table, const struct plan_source *source)
{
	struct plan_chain *chain = plan_hook(table, "raw", "filter", NF_INET_PRE_ROUTING, AT_RAW);

	/* before the sockets, for a TIME_WAIT socket of ours must not claim a new connection */
	PLAN_RULE(table, chain, PLAN_SYN, PLAN_TO(OP_GOTO, "raw_syn"));
	plan_leg_sockets(table, chain, source);
	raw_syn(table, source);
	evict(table, source);
}

static void take_family(struct plan_table *table, struct plan_chain *chain,
			const struct plan_source *source, size_t divert, uint8_t family)
{
	const struct marks *m = &source->config->shunt.mark;
	const struct plan_ports *ports = &source->ports[divert];
	const struct plan_op end[] = {
		{ .kind = OP_TPROXY,
		  .value = family,
		  .mask = family == NFPROTO_IPV4 ? ports->v4 : ports->v6 },
		PLAN_MARK_SET(m, MARK_DIVERT),
		{ .kind = OP_ACCEPT },
	};

	if (has_listener(source, divert, family))
		plan_match_rules(table, chain, &source->config->diverts[divert], family, end,
				 sizeof end / sizeof *end);
}

/* To the listener of the first divert that matches. */
static void take(struct plan_table *table, const struct plan_source *source)
{
	struct plan_chain *chain = plan_chain(table, "take");
	size_t i;

	for (i = 0; i < source->config->divert_count; i++) {
		take_family(table, chain, source, i, NFPROTO_IPV4);
		take_family(table, chain, source, i, NFPROTO_IPV6);
	}
}

/* Connections that ended leave conntrack soon: a busy relay would fill it with TIME_WAIT entries. */
static void ended(struct plan_table *table, const struct plan_source *source)
{
	struct plan_chain *chain;

	if (!source->options->has_ct_timeout)
		return;
	chain = plan_chain(table, "ended");
	PLAN_RULE(table, chain, { .kind = OP_FAMILY, .value = NFPROTO_IPV4 },
		  { .kind = OP_CT_TIMEOUT, .name = "ended4" });
	PLAN_RULE(table, chain, { .kind = OP_FAMILY, .value = NFPROTO_IPV6 },
		  { .kind = OP_CT_TIMEOUT, .name = "ended6" });
}

static void rest(struct plan_table *table)
{
	struct plan_chain *chain = plan_chain(table, "rest");

	plan_match_sane(table, chain);
	PLAN_RULE(table, chain, { .kind = OP_COUNTER, .name = "rest" }, PLAN_TO(OP_JUMP, "take"));
}

/* An ICMP error about a segment of a flow that was handed over quotes the sequence number that its
 * receiver knows, not its sender: it goes its way, and a carrier sends the sender one that it can use. */
static void related(struct plan_table *table, const struct plan_source *source)
{
	const struct marks *m = &source->config->shunt.mark;
	const uint16_t group = source->options->errors_group;
	struct plan_chain *chain = plan_chain(table, "related");
	const struct plan_op handed = PLAN_HANDED(m);
	const struct plan_op limit = { .kind = OP_LIMIT,
				       .value = PLAN_ERRORS_A_SECOND,
				       .mask = PLAN_ERRORS_BURST };

	PLAN_RULE(table, chain, handed, { .kind = OP_FAMILY, .value = NFPROTO_IPV4 }, limit,
		  { .kind = OP_LOG, .value = group, .mask = ERROR4_BYTES });
	PLAN_RULE(table, chain, handed, { .kind = OP_FAMILY, .value = NFPROTO_IPV6 }, limit,
		  { .kind = OP_LOG, .value = group, .mask = ERROR6_BYTES });
}

static void divert(struct plan_table *table, const struct plan_source *source)
{
	struct plan_chain *chain =
		plan_hook(table, "divert", "filter", NF_INET_PRE_ROUTING, AT_DIVERT);

	plan_leg_packets(table, chain);
	if (plan_has_udp(source))
		PLAN_RULE(table, chain, { .kind = OP_UDP }, PLAN_TO(OP_GOTO, "datagram"));
	/* there before us, or handed over */
	PLAN_RULE(table, chain, { .kind = OP_CT_STATE, .value = STATE_ESTABLISHED },
		  { .kind = OP_RETURN });
	PLAN_RULE(table, chain, { .kind = OP_CT_STATE, .value = STATE_RELATED },
		  { .kind = source->options->errors_group ? OP_GOTO : OP_RETURN,
		    .name = source->options->errors_group ? "related" : NULL });
	/* nor does a connection that is not taken begin at a TIME_WAIT socket of ours */
	if (plan_hands_over(source))
		PLAN_RULE(table, chain, PLAN_SYN, PLAN_TO(OP_GOTO, "former"));
	else
		PLAN_RULE(table, chain, PLAN_SYN, { .kind = OP_RETURN });
	if (plan_hands_over(source))
		plan_handed_cut(table, chain);
	PLAN_RULE(table, chain, { .kind = OP_PROTOCOL_IN, .name = "protocols" },
		  { .kind = OP_SOCKET_TRANSPARENT }, PLAN_TO(OP_GOTO, "untracked"));
	/* the last ACK of a handshake with a SYN cookie has no socket. Without cookies such a packet
	 * is of a connection that conntrack does not know, and we would answer it with a RST */
	PLAN_RULE(table, chain,
		  { .kind = OP_TCP_FLAGS, .mask = FLAGS_SYN_TO_ACK, .value = FLAG_ACK },
		  { .kind = OP_FAMILY_IN, .name = "cookies" }, PLAN_TO(OP_GOTO, "rest"));
}

/*
 * With br_netfilter, what comes in by a bridge passes the rules there; on its way up it loses the
 * listener that tproxy gave it, and keeps the mark. It does not pass the rules again, but for those in
 * front of what spares it that, which are first at this priority when they came last: see
 * firewall_bridges(). So here, and here only, tproxy is said again. All packets of the box
 * pass this chain: it is there when it is of use.
 */
static void bridge(struct plan_table *table, const struct plan_source *source)
{
	const struct marks *m = &source->config->shunt.mark;
	struct plan_op not_taken = PLAN_MARK(m, MARK_DIVERT);
	struct plan_chain *chain =
		plan_hook(table, "from_bridge", "filter", NF_INET_PRE_ROUTING, AT_FIRST);

	not_taken.is_not = true;
	PLAN_RULE(table, chain, not_taken, { .kind = OP_ACCEPT });
	PLAN_RULE(table, chain, PLAN_SYN, PLAN_TO(OP_GOTO, "take"));
	PLAN_RULE(table, chain,
		  { .kind = OP_TCP_FLAGS, .mask = FLAGS_SYN_TO_ACK, .value = FLAG_ACK },
		  { .kind = OP_FAMILY_IN, .name = "cookies" }, PLAN_TO(OP_GOTO, "take"));
	if (plan_has_udp(source))
		PLAN_RULE(table, chain, { .kind = OP_UDP }, PLAN_TO(OP_GOTO, "udp_take"));
}

void plan_owned(struct plan_table *table, const struct plan_source *source)
{
	sets(table, source);
	if (plan_hands_over(source))
		plan_handed(table, source);
	plan_legs(table, source);
	if (source->options->has_persist)
		plan_host(table, source);
	raw(table, source);
	take(table, source);
	ended(table, source);
	rest(table);
	divert(table, source);
	if (plan_has_udp(source))
		plan_udp_owned(table, source);
	if (source->options->errors_group)
		related(table, source);
	if (source->options->has_bridges)
		bridge(table, source);
}
