/*
 * Datagrams. Unlike connections they stay outside our zone until they leave for
 * a server: what leads a flow to its listener is the mark of its conntrack entry,
 * which the first datagram gets. An entry that was there before us is left alone,
 * whether or not it was ever answered: so it is asked whether it is confirmed,
 * and not for its state.
 *
 * An answer that finds no entry, because that ran out, begins one the wrong way
 * round. It gets a mark of its own, and what the client sends comes back by it.
 *
 * Both tables have what running flows need; the owned one takes new ones.
 */
#include "nft/plan_udp.h"

#include <netinet/in.h>

#include <linux/netfilter.h>
#include <linux/netfilter/nf_conntrack_tuple_common.h>
#include <linux/rtnetlink.h>

enum {
	NOBODYS_PORT = 1, /* no socket listens there: only connected ones are looked for */
};

static const uint8_t family_table[] = { NFPROTO_IPV4, NFPROTO_IPV6 };

#define UDP_CT_MARK(marks, role)                                                                   \
	{                                                                                          \
		.kind = OP_CT_MARK, .mask = (marks)->mask, .value = marks_of(marks, role)          \
	}
#define UDP_CT_OURS(marks)                                                                         \
	{                                                                                          \
		.kind = OP_CT_MARK, .mask = marks_base_mask(marks), .value = (marks)->base         \
	}
#define UDP_CT_MARK_SET(marks, role)                                                               \
	{                                                                                          \
		.kind = OP_CT_MARK_SET, .mask = (marks)->mask, .value = marks_of(marks, role)      \
	}

static uint16_t listener(const struct plan_source *source, size_t divert, uint8_t family)
{
	const struct plan_ports *ports = &source->ports[divert];

	return family == NFPROTO_IPV4 ? ports->udp4 : ports->udp6;
}

static bool is_diverted(const struct plan_source *source, size_t divert)
{
	return source->options->has_udp && source->config->diverts[divert].udp.count > 0;
}

bool plan_has_udp(const struct plan_source *source)
{
	if (source->options->had_udp)
		return true;
	for (size_t i = 0; i < source->config->divert_count; i++)
		if (is_diverted(source, i))
			return true;
	return false;
}

/* --- legs with servers --- */

/* Only sockets towards servers claim anything: those that answer clients, and the listeners, would claim
 * what is not theirs. What they own takes its socket along, as in plan_leg_sockets(). */
static void raw_in(struct plan_table *table, const struct marks *m)
{
	struct plan_chain *chain = plan_chain(table, "raw_udp");
	const struct plan_op seen = PLAN_MARK_SET(m, MARK_SEEN);
	const struct plan_op zone = { .kind = OP_CT_ZONE_SET, .value = PLAN_ZONE_SERVER };

	PLAN_RULE(table, chain,
		  { .kind = OP_SOCKET_MARK,
		    .mask = marks_server_mask(m),
		    .value = marks_of(m, MARK_BACKEND) },
		  PLAN_TO(OP_GOTO, "raw_server"));
	if (table->is_followed) {
		PLAN_RULE(table, chain,
			  { .kind = OP_MARK,
			    .is_not = true,
			    .mask = marks_base_mask(m),
			    .value = m->base },
			  seen, { .kind = OP_ACCEPT });
		/* this box sent it: chain `udp_first` looks for our mark, which the lasting table would
		 * take off MARK_SEEN */
		PLAN_RULE(table, chain, PLAN_MARK_SET(m, MARK_INJECT));
	}
	chain = plan_chain(table, "raw_server");
	for (size_t i = 0; i < sizeof family_table; i++) {
		const struct plan_op family = { .kind = OP_FAMILY, .value = family_table[i] };
		const struct plan_op attach = { .kind = OP_TPROXY,
						.value = family_table[i],
						.mask = NOBODYS_PORT };

		if (table->is_followed)
			PLAN_RULE(table, chain, family, { .kind = OP_UDP }, attach, zone, seen,
				  { .kind = OP_ACCEPT });
		else
			PLAN_RULE(table, chain, family, { .kind = OP_UDP }, attach, zone,
				  { .kind = OP_ACCEPT });
	}
}

