/* Chains for the two legs of connections that are ours already: which conntrack zone, no foreign NAT,
 * delivery to the socket. Both tables have them: the owned one survives a flush, the lasting one us. */
#include <netinet/in.h>
#include <string.h>

#include <linux/netfilter.h>
#include <linux/netfilter/nf_conntrack_common.h>

#include "nft/plan_udp.h"

/* Priorities of hooks. The lasting table comes just behind the owned one; others' NAT behind both. */
enum {
	AT_TARGET_NAT = -110,
	AT_SOURCE_NAT = 90,
	AT_FOREIGN_NAT = -100,
	NOBODYS_PORT = 1, /* no socket listens there: only connections are looked for */
};

static void sets(struct plan_table *table, const struct plan_source *source)
{
	static const uint8_t protocols[] = { IPPROTO_TCP, IPPROTO_ICMP, IPPROTO_ICMPV6 };
	struct plan_set *set = plan_set(table, PLAN_PROTOCOLS, "protocols", sizeof protocols);
	size_t i;

	for (i = 0; i < sizeof protocols; i++)
		plan_set_add(set, &protocols[i], 1);
	plan_set_finish(set);
	plan_match_all_ports(table, source->config);
}

/* How a rule ends that knows the leg. The owned table also says that it has looked: a zone set here
 * cannot be read back by the lasting table, which would look for the socket again. */
struct leg_end {
	struct plan_op ops[3];
	size_t count;
};

static struct leg_end leg_end(const struct plan_table *table, const struct marks *m, uint32_t zone)
{
	struct leg_end end = { .ops = { { .kind = OP_CT_ZONE_SET, .value = zone } }, .count = 1 };

	if (table->is_followed)
		end.ops[end.count++] = (struct plan_op)PLAN_MARK_SET(m, MARK_SEEN);
	end.ops[end.count++] = (struct plan_op){ .kind = OP_ACCEPT };
	return end;
}

static void raw_leg(struct plan_table *table, struct plan_chain *chain, struct plan_op condition,
		    const struct leg_end *end)
{
	struct plan_op ops[4] = { condition };

	memcpy(ops + 1, end->ops, end->count * sizeof *ops);
	plan_rule(table, chain, ops, end->count + 1);
}

/* Half-open and TIME_WAIT sockets show no mark: those of clients are known by what a divert takes.
 * The lasting table, in which only TIME_WAIT is left of them, spares itself the lists of clients. */
static void half_open(struct plan_table *table, const struct plan_source *source)
{
	const struct leg_end end = leg_end(table, &source->config->shunt.mark, PLAN_ZONE_CLIENT);
	struct plan_chain *chain = plan_chain(table, "half_open");
	size_t i;

	for (i = 0; i < source->config->divert_count; i++) {
		struct divert d = source->config->diverts[i];

		if (!table->is_owned) {
			d.from.count = 0;
			d.from_not.count = 0;
		}
		plan_match_sets(table, &d);
		plan_match_rules(table, chain, &d, 0, end.ops, end.count);
	}
	if (table->is_followed)
		PLAN_RULE(table, chain, PLAN_MARK_SET(&source->config->shunt.mark, MARK_SEEN));
}

/* Which zone a packet gets that a transparent socket owns. */
static void raw_zone(struct plan_table *table, const struct plan_source *source)
{
	const struct marks *m = &source->config->shunt.mark;
	struct plan_chain *chain = plan_chain(table, "raw_zone");
	struct plan_op server = { .kind = OP_SOCKET_MARK,
				  .mask = marks_server_mask(m),
				  .value = marks_of(m, MARK_BACKEND) };
	struct plan_op ours = { .kind = OP_SOCKET_MARK,
				.mask = marks_base_mask(m),
				.value = m->base };
	struct plan_op client = { .kind = OP_SOCKET_MARK,
				  .mask = m->mask,
				  .value = marks_of(m, MARK_RELAY) };
	struct plan_op frozen = { .kind = OP_SOCKET_MARK,
				  .mask = m->mask,
				  .value = marks_of(m, MARK_FREEZE_SERVER) };
	const struct leg_end client_end = leg_end(table, m, PLAN_ZONE_CLIENT);
	const struct leg_end server_end = leg_end(table, m, PLAN_ZONE_SERVER);

	/* with these two nearly every packet is done */
	raw_leg(table, chain, server, &server_end);
	raw_leg(table, chain, client, &client_end);
	raw_leg(table, chain, frozen, &server_end);
	raw_leg(table, chain, ours, &client_end);
	/* another daemon's transparent socket */
	ours.is_not = true;
	if (table->is_followed)
		PLAN_RULE(table, chain, ours, PLAN_MARK_SET(m, MARK_SEEN), { .kind = OP_RETURN });
	else
		PLAN_RULE(table, chain, ours, { .kind = OP_RETURN });
	PLAN_RULE(table, chain, { .kind = OP_PORT_IN, .name = "ports" },
		  PLAN_TO(OP_GOTO, "half_open"));
	half_open(table, source);
}

