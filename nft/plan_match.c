/* What a divert takes, as sets and rules: ports, devices, destination, clients. */
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>

#include <linux/netfilter.h>
#include <linux/rtnetlink.h>

#include "nft/plan_build.h"

enum {
	MOST_OPS = 16, /* of one rule here: conditions and end */
};

static void set_name(char name[static PLAN_NAME_BYTES], const char *what, const struct divert *d)
{
	(void)snprintf(name, PLAN_NAME_BYTES, "%s_%s", what, d->name); /* a divert's name fits */
}

static void add_port_range(struct plan_set *set, const struct port_range *ports)
{
	struct plan_range *range;

	if (!set)
		return;
	range = &set->at[set->count++];
	range->first[0] = (uint8_t)(ports->first >> 8);
	range->first[1] = (uint8_t)ports->first;
	range->last[0] = (uint8_t)(ports->last >> 8);
	range->last[1] = (uint8_t)ports->last;
}

static void add_prefix(struct plan_set *set, const struct prefix *p)
{
	size_t size = p->family == AF_INET ? 4 : 16;
	struct plan_range *range;
	size_t at;

	if (!set)
		return;
	range = &set->at[set->count++];
	memcpy(range->first, p->bytes, size);
	memcpy(range->last, p->bytes, size);
	for (at = p->bits / 8; at < size; at++)
		range->last[at] |= (uint8_t)(at == p->bits / 8U ? 0xff >> p->bits % 8 : 0xff);
}

static size_t count_family(const struct prefix_list *list, int family)
{
	size_t count = 0;
	size_t i;

	for (i = 0; i < list->count; i++)
		if (list->at[i].family == family)
			count++;
	return count;
}

static bool has_set(const struct plan_table *table, const char *name)
{
	size_t i;

	for (i = 0; i < table->set_count; i++)
		if (!strcmp(table->sets[i].name, name))
			return true;
	return false;
}

/* The sets `what4` and `what6` of a list of prefixes, as far as they are not empty. */
static void prefix_sets(struct plan_table *table, const struct divert *d, const char *what,
			const struct prefix_list *list)
{
	static const int families[] = { AF_INET, AF_INET6 };
	char name[PLAN_NAME_BYTES];
	char word[8];
	size_t f;
	size_t i;

	for (f = 0; f < 2; f++) {
		size_t count = count_family(list, families[f]);
		struct plan_set *set;

		if (count == 0)
			continue;
		(void)snprintf(word, sizeof word, "%s%c", what, f ? '6' : '4');
		set_name(name, word, d);
		if (has_set(table, name))
			continue;
		set = plan_set(table, f ? PLAN_V6 : PLAN_V4, name, count);
		for (i = 0; i < list->count; i++)
			if (list->at[i].family == families[f])
				add_prefix(set, &list->at[i]);
		plan_set_finish(set);
	}
}

/* The sets of the addresses that interfaces have, to be filled by nft/hosts.c. */
static void host_sets(struct plan_table *table, const struct divert *d)
{
	char name[PLAN_NAME_BYTES];

	if (d->to_kind != TO_PREFIXES || d->to_interface.count == 0)
		return;
	set_name(name, "at4", d);
	if (has_set(table, name))
		return;
	plan_set(table, PLAN_HOSTS4, name, 0);
	set_name(name, "at6", d);
	plan_set(table, PLAN_HOSTS6, name, 0);
}

static bool is_pattern(const char *device)
{
	size_t len = strlen(device);

	return len > 0 && device[len - 1] == '*';
}

static size_t count_devices(const struct divert *d)
{
	size_t count = 0;
	size_t i;

	for (i = 0; i < d->interface.count; i++)
		if (!is_pattern(d->interface.at[i]))
			count++;
	return count;
}

static void device_set(struct plan_table *table, const struct divert *d)
{
	char name[PLAN_NAME_BYTES];
	struct plan_set *set;
	size_t i;

	if (count_devices(d) < 2)
		return;
	set_name(name, "devices", d);
	if (has_set(table, name))
		return;
	set = plan_set(table, PLAN_DEVICES, name, d->interface.count);
	for (i = 0; i < d->interface.count; i++) {
		char key[16] = "";

		if (is_pattern(d->interface.at[i]))
			continue;
		(void)snprintf(key, sizeof key, "%s", d->interface.at[i]); /* IFNAMSIZ */
		plan_set_add(set, key, sizeof key);
	}
	plan_set_finish(set);
}

static void port_set(struct plan_table *table, const struct divert *d)
{
	char name[PLAN_NAME_BYTES];
	struct plan_set *set;
	size_t i;

	set_name(name, "ports", d);
	if (d->tcp.count < 2 || has_set(table, name))
		return;
	set = plan_set(table, PLAN_PORTS, name, d->tcp.count);
	for (i = 0; i < d->tcp.count; i++)
		add_port_range(set, &d->tcp.at[i]);
	plan_set_finish(set);
}

