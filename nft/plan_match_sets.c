/* The sets of what a divert takes. */
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>

#include <linux/rtnetlink.h>

#include "nft/plan_match.h"

void plan_match_name(char name[static PLAN_NAME_BYTES], const char *what, const struct divert *d)
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

void plan_set_add_prefix(struct plan_set *set, const struct prefix *p)
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

size_t plan_match_count(const struct prefix_list *list, int family)
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
		size_t count = plan_match_count(list, families[f]);
		struct plan_set *set;

		if (count == 0)
			continue;
		(void)snprintf(word, sizeof word, "%s%c", what, f ? '6' : '4');
		plan_match_name(name, word, d);
		if (has_set(table, name))
			continue;
		set = plan_set(table, f ? PLAN_V6 : PLAN_V4, name, count);
		for (i = 0; i < list->count; i++)
			if (list->at[i].family == families[f])
				plan_set_add_prefix(set, &list->at[i]);
		plan_set_finish(set);
	}
}

/* The sets of the addresses that interfaces have, to be filled by nft/hosts.c. */
static void host_sets(struct plan_table *table, const struct divert *d)
{
	char name[PLAN_NAME_BYTES];

	if (d->to_kind != TO_PREFIXES || d->to_interface.count == 0)
		return;
	plan_match_name(name, "at4", d);
	if (has_set(table, name))
		return;
	plan_set(table, PLAN_HOSTS4, name, 0);
	plan_match_name(name, "at6", d);
	plan_set(table, PLAN_HOSTS6, name, 0);
}

bool plan_match_is_pattern(const char *device)
{
	size_t len = strlen(device);

	return len > 0 && device[len - 1] == '*';
}

size_t plan_match_devices(const struct divert *d)
{
	size_t count = 0;
	size_t i;

	for (i = 0; i < d->interface.count; i++)
		if (!plan_match_is_pattern(d->interface.at[i]))
			count++;
	return count;
}

static void device_set(struct plan_table *table, const struct divert *d)
{
	char name[PLAN_NAME_BYTES];
	struct plan_set *set;
	size_t i;

	if (plan_match_devices(d) < 2)
		return;
	plan_match_name(name, "devices", d);
	if (has_set(table, name))
		return;
	set = plan_set(table, PLAN_DEVICES, name, d->interface.count);
	for (i = 0; i < d->interface.count; i++) {
		char key[16] = "";

		if (plan_match_is_pattern(d->interface.at[i]))
			continue;
		(void)snprintf(key, sizeof key, "%s", d->interface.at[i]); /* IFNAMSIZ */
		plan_set_add(set, key, sizeof key);
	}
	plan_set_finish(set);
}

const struct plan_transport plan_tcp = { "ports", OP_PORT, OP_PORT_IN, false };
const struct plan_transport plan_udp = { "uports", OP_UDP_PORT, OP_UDP_PORT_IN, true };

const struct port_list *plan_match_ports(const struct divert *d, const struct plan_transport *t)
{
	return t->is_udp ? &d->udp : &d->tcp;
}

static void port_set(struct plan_table *table, const struct divert *d,
		     const struct plan_transport *t)
{
	const struct port_list *ports = plan_match_ports(d, t);
	char name[PLAN_NAME_BYTES];
	struct plan_set *set;
	size_t i;

	plan_match_name(name, t->ports, d);
	if (ports->count < 2 || has_set(table, name))
		return;
	set = plan_set(table, PLAN_PORTS, name, ports->count);
	for (i = 0; i < ports->count; i++)
		add_port_range(set, &ports->at[i]);
	plan_set_finish(set);
}

static void other_sets(struct plan_table *table, const struct divert *d)
{
	device_set(table, d);
	if (d->to_kind == TO_PREFIXES)
		prefix_sets(table, d, "to", &d->to);
	host_sets(table, d);
	prefix_sets(table, d, "from", &d->from);
	prefix_sets(table, d, "not", &d->from_not);
}

void plan_match_sets(struct plan_table *table, const struct divert *d)
{
	port_set(table, d, &plan_tcp);
	other_sets(table, d);
}

void plan_match_udp_sets(struct plan_table *table, const struct divert *d)
{
	port_set(table, d, &plan_udp);
	other_sets(table, d);
}

static void all_ports(struct plan_table *table, const struct config *config,
		      const struct plan_transport *t)
{
	struct plan_set *set;
	size_t count = 0;
	size_t d;
	size_t i;

	for (d = 0; d < config->divert_count; d++)
		count += plan_match_ports(&config->diverts[d], t)->count;
	set = plan_set(table, PLAN_PORTS, t->ports, count);
	for (d = 0; d < config->divert_count; d++)
		for (i = 0; i < plan_match_ports(&config->diverts[d], t)->count; i++)
			add_port_range(set, &plan_match_ports(&config->diverts[d], t)->at[i]);
	plan_set_finish(set);
}

void plan_match_all_ports(struct plan_table *table, const struct config *config)
{
	all_ports(table, config, &plan_tcp);
}

void plan_match_all_udp_ports(struct plan_table *table, const struct config *config)
{
	all_ports(table, config, &plan_udp);
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