/*
 * What a connection of ours owns takes its socket along from here on (that is
 * what tproxy does, and what spares every later rule and the kernel the same
 * search). For without it a packet on its way up to a socket that is closed
 * meanwhile is answered with a RST, and would end a flow that was handed over.
 * In a closed socket it ends in silence, and whoever sent it sends again.
 */
void plan_leg_sockets(struct plan_table *table, struct plan_chain *chain,
		      const struct plan_source *source)
{
	const struct marks *m = &source->config->shunt.mark;

	/* tproxy passes over packets of the other family by itself: the first rule need not ask, and
	 * the second one is cheaper for what it is not for when it does */
	PLAN_RULE(table, chain, { .kind = OP_TCP },
		  { .kind = OP_TPROXY, .value = NFPROTO_IPV4, .mask = NOBODYS_PORT },
		  PLAN_TO(OP_GOTO, "raw_zone"));
	PLAN_RULE(table, chain, { .kind = OP_FAMILY, .value = NFPROTO_IPV6 }, { .kind = OP_TCP },
		  { .kind = OP_TPROXY, .value = NFPROTO_IPV6, .mask = NOBODYS_PORT },
		  PLAN_TO(OP_GOTO, "raw_zone"));
	/* spares the lasting table the same search, for every packet that is forwarded */
	if (table->is_followed)
		PLAN_RULE(table, chain, { .kind = OP_TCP }, PLAN_MARK_SET(m, MARK_SEEN),
			  { .kind = OP_ACCEPT });
	else
		PLAN_RULE(table, chain, { .kind = OP_TCP }, { .kind = OP_ACCEPT });
	if (plan_has_udp(source))
		PLAN_RULE(table, chain, { .kind = OP_UDP }, PLAN_TO(OP_GOTO, "raw_udp"));
	/* errors belong to the socket of what they quote */
	PLAN_RULE(table, chain, { .kind = OP_PROTOCOL_IN, .name = "protocols" },
		  { .kind = OP_SOCKET_TRANSPARENT }, PLAN_TO(OP_GOTO, "raw_zone"));
	if (table->is_followed)
		PLAN_RULE(table, chain, { .kind = OP_PROTOCOL_IN, .name = "protocols" },
			  PLAN_MARK_SET(m, MARK_SEEN));
}

