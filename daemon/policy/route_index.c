/*
 * Which route wins. Routes are kept by what they ask of the name, in each place
 * with the best rank first, so that a flow looks at few of them.
 */
#include "policy/route_index.h"

#include <errno.h>
#include <stdlib.h>

#include "policy/name_table.h"
#include "policy/route.h"
#include "policy/route_cover.h"
#include "wire/wire.h"

/* What is asked for each divert, worked out once. */
struct divert_index {
	struct proto_set protocols;
	struct proto_set named; /* of routes that ask for what may be told late */
	int unconditional;      /* the only route for streams, when nothing stops it; or -1 */
	int unconditional_udp;
};

struct route_index {
	const struct config *config;
	struct name_table names;
	uint16_t *none; /* routes with server_name = none, the best rank first */
	size_t none_count;
	uint16_t *regex; /* routes with regexes, in the order of the file */
	size_t regex_count;
	struct regex_room *room; /* NULL: there is none */
	uint16_t *nameless;      /* routes without server_name, likewise */
	size_t nameless_count;
	struct divert_index diverts[CONFIG_MOST_DIVERTS];
};

struct ranked {
	struct route_rank rank;
	unsigned route;
};

static int compare_ranked(const void *a, const void *b)
{
	const struct ranked *x = a;
	const struct ranked *y = b;
	int better = route_rank_compare(&x->rank, &y->rank);

	if (better)
		return better > 0 ? -1 : 1;
	return x->route < y->route ? -1 : 1; /* then the order in the file */
}

/* All routes, the best rank first. NULL without memory. */
static struct ranked *rank_routes(const struct config *config)
{
	struct ranked *ranked = calloc(config->route_count + 1, sizeof *ranked);

	if (!ranked)
		return NULL;
	for (size_t i = 0; i < config->route_count; i++) {
		ranked[i].rank = route_rank_fixed(&config->routes[i]);
		ranked[i].route = (unsigned)i;
	}
	if (config->route_count)
		qsort(ranked, config->route_count, sizeof *ranked, compare_ranked);
	return ranked;
}

static size_t count_names(const struct config *config)
{
	size_t count = 0;

	for (size_t i = 0; i < config->route_count; i++)
		count += config->routes[i].server_name.count;
	return count;
}

static void add_routes(struct route_index *index, const struct ranked *ranked)
{
	const struct config *config = index->config;

	for (size_t i = 0; i < config->route_count; i++) {
		const struct route *route = &config->routes[ranked[i].route];

		if (route->wants_no_name)
			index->none[index->none_count++] = (uint16_t)ranked[i].route;
		if (!route_has_name(route))
			index->nameless[index->nameless_count++] = (uint16_t)ranked[i].route;
	}
	/* the worst first: the table gives what was added last */
	for (size_t i = config->route_count; i > 0; i--) {
		const struct text_list *names = &config->routes[ranked[i - 1].route].server_name;

		for (size_t j = 0; j < names->count; j++)
			(void)name_table_add(&index->names, names->at[j], ranked[i - 1].route);
	}
}

static void add_regexes(struct route_index *index)
{
	for (size_t i = 0; i < index->config->route_count; i++) {
		if (index->config->routes[i].regex.count)
			index->regex[index->regex_count++] = (uint16_t)i;
	}
}

static bool is_unconditional(const struct route *route)
{
	struct route_rank fixed = route_rank_fixed(route);

	return !fixed.is_protocol_named && fixed.further_keys == 0 && !route_has_name(route);
}

/* The only route that the divert's flows of a transport may fit, when it takes them all; or -1. */
static int only_route(const struct config *config, size_t divert, unsigned transport)
{
	const struct divert *d = &config->diverts[divert];
	int only = -1;

	if ((transport == WIRE_UDP ? d->udp.count : d->tcp.count) == 0)
		return -1;
	for (size_t i = 0; i < config->route_count; i++) {
		const struct route *route = &config->routes[i];

		if (!(route->diverts >> divert & 1) || !route_reaches_transport(route, transport))
			continue;
		if (only >= 0 || !is_unconditional(route))
			return -1;
		only = (int)i;
	}
	return only;
}

static void sum_up_divert(struct route_index *index, size_t divert)
{
	struct divert_index *d = &index->diverts[divert];

	d->unconditional = only_route(index->config, divert, WIRE_TCP);
	d->unconditional_udp = only_route(index->config, divert, WIRE_UDP);
	for (size_t i = 0; i < index->config->route_count; i++) {
		const struct route *route = &index->config->routes[i];
		struct proto_set set = route_recognisers(route);

		if (!(route->diverts >> divert & 1))
			continue;
		for (size_t w = 0; w < CONFIG_PROTO_WORDS; w++)
			d->protocols.words[w] |= set.words[w];
		set = route_awaits(route);
		for (size_t w = 0; w < CONFIG_PROTO_WORDS; w++)
			d->named.words[w] |= set.words[w];
	}
}

static bool has_regex_probe(const struct config *config)
{
	for (size_t i = 0; i < config->probe_count; i++) {
		if (config->probes[i].regex)
			return true;
	}
	return false;
}