static void raw_out(struct plan_table *table, const struct marks *m)
{
	struct plan_chain *chain = plan_chain(table, "raw_out_udp");
	const struct plan_op server = PLAN_MARK_SERVER(m);
	const struct plan_op zone = { .kind = OP_CT_ZONE_SET, .value = PLAN_ZONE_SERVER };

	/* the answers of a server on this very box bear no mark of ours, so both ways stay out of it */
	PLAN_RULE(table, chain, server, { .kind = OP_TO_LO }, { .kind = OP_ACCEPT });
	if (table->is_followed)
		PLAN_RULE(table, chain, server, zone, PLAN_MARK_SET(m, MARK_SEEN),
			  { .kind = OP_ACCEPT });
	else
		PLAN_RULE(table, chain, server, zone, { .kind = OP_ACCEPT });
	PLAN_RULE(table, chain, PLAN_MARK(m, MARK_INJECT), { .kind = OP_NOTRACK },
		  { .kind = OP_ACCEPT });
	PLAN_RULE(table, chain, PLAN_MARK(m, MARK_INJECT_CLIENT), { .kind = OP_NOTRACK },
		  { .kind = OP_ACCEPT });
	/* these come back by the connection's mark, which needs tracking, whoever would rather not */
	PLAN_RULE(table, chain, PLAN_MARK(m, MARK_HOST), { .kind = OP_CT_ZONE_SET, .value = 0 });
}

/* --- to the listeners --- */

static bool share_a_port(const struct divert *a, const struct divert *b)
{
	for (size_t i = 0; i < a->udp.count; i++)
		for (size_t k = 0; k < b->udp.count; k++)
			if (a->udp.at[i].first <= b->udp.at[k].last &&
			    b->udp.at[k].first <= a->udp.at[i].last)
				return true;
	return false;
}

static bool has_ports_alone(const struct plan_source *source, size_t divert)
{
	const struct config *config = source->config;

	for (size_t i = 0; i < config->divert_count; i++)
		if (i != divert && is_diverted(source, i) &&
		    share_a_port(&config->diverts[i], &config->diverts[divert]))
			return false;
	return true;
}

/* What leads running flows to their listener: where ports tell which one that is, nothing else is asked. */
static struct divert of_running(const struct plan_source *source, size_t divert)
{
	struct divert d = source->config->diverts[divert];

	if (!has_ports_alone(source, divert))
		return d;
	d.to_kind = TO_ANY;
	d.interface.count = 0;
	d.from.count = 0;
	d.from_not.count = 0;
	return d;
}

static void take(struct plan_table *table, const struct plan_source *source)
{
	const struct marks *m = &source->config->shunt.mark;
	struct plan_chain *chain = plan_chain(table, "udp_take");

	for (size_t i = 0; i < source->config->divert_count; i++) {
		const struct divert d = of_running(source, i);

		for (size_t f = 0; is_diverted(source, i) && f < sizeof family_table; f++) {
			const uint8_t family = family_table[f];
			const struct plan_op end[] = { { .kind = OP_TPROXY,
							 .value = family,
							 .mask = listener(source, i, family) },
						       PLAN_MARK_SET(m, MARK_DIVERT),
						       { .kind = OP_ACCEPT } };

			plan_match_udp_sets(table, &d);
			if (listener(source, i, family))
				plan_match_udp_rules(table, chain, &d, family, end,
						     sizeof end / sizeof *end);
		}
	}
	/* what has no listener any more has a socket of its own in its carrier */
	PLAN_RULE(table, chain,
		  { .kind = OP_SOCKET_MARK, .mask = m->mask, .value = marks_of(m, MARK_RELAY) },
		  PLAN_MARK_SET(m, MARK_DIVERT), { .kind = OP_ACCEPT });
}

/* Where to go with the flows that are ours. Their mark may have another role than we gave it, where
 * somebody keeps whole marks of packets in conntrack. how: OP_GOTO or OP_JUMP. */