static void raw_out(struct plan_table *table, const struct plan_source *source)
{
	const struct marks *m = &source->config->shunt.mark;
	struct plan_chain *chain = plan_hook(table, "raw_out", "filter", NF_INET_LOCAL_OUT,
					     table->is_owned ? -300 : -299);
	const struct leg_end client = leg_end(table, m, PLAN_ZONE_CLIENT);
	const struct leg_end server = leg_end(table, m, PLAN_ZONE_SERVER);

	/* nearly every packet of ours, when the owned table has looked; the mark goes no further */
	if (!table->is_owned)
		PLAN_RULE(table, chain, PLAN_MARK(m, MARK_SEEN), { .kind = OP_ACCEPT });
	PLAN_RULE(table, chain,
		  { .kind = OP_MARK, .is_not = true, .mask = marks_base_mask(m), .value = m->base },
		  { .kind = OP_ACCEPT });
	if (plan_has_udp(source))
		PLAN_RULE(table, chain, { .kind = OP_UDP }, PLAN_TO(OP_GOTO, "raw_out_udp"));
	/* around what leaves by a tunnel, which keeps the mark of what is in it */
	PLAN_RULE(table, chain, { .kind = OP_PROTOCOL_IN, .is_not = true, .name = "protocols" },
		  { .kind = OP_ACCEPT });
	/* with the next three nearly every packet of ours is done */
	raw_leg(table, chain, (struct plan_op)PLAN_MARK(m, MARK_RELAY), &client);
	/* the answers of a server on this very box bear no mark of ours, so both ways stay out of it */
	PLAN_RULE(table, chain, PLAN_MARK_SERVER(m), { .kind = OP_TO_LO }, { .kind = OP_ACCEPT });
	if (table->is_owned && source->options->has_strip)
		PLAN_RULE(table, chain, PLAN_MARK(m, MARK_BACKEND_BARE), PLAN_SYN,
			  { .kind = OP_STRIP_TIMESTAMP });
	raw_leg(table, chain, (struct plan_op)PLAN_MARK_SERVER(m), &server);
	/* these come back by the connection's mark, which needs tracking, whoever would rather not */
	PLAN_RULE(table, chain, PLAN_MARK(m, MARK_HOST), { .kind = OP_CT_ZONE_SET, .value = 0 },
		  { .kind = OP_ACCEPT });
	/* what shows conntrack where both ends of a handed-over flow are, and goes no further than there */
	PLAN_RULE(table, chain, PLAN_MARK(m, MARK_HANDED), { .kind = OP_ACCEPT });
	if (table->is_owned && plan_hands_over(source))
		PLAN_RULE(table, chain, PLAN_MARK(m, MARK_INJECT), PLAN_SYN,
			  PLAN_TO(OP_GOTO, "learn"));
	PLAN_RULE(table, chain, PLAN_MARK(m, MARK_INJECT), { .kind = OP_NOTRACK },
		  { .kind = OP_ACCEPT });
	if (table->is_owned && plan_hands_over(source))
		PLAN_RULE(table, chain, PLAN_MARK(m, MARK_INJECT_CLIENT),
			  PLAN_TO(OP_JUMP, "remember"));
	PLAN_RULE(table, chain, PLAN_MARK(m, MARK_INJECT_CLIENT), { .kind = OP_NOTRACK },
		  { .kind = OP_ACCEPT });
	PLAN_RULE(table, chain, PLAN_MARK(m, MARK_SNIFF),
		  { .kind = OP_TCP_FLAGS, .mask = 0x07, .value = 0 }, { .kind = OP_DROP });
	PLAN_RULE(table, chain, PLAN_MARK(m, MARK_FREEZE), { .kind = OP_DROP });
	PLAN_RULE(table, chain, PLAN_MARK(m, MARK_FREEZE_SERVER), { .kind = OP_DROP });
	PLAN_RULE(table, chain, PLAN_MARK(m, MARK_REPLY), { .kind = OP_ACCEPT });
	PLAN_RULE(table, chain, { .kind = OP_CT_ZONE_SET, .value = PLAN_ZONE_CLIENT });
}

void plan_leg_packets(struct plan_table *table, struct plan_chain *chain)
{
	PLAN_RULE(table, chain, { .kind = OP_CT_ZONE, .value = PLAN_ZONE_CLIENT },
		  PLAN_TO(OP_GOTO, "ours"));
	PLAN_RULE(table, chain, { .kind = OP_CT_ZONE, .value = PLAN_ZONE_SERVER },
		  PLAN_TO(OP_GOTO, "ours"));
}

/* In a zone of ours: to the socket, or nowhere. */
static void ours(struct plan_table *table, const struct marks *m)
{
	struct plan_chain *chain = plan_chain(table, "ours");

	PLAN_RULE(table, chain, { .kind = OP_SOCKET_TRANSPARENT }, PLAN_MARK_SET(m, MARK_DIVERT),
		  { .kind = OP_ACCEPT });
	/* the socket went since the raw hook looked: whoever sent it sends again */
	PLAN_RULE(table, chain, { .kind = OP_COUNTER, .name = "race" }, { .kind = OP_DROP });
}

/* In no zone, because another's rule left it untracked or conntrack knows nothing of it. */
static void untracked(struct plan_table *table, const struct marks *m)
{
	struct plan_chain *chain = plan_chain(table, "untracked");

	PLAN_RULE(table, chain,
		  { .kind = OP_SOCKET_MARK,
		    .is_not = true,
		    .mask = marks_base_mask(m),
		    .value = m->base },
		  { .kind = OP_RETURN });
	PLAN_RULE(table, chain, PLAN_MARK_SET(m, MARK_DIVERT), { .kind = OP_ACCEPT });
}

