/* What a divert takes, as rules: ports, devices, destination, clients. */
#include "nft/plan_match.h"

#include <netinet/in.h>
#include <string.h>

#include <linux/netfilter.h>

enum {
	MOST_OPS = 16, /* of one rule here: conditions and end */
};

void plan_match_sane(struct plan_table *table, struct plan_chain *chain)
{
	PLAN_RULE(table, chain, { .kind = OP_FROM_LO }, { .kind = OP_RETURN });
	PLAN_RULE(table, chain, { .kind = OP_SOURCE_TYPE_IN, .name = "no_clients" },
		  { .kind = OP_RETURN });
}

/* The conditions of one rule as they gather. Names are borrowed from the text fields. */
struct draft {
	struct plan_op ops[MOST_OPS];
	size_t count;
	char ports[PLAN_NAME_BYTES];
	char to[PLAN_NAME_BYTES];
	char from[PLAN_NAME_BYTES];
	char besides[PLAN_NAME_BYTES];
	char devices[PLAN_NAME_BYTES];
};

static void draft_op(struct draft *draft, struct plan_op op)
{
	draft->ops[draft->count++] = op;
}

static void draft_ports(struct draft *draft, const struct divert *d, const struct plan_transport *t)
{
	const struct port_list *ports = plan_match_ports(d, t);
	struct plan_op op = { .kind = t->port };

	if (ports->count == 1) {
		op.value = ports->at[0].first;
		op.mask = ports->at[0].last;
	} else {
		plan_match_name(draft->ports, t->ports, d);
		op.kind = t->port_in;
		op.name = draft->ports;
	}
	draft_op(draft, op);
}

/* What the destination is. Addresses that are listed, and those of interfaces, are a rule each. */
enum target_way { WAY_OF_KIND, WAY_PREFIXES, WAY_HOSTS };

static void draft_target(struct draft *draft, const struct divert *d, uint8_t family,
			 enum target_way way)
{
	struct plan_op op = { .kind = OP_TARGET_LOCAL, .is_not = d->to_kind == TO_TRANSIT };
	bool is_v4 = family == NFPROTO_IPV4;

	if (d->to_kind == TO_ANY)
		return;
	if (way != WAY_OF_KIND) {
		if (way == WAY_HOSTS)
			plan_match_name(draft->to, is_v4 ? "at4" : "at6", d);
		else
			plan_match_name(draft->to, is_v4 ? "to4" : "to6", d);
		op = (struct plan_op){ .kind = OP_TARGET_IN, .value = family, .name = draft->to };
	}
	draft_op(draft, op);
}

static void draft_clients(struct draft *draft, const struct divert *d, uint8_t family)
{
	bool is_v4 = family == NFPROTO_IPV4;
	struct plan_op op = { .kind = OP_SOURCE_IN, .value = family };

	if (d->from.count > 0) {
		plan_match_name(draft->from, is_v4 ? "from4" : "from6", d);
		op.name = draft->from;
		draft_op(draft, op);
	}
	if (plan_match_count(&d->from_not, is_v4 ? AF_INET : AF_INET6) > 0) {
		plan_match_name(draft->besides, is_v4 ? "not4" : "not6", d);
		op.name = draft->besides;
		op.is_not = true;
		draft_op(draft, op);
	}
}

/* Can a packet of that family come from a client of this divert at all? */
static bool has_clients(const struct divert *d, uint8_t family)
{
	int af = family == NFPROTO_IPV4 ? AF_INET : AF_INET6;

	return d->from.count == 0 || plan_match_count(&d->from, af) > 0;
}

/* One rule per way of coming in: exact devices together, each pattern alone. */
static void rules_of_devices(struct plan_table *table, struct plan_chain *chain,
			     const struct divert *d, struct draft *draft)
{
	size_t exact = plan_match_devices(d);
	size_t i;

	plan_match_name(draft->devices, "devices", d);
	if (d->interface.count == 0)
		plan_rule(table, chain, draft->ops + 1, draft->count - 1);
	draft->ops[0] = (struct plan_op){ .kind = OP_DEVICE_IN, .name = draft->devices };
	if (exact > 1)
		plan_rule(table, chain, draft->ops, draft->count);
	for (i = 0; i < d->interface.count; i++) {
		draft->ops[0] = (struct plan_op){ .kind = OP_DEVICE, .name = d->interface.at[i] };
		if (exact == 1 || plan_match_is_pattern(d->interface.at[i]))
			plan_rule(table, chain, draft->ops, draft->count);
	}
}

/* Of which transport rules are, and how they end. */
struct rule_end {
	const struct plan_transport *transport;
	const struct plan_op *ops;
	size_t count;
};

static void rules_of_way(struct plan_table *table, struct plan_chain *chain, const struct divert *d,
			 uint8_t family, enum target_way way, struct rule_end end)
{
	struct draft draft = { .count = 1 }; /* the first is the device's */
	size_t i;

	if (family)
		draft_op(&draft, (struct plan_op){ .kind = OP_FAMILY, .value = family });
	draft_ports(&draft, d, end.transport);
	draft_target(&draft, d, family, way);
	draft_clients(&draft, d, family);
	for (i = 0; i < end.count; i++)
		draft_op(&draft, end.ops[i]);
	rules_of_devices(table, chain, d, &draft);
}

static void rules_of_family(struct plan_table *table, struct plan_chain *chain,
			    const struct divert *d, uint8_t family, struct rule_end end)
{
	int af = family == NFPROTO_IPV4 ? AF_INET : AF_INET6;

	if (!has_clients(d, family))
		return;
	if (d->to_kind != TO_PREFIXES)
		rules_of_way(table, chain, d, family, WAY_OF_KIND, end);
	else if (plan_match_count(&d->to, af) > 0)
		rules_of_way(table, chain, d, family, WAY_PREFIXES, end);
	if (d->to_kind == TO_PREFIXES && d->to_interface.count > 0)
		rules_of_way(table, chain, d, family, WAY_HOSTS, end);
}

static void match_rules(struct plan_table *table, struct plan_chain *chain, const struct divert *d,
			uint8_t family, struct rule_end end)
{
	if (plan_match_ports(d, end.transport)->count == 0)
		return;
	if (family) {
		rules_of_family(table, chain, d, family, end);
	} else if (d->from.count == 0 && d->from_not.count == 0 && d->to_kind != TO_PREFIXES) {
		rules_of_way(table, chain, d, 0, WAY_OF_KIND, end);
	} else {
		rules_of_family(table, chain, d, NFPROTO_IPV4, end);
		rules_of_family(table, chain, d, NFPROTO_IPV6, end);
	}
}

void plan_match_rules(struct plan_table *table, struct plan_chain *chain, const struct divert *d,
		      uint8_t family, const struct plan_op *end, size_t count)
{
	match_rules(table, chain, d, family, (struct rule_end){ &plan_tcp, end, count });
}

void plan_match_udp_rules(struct plan_table *table, struct plan_chain *chain,
			  const struct divert *d, uint8_t family, const struct plan_op *end,
			  size_t count)
{
	match_rules(table, chain, d, family, (struct rule_end){ &plan_udp, end, count });
}