static void running(struct plan_table *table, struct plan_chain *chain, const struct marks *m,
		    enum plan_op_kind how)
{
	/* to a server on this very box, which may be where the client sent to */
	PLAN_RULE(table, chain, UDP_CT_MARK(m, MARK_HOST), { .kind = OP_RETURN });
	PLAN_RULE(table, chain, UDP_CT_OURS(m),
		  { .kind = OP_CT_DIRECTION, .value = IP_CT_DIR_ORIGINAL },
		  PLAN_TO(how, "udp_take"));
	PLAN_RULE(table, chain, UDP_CT_MARK(m, MARK_REPLY),
		  { .kind = OP_CT_DIRECTION, .value = IP_CT_DIR_REPLY }, PLAN_TO(how, "udp_take"));
}

void plan_udp_legs(struct plan_table *table, const struct plan_source *source)
{
	const struct marks *m = &source->config->shunt.mark;

	raw_in(table, m);
	raw_out(table, m);
	take(table, source);
}

void plan_udp_nat(struct plan_table *table, struct plan_chain *chain, const struct marks *m,
		  enum mark_role role, const char *keep)
{
	/* what enters is known by the connection's mark, what leaves by the packet's own */
	if (role == MARK_HELD)
		PLAN_RULE(table, chain, UDP_CT_MARK(m, role), PLAN_TO(OP_GOTO, keep));
	else
		PLAN_RULE(table, chain, PLAN_MARK(m, role), PLAN_TO(OP_GOTO, keep));
}

void plan_udp_answer(struct plan_table *table, struct plan_chain *chain, const struct marks *m)
{
	PLAN_RULE(table, chain, PLAN_MARK(m, MARK_REPLY), { .kind = OP_UDP },
		  { .kind = OP_CT_FIRST }, UDP_CT_MARK_SET(m, MARK_REPLY));
}

/* --- new flows --- */

/* Return unless a datagram may be for a divert at all, by both its addresses. */
static void sane(struct plan_table *table, struct plan_chain *chain)
{
	/* nobody answers for these, and each of them is many */
	static const uint32_t types[] = { RTN_UNSPEC, RTN_BROADCAST, RTN_ANYCAST, RTN_MULTICAST };
	struct plan_set *set =
		plan_set(table, PLAN_ROUTE_TYPES, "no_targets", sizeof types / sizeof *types);

	for (size_t i = 0; i < sizeof types / sizeof *types; i++)
		plan_set_add(set, &types[i], sizeof *types);
	plan_set_finish(set);
	plan_match_sane(table, chain);
	PLAN_RULE(table, chain, { .kind = OP_TARGET_TYPE_IN, .name = "no_targets" },
		  { .kind = OP_RETURN });
}

static void sets(struct plan_table *table, const struct plan_source *source)
{
	plan_match_all_udp_ports(table, source->config);
	if (!source->options->has_ct_timeout)
		return;
	plan_object_udp(table, "strangers4", NFPROTO_IPV4);
	plan_object_udp(table, "strangers6", NFPROTO_IPV6);
}

/* The mark comes behind tproxy: where nobody listens the rule ends before it, and the flow is not ours. */
static void first_of(struct plan_table *table, struct plan_chain *chain,
		     const struct plan_source *source, size_t divert, uint8_t family)
{
	const struct marks *m = &source->config->shunt.mark;
	const struct plan_op end[] = {
		{ .kind = OP_TPROXY, .value = family, .mask = listener(source, divert, family) },
		UDP_CT_MARK_SET(m, MARK_HELD),
		PLAN_MARK_SET(m, MARK_DIVERT),
		{ .kind = OP_CT_TIMEOUT,
		  .name = family == NFPROTO_IPV4 ? "strangers4" : "strangers6" },
		{ .kind = OP_ACCEPT },
	};
	struct plan_op without[] = { end[0], end[1], end[2], end[4] };

	if (!listener(source, divert, family))
		return;
	if (source->options->has_ct_timeout)
		plan_match_udp_rules(table, chain, &source->config->diverts[divert], family, end,
				     sizeof end / sizeof *end);
	else
		plan_match_udp_rules(table, chain, &source->config->diverts[divert], family,
				     without, sizeof without / sizeof *without);
}