static struct plan_chain *nat_chain(struct plan_table *table, const char *name, uint32_t hook,
				    int32_t priority, const char *keep)
{
	struct plan_chain *chain = plan_hook(table, name, "nat", hook, priority);

	PLAN_RULE(table, chain, { .kind = OP_CT_ZONE, .value = PLAN_ZONE_CLIENT },
		  PLAN_TO(OP_GOTO, keep));
	PLAN_RULE(table, chain, { .kind = OP_CT_ZONE, .value = PLAN_ZONE_SERVER },
		  PLAN_TO(OP_GOTO, keep));
	return chain;
}

static void keep_chain(struct plan_table *table, const char *name, enum plan_op_kind keep)
{
	struct plan_chain *chain = plan_chain(table, name);

	PLAN_RULE(table, chain, { .kind = OP_FAMILY, .value = NFPROTO_IPV4 },
		  { .kind = keep, .value = NFPROTO_IPV4 });
	PLAN_RULE(table, chain, { .kind = OP_FAMILY, .value = NFPROTO_IPV6 },
		  { .kind = keep, .value = NFPROTO_IPV6 });
}

/* NAT of an address to itself comes first, and then no other chain is asked. */
static void identity_nat(struct plan_table *table, const struct plan_source *source)
{
	const struct marks *m = &source->config->shunt.mark;
	const bool has_udp = plan_has_udp(source);
	const bool has_ended = table->is_owned && source->options->has_ct_timeout;
	struct plan_chain *chain;

	keep_chain(table, "keep_target", OP_KEEP_TARGET);
	keep_chain(table, "keep_source", OP_KEEP_SOURCE);
	if (has_ended) {
		/* here since these chains see the first packet only */
		chain = plan_chain(table, "begin_target");
		PLAN_RULE(table, chain, PLAN_TO(OP_JUMP, "ended"));
		PLAN_RULE(table, chain, PLAN_TO(OP_GOTO, "keep_target"));
	}
	chain = nat_chain(table, "nat_pre", NF_INET_PRE_ROUTING, AT_TARGET_NAT,
			  has_ended ? "begin_target" : "keep_target");
	if (has_udp)
		plan_udp_nat(table, chain, m, MARK_HELD, "keep_target");
	chain = nat_chain(table, "nat_out", NF_INET_LOCAL_OUT, AT_TARGET_NAT,
			  has_ended ? "begin_target" : "keep_target");
	PLAN_RULE(table, chain, PLAN_MARK(m, MARK_HOST), PLAN_TO(OP_GOTO, "keep_target"));
	if (has_udp)
		plan_udp_nat(table, chain, m, MARK_REPLY, "keep_target");
	chain = nat_chain(table, "nat_in", NF_INET_LOCAL_IN, AT_SOURCE_NAT, "keep_source");
	if (has_udp)
		plan_udp_nat(table, chain, m, MARK_HELD, "keep_source");
	chain = nat_chain(table, "nat_post", NF_INET_POST_ROUTING, AT_SOURCE_NAT, "keep_source");
	PLAN_RULE(table, chain, PLAN_MARK(m, MARK_HOST), PLAN_TO(OP_GOTO, "keep_source"));
	if (has_udp)
		plan_udp_nat(table, chain, m, MARK_REPLY, "keep_source");
}

void plan_nat_on(struct plan_table *table, const struct marks *m)
{
	struct plan_chain *chain =
		plan_hook(table, "handed", "nat", NF_INET_PRE_ROUTING, AT_FOREIGN_NAT);

	PLAN_RULE(table, chain, PLAN_HANDED(m), { .kind = OP_ACCEPT });
}

void plan_legs(struct plan_table *table, const struct plan_source *source)
{
	const struct marks *m = &source->config->shunt.mark;

	sets(table, source);
	plan_object(table, "race", 0);
	raw_zone(table, source);
	raw_out(table, source);
	ours(table, m);
	untracked(table, m);
	identity_nat(table, source);
	if (plan_has_udp(source))
		plan_udp_legs(table, source);
}