int route_index_new(struct route_index **out, const struct config *config)
{
	struct route_index *index = calloc(1, sizeof *index);
	struct ranked *ranked = rank_routes(config);

	if (!index || !ranked)
		goto out;
	index->config = config;
	index->none = calloc(config->route_count + 1, sizeof *index->none);
	index->nameless = calloc(config->route_count + 1, sizeof *index->nameless);
	index->regex = calloc(config->route_count + 1, sizeof *index->regex);
	if (!index->none || !index->nameless || !index->regex ||
	    name_table_init(&index->names, count_names(config)) != 0)
		goto out;
	add_routes(index, ranked);
	add_regexes(index);
	if ((index->regex_count || has_regex_probe(config)) && regex_room_new(&index->room) != 0)
		goto out;
	for (size_t i = 0; i < config->divert_count; i++)
		sum_up_divert(index, i);
	free(ranked);
	*out = index;
	return 0;
out:
	free(ranked);
	route_index_free(index);
	return -ENOMEM;
}

void route_index_free(struct route_index *index)
{
	if (!index)
		return;
	name_table_done(&index->names);
	regex_room_free(index->room);
	free(index->regex);
	free(index->none);
	free(index->nameless);
	free(index);
}

static bool is_open(const struct route_query *query, unsigned route)
{
	return !query->open || (query->open[route / 64] >> route % 64 & 1);
}

/* The best so far of routes that come with the best fixed rank first. */
struct best {
	const struct config *config;
	const struct route_query *query;
	struct route_rank rank;
	int route; /* -1: none yet */
};

/* Looks at the next one. False when no later one can win any more. */
static bool consider(struct best *best, unsigned route)
{
	struct route_rank fixed = route_rank_fixed(&best->config->routes[route]);
	struct route_rank rank;

	if (best->route >= 0 && (fixed.is_protocol_named != best->rank.is_protocol_named ||
				 fixed.further_keys != best->rank.further_keys))
		return false;
	if (is_open(best->query, route) &&
	    route_fits(&best->config->routes[route], best->query, &rank) &&
	    (best->route < 0 || route_rank_compare(&rank, &best->rank) > 0)) {
		best->rank = rank;
		best->route = (int)route;
	}
	return true;
}

static int best_listed(struct best best, const uint16_t *routes, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		if (!consider(&best, routes[i]))
			break;
	}
	return best.route;
}

static int best_of_name(struct best best, const struct name_table *t, const struct name_entry *e)
{
	for (; e; e = name_table_next(t, e)) {
		if (!consider(&best, e->route))
			break;
	}
	return best.route;
}

static int best_wild(struct best best, const struct name_table *t)
{
	const struct name_entry *e;
	struct name_walk walk;
	int route = -1;

	name_walk_begin(&walk, t, best.query->name);
	while (route < 0 && (e = name_walk_next(&walk)) != NULL)
		route = best_of_name(best, t, e);
	return route;
}

static bool fits_regex(const struct route_index *index, const struct route_query *query,
		       const struct regex_list *list)
{
	for (size_t i = 0; i < list->count; i++) {
		switch (regex_match(list->at[i], index->room, query->name)) {
		case REGEX_YES:
			return true;
		case REGEX_CUT:
			if (query->cut)
				++*query->cut;
			break;
		case REGEX_NO:
		case REGEX_MORE: /* never of a whole name */
			break;
		}
	}
	return false;
}

/* Of regexes the first in the file is the best: its other keys only have to fit. */
static int first_regex(const struct route_index *index, const struct route_query *query)
{
	struct route_rank rank;

	for (size_t i = 0; i < index->regex_count; i++) {
		const struct route *route = &index->config->routes[index->regex[i]];

		if (is_open(query, index->regex[i]) && route_fits(route, query, &rank) &&
		    fits_regex(index, query, &route->regex))
			return index->regex[i];
	}
	return -1;
}

int route_index_find(const struct route_index *index, const struct route_query *query)
{
	const struct best none_yet = { index->config, query, { 0 }, -1 };
	int route;

	if (query->name.size == 0) {
		route = best_listed(none_yet, index->none, index->none_count);
	} else {
		route = best_of_name(none_yet, &index->names,
				     name_table_find(&index->names, query->name));
		if (route < 0)
			route = best_wild(none_yet, &index->names);
		if (route < 0)
			route = first_regex(index, query);
	}
	if (route < 0)
		route = best_listed(none_yet, index->nameless, index->nameless_count);
	return route;
}

struct regex_room *route_index_room(const struct route_index *index)
{
	return index->room;
}

struct proto_set route_index_protocols(const struct route_index *index, unsigned divert)
{
	return index->diverts[divert].protocols;
}

struct proto_set route_index_named(const struct route_index *index, unsigned divert)
{
	return index->diverts[divert].named;
}

int route_index_unconditional(const struct route_index *index, unsigned divert, unsigned transport)
{
	const struct divert_index *d = &index->diverts[divert];

	return transport == WIRE_UDP ? d->unconditional_udp : d->unconditional;
}
