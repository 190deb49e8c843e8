/* Faults that no single key shows, and the form the kernel's sets need. */
#include "policy/config_check.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "policy/route.h"
#include "wire/wire.h"

static int compare_ports(const void *a, const void *b)
{
	const struct port_range *x = a;
	const struct port_range *y = b;

	return x->first != y->first ? x->first - y->first : x->last - y->last;
}

/* Sorts, and joins what overlaps or touches. True when something was listed twice. */
static bool join_ports(struct port_list *list)
{
	bool is_twice = false;
	size_t kept = 0;

	if (list->count == 0)
		return false;
	qsort(list->at, list->count, sizeof *list->at, compare_ports);
	for (size_t i = 1; i < list->count; i++) {
		struct port_range *last = &list->at[kept];

		is_twice |= list->at[i].first <= last->last;
		if (list->at[i].first > last->last + 1)
			list->at[++kept] = list->at[i];
		else if (list->at[i].last > last->last)
			last->last = list->at[i].last;
	}
	list->count = kept + 1;
	return is_twice;
}

static int compare_prefixes(const void *a, const void *b)
{
	return prefix_compare(a, b);
}

/* Sorts, and drops what lies inside another. Returns how many are left. */
static size_t drop_covered(struct prefix_list *list)
{
	size_t kept = 0;

	if (list->count == 0)
		return 0;
	qsort(list->at, list->count, sizeof *list->at, compare_prefixes);
	for (size_t i = 1; i < list->count; i++) {
		if (!prefix_covers(&list->at[kept], &list->at[i]))
			list->at[++kept] = list->at[i];
	}
	return kept + 1;
}

static void settle_prefixes(struct prefix_list *list, const char *name, const char *key,
			    struct config_place at, struct config_notes *notes)
{
	size_t left = drop_covered(list);

	if (left < list->count)
		config_warn(notes, at, "[divert %s] %s: %zu of %zu items lie inside others", name,
			    key, list->count - left, list->count);
	list->count = left;
}

/* What the files hold, and then the key itself lists. 0 or -ENOMEM. */
static int join_prefixes(struct prefix_list *all, const struct prefix_list *own)
{
	for (size_t i = 0; i < own->count; i++) {
		struct prefix *at = list_room(all->at, all->count, sizeof *at);

		if (!at)
			return -ENOMEM;
		all->at = at;
		at[all->count++] = own->at[i];
	}
	all->count = drop_covered(all); /* lists that others keep may well overlap: no word of it */
	return 0;
}

/* `from` of a divert, of both kinds. 0 or -ENOMEM. */
static int check_from(struct divert *d, struct config_notes *notes)
{
	struct config_place at = { d->file, d->line };
	int err;

	settle_prefixes(&d->from_own, d->name, "from", at, notes);
	settle_prefixes(&d->from_own_not, d->name, "from", at, notes);
	err = join_prefixes(&d->from, &d->from_own);
	err = err ? err : join_prefixes(&d->from_not, &d->from_own_not);
	if (!err && notes->faults == 0 && d->from_file.count &&
	    d->from.count + d->from_not.count == 0)
		config_fault(
			notes, at,
			"[divert %s] has no prefix in its `from_file`: it would take everybody's "
			"connections (if so, write 0.0.0.0/0 and ::/0)",
			d->name);
	return err;
}

static int check_divert(struct divert *d, struct config_notes *notes)
{
	struct config_place at = { d->file, d->line };

	if (d->name[0] && d->tcp.count == 0 && d->udp.count == 0)
		config_fault(notes, at, "[divert %s] has neither `tcp` nor `udp`: give it ports",
			     d->name);
	if (join_ports(&d->tcp))
		config_warn(notes, at, "[divert %s] tcp: a port is listed twice", d->name);
	if (join_ports(&d->udp))
		config_warn(notes, at, "[divert %s] udp: a port is listed twice", d->name);
	settle_prefixes(&d->to, d->name, "to", at, notes);
	return check_from(d, notes);
}

/* A file that is empty today must not turn its route into one for every name. */
static void check_names(const struct route *r, struct config_notes *notes)
{
	if (r->server_name_file.count == 0 || route_has_name(r) || notes->faults)
		return;
	config_fault(notes, (struct config_place){ r->file, r->line },
		     "[route %s] has no name in its `server_name_file`: it would take every name "
		     "(if so, remove the key)",
		     r->name);
}

/* By what the flows of a route come. */
static unsigned transports_of(const struct config *config, const struct route *r)
{
	unsigned transports = 0;

	for (size_t i = 0; i < config->divert_count; i++) {
		const struct divert *d = &config->diverts[i];

		if (r->diverts >> i & 1)
			transports |=
				(d->tcp.count ? WIRE_TCP : 0u) | (d->udp.count ? WIRE_UDP : 0u);
	}
	return transports;
}

/* By what the probes of a route come. */
static void sort_probes(const struct config *config, struct route *r)
{
	for (size_t i = 0; i < config->probe_count && i < CONFIG_MOST_PROBES; i++) {
		uint32_t *by = config->probes[i].is_udp ? &r->probes_udp : &r->probes_tcp;

		if (proto_set_has(&r->protocols, WIRE_IDS + (unsigned)i))
			*by |= UINT32_C(1) << i;
	}
}

/* Each backend is within its own limit; the carriers count all servers in one row. */
static void check_servers(const struct config *config, struct config_notes *notes)
{
	const struct backend *first = NULL; /* of those that are too much */
	size_t count = 0;

	for (size_t i = 0; i < config->backend_count; i++) {
		count += config->backends[i].server_count;
		if (!first && count > CONFIG_MOST_SERVERS_IN_ALL)
			first = &config->backends[i];
	}
	if (first)
		config_fault(notes, (struct config_place){ first->file, first->line },
			     "[backend %s] goes beyond the %d servers of all backends together: "
			     "remove %zu of them, here or elsewhere",
			     first->name, CONFIG_MOST_SERVERS_IN_ALL,
			     count - CONFIG_MOST_SERVERS_IN_ALL);
}

int config_check(struct config *config, const char *file, struct config_notes *notes)
{
	struct config_place whole = { file, 1 }; /* editors go to a line */
	int err = 0;

	if (config->divert_count == 0 && notes->faults == 0)
		config_fault(notes, whole, "no [divert]: there is nothing to do");
	for (size_t i = 0; !err && i < config->divert_count; i++)
		err = check_divert(&config->diverts[i], notes);
	for (size_t i = 0; i < config->route_count; i++) {
		struct route *r = &config->routes[i];

		r->transports = transports_of(config, r);
		sort_probes(config, r);
		check_names(r, notes);
	}
	check_servers(config, notes);
	config_check_probes(config, notes);
	config_check_loops(config, notes);
	return err;
}
