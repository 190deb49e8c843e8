/*
 * Flows that were handed over, in the table `shunt`.
 *
 * No socket of ours owns them any more, so a SYN with the addresses and ports
 * of one, spoofed or late from the network, would be taken by a listener; and
 * what that one sends next would end the flow. So they are remembered: by the
 * first segment that we make for the client, and by the keeper (nft/flows.h).
 * Such a SYN is its receiver's to answer (RFC 5961 4), as with any other NAT. They
 * are forgotten as they end, so that a client can begin anew from the same port:
 * by what the server sends at the end, or by the keeper.
 *
 * Those that we have ended are remembered for some seconds as well, both ways: keeper_handed_cut.h.
 *
 * Where servers have no timestamps (RFC 7323), clients of such flows must not begin with them: the first of
 * those tell, by a SYN that never leaves the box, and the kernel keeps their address and port for a while.
 *
 * And their entries tell whether packets of theirs leave the box, which others'
 * rules may not allow: the first one each way leaves its mark.
 */
#include <netinet/in.h>

#include <linux/netfilter.h>
#include <linux/netfilter/nf_conntrack_tuple_common.h>

#include "nft/plan_udp.h"

enum set_of {
	OF_HANDED,
	OF_CUT,
	OF_BARE, /* places whose servers have no timestamps */
	SETS,
};

static const struct family {
	uint8_t number;
	struct {
		enum plan_set_kind kind;
		const char *name;
	} sets[SETS];
} family_table[] = {
	{ NFPROTO_IPV4,
	  { { PLAN_FLOWS4, PLAN_HANDED_SETS "4" },
	    { PLAN_FLOWS4, PLAN_CUT_SETS "4" },
	    { PLAN_PLACES4, "bare4" } } },
	{ NFPROTO_IPV6,
	  { { PLAN_FLOWS6, PLAN_HANDED_SETS "6" },
	    { PLAN_FLOWS6, PLAN_CUT_SETS "6" },
	    { PLAN_PLACES6, "bare6" } } },
};

enum {
	MOST_OPS = 5,  /* of one rule for each family */
	AT_LAST = 299, /* of all who might drop it */
	FLAGS_OF_END = 0x05,
	FAMILIES = sizeof family_table / sizeof *family_table,
};

bool plan_hands_over(const struct plan_source *source)
{
	size_t i;

	for (i = 0; source->options->has_strip && i < source->config->divert_count; i++)
		if (source->config->diverts[i].handoff)
			return true;
	return false;
}

static bool is_of_set(enum plan_op_kind kind)
{
	return kind == OP_FLOW_IN || kind == OP_FLOW_ADD || kind == OP_FLOW_DELETE ||
	       kind == OP_FLOW_FORGET || kind == OP_PLACE_IN || kind == OP_PLACE_ADD;
}

/* One rule for each family: ops that want a set get that family's. */
static void each_family(struct plan_table *table, struct plan_chain *chain, enum set_of which,
			const struct plan_op *ops, size_t count)
{
	for (size_t i = 0; i < FAMILIES; i++) {
		const struct family *family = &family_table[i];
		struct plan_op rule[MOST_OPS] = { { .kind = OP_FAMILY, .value = family->number } };

		for (size_t k = 0; k < count; k++) {
			rule[k + 1] = ops[k];
			if (!is_of_set(ops[k].kind))
				continue;
			rule[k + 1].value = family->number;
			rule[k + 1].name = family->sets[which].name;
		}
		plan_rule(table, chain, rule, count + 1);
	}
}

#define EACH_FAMILY(table, chain, which, ...)                                                      \
	do {                                                                                       \
		const struct plan_op ops_[] = { __VA_ARGS__ };                                     \
                                                                                                   \
		_Static_assert(sizeof ops_ / sizeof *ops_ < MOST_OPS, "room for OP_FAMILY");       \
		each_family(table, chain, which, ops_, sizeof ops_ / sizeof *ops_);                \
	} while (0)

void plan_handed_leave(struct plan_table *table, struct plan_chain *chain)
{
	EACH_FAMILY(table, chain, OF_HANDED, { .kind = OP_FLOW_IN }, { .kind = OP_ACCEPT });
}

void plan_handed_strip(struct plan_table *table, struct plan_chain *chain)
{
	EACH_FAMILY(table, chain, OF_BARE, { .kind = OP_PLACE_IN }, { .kind = OP_STRIP_TIMESTAMP });
}

static void learn(struct plan_table *table)
{
	struct plan_chain *chain = plan_chain(table, "learn");

	EACH_FAMILY(table, chain, OF_BARE, { .kind = OP_PLACE_ADD });
	PLAN_RULE(table, chain, { .kind = OP_DROP });
}

