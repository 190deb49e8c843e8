/*
 * The table `shunt_base`, which outlives the daemon: refusal of what a closed divert serves while nobody
 * takes it. And connections of carriers that still live, where the kernel would take the owned table
 * away with the daemon (before Linux 6.9): those must go on whatever is flushed or killed, so both tables
 * have their rules, and all packets meet both.
 */
#include <netinet/in.h>

#include <linux/netfilter.h>
#include <linux/netfilter/nf_conntrack_common.h>

#include "nft/plan_udp.h"

enum {
	AT_RAW = -299,
	AT_MANGLE = -150, /* behind conntrack */
	AT_DIVERT = -148,
	STATE_KNOWN = NF_CT_STATE_BIT(IP_CT_ESTABLISHED) | NF_CT_STATE_BIT(IP_CT_RELATED),
};

static void raw(struct plan_table *table, const struct plan_source *source)
{
	const struct marks *m = &source->config->shunt.mark;
	struct plan_chain *chain = plan_hook(table, "raw", "filter", NF_INET_PRE_ROUTING, AT_RAW);

	/* all that the owned table has looked at already */
	PLAN_RULE(table, chain, PLAN_MARK(m, MARK_SEEN),
		  { .kind = OP_MARK_SET, .mask = m->mask, .value = 0 }, { .kind = OP_ACCEPT });
	PLAN_RULE(table, chain, PLAN_SYN, { .kind = OP_ACCEPT });
	plan_leg_sockets(table, chain, source);
}

/* What a server on this very box answers to a client's address comes back to our socket instead of
 * leaving to the client: the mark that routes it so comes from the connection. */
void plan_host(struct plan_table *table, const struct plan_source *source)
{
	const struct marks *m = &source->config->shunt.mark;
	struct plan_chain *chain = plan_hook(table, "host", "route", NF_INET_LOCAL_OUT, AT_MANGLE);

	PLAN_RULE(table, chain,
		  { .kind = OP_CT_MARK, .mask = m->mask, .value = marks_of(m, MARK_HOST) },
		  PLAN_MARK_SET(m, MARK_HOST), { .kind = OP_ACCEPT });
	PLAN_RULE(table, chain, PLAN_MARK(m, MARK_HOST),
		  { .kind = OP_CT_MARK_SET, .mask = m->mask, .value = marks_of(m, MARK_HOST) });
	if (plan_has_udp(source))
		plan_udp_answer(table, chain, m);
	/* conntrack has seen it: carry/handoff_show.h. Where others give packets the whole mark of their
	 * connection, errors that this box sends about such flows bear it too */
	PLAN_RULE(table, chain, PLAN_MARK(m, MARK_HANDED), { .kind = OP_TCP }, { .kind = OP_DROP });
}

static bool has_common_port(const struct divert *a, const struct divert *b)
{
	size_t i;
	size_t j;

	for (i = 0; i < a->tcp.count; i++)
		for (j = 0; j < b->tcp.count; j++)
			if (a->tcp.at[i].first <= b->tcp.at[j].last &&
			    b->tcp.at[j].first <= a->tcp.at[i].last)
				return true;
	return false;
}

static bool is_closed(const struct divert *d)
{
	return d->is_fail_closed && d->tcp.count > 0;
}

/* An open divert counts here only where it takes something before a closed one could. */
static bool hides_closed(const struct config *config, size_t divert)
{
	size_t i;

	for (i = divert + 1; i < config->divert_count; i++)
		if (is_closed(&config->diverts[i]) &&
		    has_common_port(&config->diverts[divert], &config->diverts[i]))
			return true;
	return false;
}

static void closed(struct plan_table *table, const struct config *config)
{
	static const struct plan_op refuse[] = { { .kind = OP_COUNTER, .name = "refused" },
						 { .kind = OP_REJECT } };
	static const struct plan_op leave[] = { { .kind = OP_RETURN } };
	struct plan_chain *chain = plan_chain(table, "closed");
	size_t i;

	plan_match_sane(table, chain);
	for (i = 0; i < config->divert_count; i++) {
		const struct divert *d = &config->diverts[i];

		if (!is_closed(d) && !hides_closed(config, i))
			continue;
		plan_match_sets(table, d);
		if (is_closed(d))
			plan_match_rules(table, chain, d, 0, refuse, 2);
		else
			plan_match_rules(table, chain, d, 0, leave, 1);
	}
}

static bool has_closed(const struct config *config)
{
	size_t i;

	for (i = 0; i < config->divert_count; i++)
		if (is_closed(&config->diverts[i]))
			return true;
	return false;
}

/* Nearly every packet that is none of ours, first. Datagrams of ours are outside our zones as well. */
static void strangers(struct plan_table *table, struct plan_chain *chain,
		      const struct plan_source *source)
{
	const struct plan_op ops[] = { { .kind = OP_CT_ZONE, .value = 0 },
				       { .kind = OP_TCP },
				       { .kind = OP_CT_STATE, .value = STATE_KNOWN },
				       { .kind = OP_ACCEPT } };

	if (plan_has_udp(source))
		plan_rule(table, chain, ops, 4);
	else
		PLAN_RULE(table, chain, ops[0], ops[2], ops[3]);
}

static void divert(struct plan_table *table, const struct plan_source *source)
{
	const struct config *config = source->config;
	struct plan_chain *chain =
		plan_hook(table, "divert", "filter", NF_INET_PRE_ROUTING, AT_DIVERT);
	const struct marks *m = &config->shunt.mark;

	strangers(table, chain, source);
	PLAN_RULE(table, chain, PLAN_MARK(m, MARK_DIVERT), { .kind = OP_ACCEPT });
	if (!source->options->has_persist)
		plan_leg_packets(table, chain);
	if (has_closed(config) || plan_udp_has_closed(source)) {
		plan_match_no_clients(table);
		plan_object(table, "refused", 0);
	}
	if (plan_has_udp(source)) {
		PLAN_RULE(table, chain, { .kind = OP_UDP }, PLAN_TO(OP_GOTO, "datagram"));
		plan_udp_lasting(table, source);
	}
	PLAN_RULE(table, chain, { .kind = OP_CT_STATE, .value = STATE_KNOWN },
		  { .kind = OP_ACCEPT });
	if (has_closed(config)) {
		PLAN_RULE(table, chain, PLAN_HANDED(m), { .kind = OP_ACCEPT });
		/* no connection begins without a SYN; what runs already, and conntrack does not know,
		 * goes on */
		PLAN_RULE(table, chain, PLAN_SYN, PLAN_TO(OP_JUMP, "closed"));
		closed(table, config);
	}
	if (source->options->has_persist)
		return;
	/* one that nobody takes does not begin at a TIME_WAIT socket of ours */
	PLAN_RULE(table, chain, PLAN_SYN, { .kind = OP_ACCEPT });
	PLAN_RULE(table, chain, { .kind = OP_PROTOCOL_IN, .name = "protocols" },
		  { .kind = OP_SOCKET_TRANSPARENT }, PLAN_TO(OP_GOTO, "untracked"));
}

void plan_lasting(struct plan_table *table, const struct plan_source *source)
{
	plan_nat_on(table, &source->config->shunt.mark);
	if (source->options->has_persist) {
		/* connections of carriers that still live are the other one's, which stays for them */
		if (has_closed(source->config) || plan_udp_has_closed(source))
			divert(table, source);
		return;
	}
	plan_legs(table, source);
	plan_host(table, source);
	raw(table, source);
	divert(table, source);
}