static void first(struct plan_table *table, const struct plan_source *source)
{
	const struct marks *m = &source->config->shunt.mark;
	struct plan_chain *chain = plan_chain(table, "udp_first");

	PLAN_RULE(table, chain, { .kind = OP_UDP_PORT_IN, .is_not = true, .name = "uports" },
		  { .kind = OP_RETURN });
	PLAN_RULE(table, chain, { .kind = OP_FAMILY_IN, .is_not = true, .name = "alive" },
		  { .kind = OP_RETURN });
	/* what this box itself sent, and got back with its mark, would go round and round */
	PLAN_RULE(table, chain, { .kind = OP_MARK, .mask = marks_base_mask(m), .value = m->base },
		  { .kind = OP_COUNTER, .name = "loop" }, { .kind = OP_RETURN });
	sane(table, chain);
	plan_links(table, chain, source->options);
	for (size_t i = 0; i < source->config->divert_count; i++) {
		if (!is_diverted(source, i))
			continue;
		plan_match_udp_sets(table, &source->config->diverts[i]);
		first_of(table, chain, source, i, NFPROTO_IPV4);
		first_of(table, chain, source, i, NFPROTO_IPV6);
	}
}

void plan_udp_owned(struct plan_table *table, const struct plan_source *source)
{
	const struct marks *m = &source->config->shunt.mark;
	struct plan_chain *chain = plan_chain(table, "datagram");

	sets(table, source);
	PLAN_RULE(table, chain, PLAN_HANDED(m), { .kind = OP_RETURN });
	running(table, chain, m, OP_GOTO);
	PLAN_RULE(table, chain, { .kind = OP_CT_FIRST }, PLAN_TO(OP_GOTO, "udp_first"));
	first(table, source);
}

/* --- when nobody takes them --- */

static bool is_closed(const struct plan_source *source, size_t divert)
{
	return source->config->diverts[divert].is_fail_closed && is_diverted(source, divert);
}

bool plan_udp_has_closed(const struct plan_source *source)
{
	for (size_t i = 0; i < source->config->divert_count; i++)
		if (is_closed(source, i))
			return true;
	return false;
}

/* An open divert counts here only where it takes something before a closed one could. */
static bool hides_closed(const struct plan_source *source, size_t divert)
{
	const struct config *config = source->config;

	for (size_t i = divert + 1; is_diverted(source, divert) && i < config->divert_count; i++)
		if (is_closed(source, i) &&
		    share_a_port(&config->diverts[divert], &config->diverts[i]))
			return true;
	return false;
}

static void closed(struct plan_table *table, const struct plan_source *source)
{
	static const struct plan_op refuse[] = { { .kind = OP_COUNTER, .name = "refused" },
						 { .kind = OP_REJECT_PORT } };
	static const struct plan_op leave[] = { { .kind = OP_RETURN } };
	struct plan_chain *chain = plan_chain(table, "udp_closed");

	sane(table, chain);
	for (size_t i = 0; i < source->config->divert_count; i++) {
		const struct divert *d = &source->config->diverts[i];

		if (!is_closed(source, i) && !hides_closed(source, i))
			continue;
		plan_match_udp_sets(table, d);
		if (is_closed(source, i))
			plan_match_udp_rules(table, chain, d, 0, refuse, 2);
		else
			plan_match_udp_rules(table, chain, d, 0, leave, 1);
	}
}

void plan_udp_lasting(struct plan_table *table, const struct plan_source *source)
{
	const struct marks *m = &source->config->shunt.mark;
	struct plan_chain *chain = plan_chain(table, "datagram");

	PLAN_RULE(table, chain, PLAN_HANDED(m), { .kind = OP_ACCEPT });
	if (!source->options->has_persist)
		running(table, chain, m, OP_JUMP);
	if (!plan_udp_has_closed(source))
		return;
	PLAN_RULE(table, chain, { .kind = OP_CT_FIRST }, PLAN_TO(OP_GOTO, "udp_closed"));
	/* one of ours whose listener is gone */
	PLAN_RULE(table, chain, UDP_CT_OURS(m),
		  { .kind = OP_CT_DIRECTION, .value = IP_CT_DIR_ORIGINAL },
		  PLAN_TO(OP_GOTO, "udp_closed"));
	closed(table, source);
}