static void remember(struct plan_table *table)
{
	EACH_FAMILY(table, plan_chain(table, "remember"), OF_HANDED, { .kind = OP_FLOW_ADD });
}

/* A SYN outside our zones that conntrack takes for a new connection: a flow remembered between these
 * two is over, which the keeper did not know yet. It is taken when it comes again. */
static void former(struct plan_table *table)
{
	EACH_FAMILY(table, plan_chain(table, "former"), OF_HANDED, { .kind = OP_FLOW_IN },
		    { .kind = OP_FLOW_DELETE }, { .kind = OP_COUNTER, .name = "former" },
		    { .kind = OP_DROP });
}

/* Whoever goes on with a flow that we ended learns it. */
void plan_handed_cut(struct plan_table *table, struct plan_chain *chain)
{
	EACH_FAMILY(table, chain, OF_CUT, { .kind = OP_FLOW_IN }, { .kind = OP_REJECT });
}

static void forget(struct plan_table *table)
{
	EACH_FAMILY(table, plan_chain(table, "forget"), OF_HANDED, { .kind = OP_FLOW_FORGET });
}

/* What a server ends is over soon. What a client seems to end may be spoofed. */
static void over(struct plan_table *table)
{
	struct plan_chain *chain = plan_chain(table, "over");

	forget(table);
	PLAN_RULE(table, chain, { .kind = OP_CT_DIRECTION, .value = IP_CT_DIR_REPLY },
		  PLAN_TO(OP_GOTO, "forget"));
}

/* Datagrams in which a server tells how a flow is found again. */
static void told(struct plan_table *table, struct plan_chain *passed,
		 const struct plan_source *source)
{
	if (!plan_has_udp(source) || !source->options->errors_group)
		return;
	plan_udp_told(table, source->options->errors_group);
	PLAN_RULE(table, passed, { .kind = OP_UDP },
		  { .kind = OP_CT_DIRECTION, .value = IP_CT_DIR_REPLY }, PLAN_TO(OP_JUMP, "told"));
}

static void passed(struct plan_table *table, const struct plan_source *source)
{
	const struct marks *m = &source->config->shunt.mark;
	const uint32_t bits[] = { [IP_CT_DIR_ORIGINAL] = marks_passed(m, MARK_PASSED_CLIENT),
				  [IP_CT_DIR_REPLY] = marks_passed(m, MARK_PASSED_SERVER) };
	struct plan_chain *chain = plan_chain(table, "passed");
	uint32_t way;

	over(table);
	PLAN_RULE(table, chain,
		  { .kind = OP_TCP_FLAGS, .is_not = true, .mask = FLAGS_OF_END, .value = 0 },
		  PLAN_TO(OP_JUMP, "over"));
	told(table, chain, source);
	PLAN_RULE(table, chain,
		  { .kind = OP_CT_MARK,
		    .mask = marks_passed(m, MARK_PASSED),
		    .value = marks_passed(m, MARK_PASSED) },
		  { .kind = OP_ACCEPT });
	for (way = IP_CT_DIR_ORIGINAL; way <= IP_CT_DIR_REPLY; way++)
		PLAN_RULE(table, chain, { .kind = OP_CT_DIRECTION, .value = way },
			  { .kind = OP_CT_MARK_SET, .mask = bits[way], .value = bits[way] });
	chain = plan_hook(table, "leaving", "filter", NF_INET_POST_ROUTING, AT_LAST);
	/* nearly every packet of such a connection */
	PLAN_RULE(table, chain,
		  { .kind = OP_CT_MARK,
		    .mask = m->mask,
		    .value = marks_of(m, MARK_HANDED) | marks_passed(m, MARK_PASSED) },
		  { .kind = OP_TCP_FLAGS, .mask = FLAGS_OF_END, .value = 0 },
		  { .kind = OP_ACCEPT });
	PLAN_RULE(table, chain, PLAN_HANDED(m), PLAN_TO(OP_GOTO, "passed"));
}

static void live_sets(struct plan_table *table, const struct family *family)
{
	for (size_t i = 0; i < SETS; i++) {
		struct plan_set *set =
			plan_set(table, family->sets[i].kind, family->sets[i].name, 0);

		if (set)
			set->is_live = true;
	}
}

void plan_handed(struct plan_table *table, const struct plan_source *source)
{
	for (size_t i = 0; i < FAMILIES; i++)
		live_sets(table, &family_table[i]);
	plan_object(table, "former", 0);
	remember(table);
	learn(table);
	former(table);
	passed(table, source);
}