void plan_match_sets(struct plan_table *table, const struct divert *d)
{
	port_set(table, d);
	device_set(table, d);
	if (d->to_kind == TO_PREFIXES)
		prefix_sets(table, d, "to", &d->to);
	host_sets(table, d);
	prefix_sets(table, d, "from", &d->from);
	prefix_sets(table, d, "not", &d->from_not);
}

void plan_match_all_ports(struct plan_table *table, const struct config *config)
{
	struct plan_set *set;
	size_t count = 0;
	size_t d;
	size_t i;

	for (d = 0; d < config->divert_count; d++)
		count += config->diverts[d].tcp.count;
	set = plan_set(table, PLAN_PORTS, "ports", count);
	for (d = 0; d < config->divert_count; d++)
		for (i = 0; i < config->diverts[d].tcp.count; i++)
			add_port_range(set, &config->diverts[d].tcp.at[i]);
	plan_set_finish(set);
}

void plan_match_no_clients(struct plan_table *table)
{
	static const uint32_t types[] = { RTN_UNSPEC, RTN_LOCAL, RTN_BROADCAST, RTN_ANYCAST,
					  RTN_MULTICAST };
	struct plan_set *set =
		plan_set(table, PLAN_ROUTE_TYPES, "no_clients", sizeof types / sizeof *types);
	size_t i;

	for (i = 0; i < sizeof types / sizeof *types; i++)
		plan_set_add(set, &types[i], sizeof *types);
	plan_set_finish(set);
}

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

static void draft_ports(struct draft *draft, const struct divert *d)
{
	struct plan_op op = { .kind = OP_PORT };

	if (d->tcp.count == 1) {
		op.value = d->tcp.at[0].first;
		op.mask = d->tcp.at[0].last;
	} else {
		set_name(draft->ports, "ports", d);
		op.kind = OP_PORT_IN;
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
			set_name(draft->to, is_v4 ? "at4" : "at6", d);
		else
			set_name(draft->to, is_v4 ? "to4" : "to6", d);
		op = (struct plan_op){ .kind = OP_TARGET_IN, .value = family, .name = draft->to };
	}
	draft_op(draft, op);
}

static void draft_clients(struct draft *draft, const struct divert *d, uint8_t family)
{
	bool is_v4 = family == NFPROTO_IPV4;
	struct plan_op op = { .kind = OP_SOURCE_IN, .value = family };

	if (d->from.count > 0) {
		set_name(draft->from, is_v4 ? "from4" : "from6", d);
		op.name = draft->from;
		draft_op(draft, op);
	}
	if (count_family(&d->from_not, is_v4 ? AF_INET : AF_INET6) > 0) {
		set_name(draft->besides, is_v4 ? "not4" : "not6", d);
		op.name = draft->besides;
		op.is_not = true;
		draft_op(draft, op);
	}
}

/* Can a SYN of that family come from a client of this divert at all? */
static bool has_clients(const struct divert *d, uint8_t family)
{
	int af = family == NFPROTO_IPV4 ? AF_INET : AF_INET6;

	return d->tcp.count > 0 && (d->from.count == 0 || count_family(&d->from, af) > 0);
}

/* One rule per way of coming in: exact devices together, each pattern alone. */
static void rules_of_devices(struct plan_table *table, struct plan_chain *chain,
			     const struct divert *d, struct draft *draft)
{
	size_t exact = count_devices(d);
	size_t i;

	set_name(draft->devices, "devices", d);
	if (d->interface.count == 0)
		plan_rule(table, chain, draft->ops + 1, draft->count - 1);
	draft->ops[0] = (struct plan_op){ .kind = OP_DEVICE_IN, .name = draft->devices };
	if (exact > 1)
		plan_rule(table, chain, draft->ops, draft->count);
	for (i = 0; i < d->interface.count; i++) {
		draft->ops[0] = (struct plan_op){ .kind = OP_DEVICE, .name = d->interface.at[i] };
		if (exact == 1 || is_pattern(d->interface.at[i]))
			plan_rule(table, chain, draft->ops, draft->count);
	}
}

/* How a rule ends. */
struct rule_end {
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
	draft_ports(&draft, d);
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
	else if (count_family(&d->to, af) > 0)
		rules_of_way(table, chain, d, family, WAY_PREFIXES, end);
	if (d->to_kind == TO_PREFIXES && d->to_interface.count > 0)
		rules_of_way(table, chain, d, family, WAY_HOSTS, end);
}

void plan_match_rules(struct plan_table *table, struct plan_chain *chain, const struct divert *d,
		      uint8_t family, const struct plan_op *end, size_t count)
{
	const struct rule_end ops = { end, count };

	if (family) {
		rules_of_family(table, chain, d, family, ops);
	} else if (d->from.count == 0 && d->from_not.count == 0 && d->to_kind != TO_PREFIXES) {
		if (d->tcp.count > 0)
			rules_of_way(table, chain, d, 0, WAY_OF_KIND, ops);
	} else {
		rules_of_family(table, chain, d, NFPROTO_IPV4, ops);
		rules_of_family(table, chain, d, NFPROTO_IPV6, ops);
	}
}
