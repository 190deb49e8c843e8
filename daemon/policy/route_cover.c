/* Which flows fit one route but not another. */
#include "policy/route_cover.h"

#include <string.h>

#include "policy/route.h"
#include "wire/wire.h"

unsigned route_demands(const struct route *route)
{
	unsigned demands = route_asks(route);

	return route->wants_no_name ? demands & ~(unsigned)WIRE_SAYS_NAME : demands;
}

/* The probes that it names and that come by any of these transports, one bit each. */
static uint32_t probes_by(const struct route *route, unsigned transports)
{
	return (transports & WIRE_TCP ? route->probes_tcp : 0u) |
	       (transports & WIRE_UDP ? route->probes_udp : 0u);
}

struct proto_set route_reaches(const struct route *route)
{
	unsigned demands = route_demands(route);
	bool is_any = proto_set_is_empty(&route->protocols);
	struct proto_set set = { { 0 } };

	for (unsigned id = 0; id < WIRE_IDS; id++) {
		const struct wire_proto *proto = wire_proto_at(id);

		if ((is_any || proto_set_has(&route->protocols, id)) &&
		    (wire_proto_transports(proto) & route->transports) &&
		    (proto->says & demands) == demands)
			proto_set_add(&set, id);
	}
	for (unsigned i = 0; !demands && i < CONFIG_MOST_PROBES; i++) { /* they carry nothing */
		if (probes_by(route, route->transports) >> i & 1)
			proto_set_add(&set, WIRE_IDS + i);
	}
	return set;
}

bool route_reaches_transport(const struct route *route, unsigned transport)
{
	struct proto_set set = route_reaches(route);

	if (proto_set_is_empty(&route->protocols) && !route_demands(route))
		return route->transports & transport;
	for (unsigned id = 0; id < WIRE_IDS; id++) {
		if (proto_set_has(&set, id) &&
		    (wire_proto_transports(wire_proto_at(id)) & route->transports & transport))
			return true;
	}
	return !route_demands(route) && probes_by(route, route->transports & transport);
}

/* Lists that are the same in the same order cost one pass: the likely place is looked at first. */
static bool has_text(const struct text_list *list, const char *text, size_t likely)
{
	if (likely < list->count && strcmp(list->at[likely], text) == 0)
		return true;
	for (size_t i = 0; i < list->count; i++) {
		if (strcmp(list->at[i], text) == 0)
			return true;
	}
	return false;
}

static bool has_texts(const struct text_list *all, const struct text_list *some)
{
	for (size_t i = 0; i < some->count; i++) {
		if (!has_text(all, some->at[i], i))
			return false;
	}
	return true;
}

/* As a key: a route without it takes all. */
static bool covers_texts(const struct text_list *all, const struct text_list *some)
{
	return all->count == 0 || (some->count > 0 && has_texts(all, some));
}

static bool has_key(const struct wireguard_keys *list, const struct wireguard_key *key)
{
	for (size_t i = 0; i < list->count; i++) {
		if (memcmp(list->at[i].public_key, key->public_key, sizeof key->public_key) == 0)
			return true;
	}
	return false;
}

static bool covers_keys(const struct wireguard_keys *all, const struct wireguard_keys *some)
{
	for (size_t i = 0; all->count > 0 && i < some->count; i++) {
		if (!has_key(all, &some->at[i]))
			return false;
	}
	return all->count == 0 || some->count > 0;
}

static bool begins_with_one(const char *path, const struct text_list *prefixes)
{
	for (size_t i = 0; i < prefixes->count; i++) {
		if (strncmp(path, prefixes->at[i], strlen(prefixes->at[i])) == 0)
			return true;
	}
	return false;
}

static bool covers_paths(const struct text_list *all, const struct text_list *some)
{
	for (size_t i = 0; all->count > 0 && i < some->count; i++) {
		if (!begins_with_one(some->at[i], all))
			return false;
	}
	return all->count == 0 || some->count > 0;
}

typedef bool prefix_relation(const struct prefix *a, const struct prefix *b);

static bool is_same_prefix(const struct prefix *a, const struct prefix *b)
{
	return a->bits == b->bits && prefix_covers(a, b);
}

/* Does each of some have that relation to one of all? */
static bool has_prefixes(const struct prefix_list *all, const struct prefix_list *some,
			 prefix_relation *relation)
{
	for (size_t i = 0; i < some->count; i++) {
		bool is_there = i < all->count && relation(&all->at[i], &some->at[i]);

		for (size_t j = 0; !is_there && j < all->count; j++)
			is_there = relation(&all->at[j], &some->at[i]);
		if (!is_there)
			return false;
	}
	return true;
}

static bool covers_prefixes(const struct prefix_list *all, const struct prefix_list *some)
{
	return all->count == 0 || (some->count > 0 && has_prefixes(all, some, prefix_covers));
}

static bool covers_times(const struct schedule *all, const struct schedule *some)
{
	for (size_t i = 0; all->count > 0 && i < some->count; i++) {
		bool is_there = false;

		for (size_t j = 0; !is_there && j < all->count; j++)
			is_there = all->at[j].days == some->at[i].days &&
				   all->at[j].begin_minute == some->at[i].begin_minute &&
				   all->at[j].end_minute == some->at[i].end_minute;
		if (!is_there)
			return false;
	}
	return all->count == 0 || some->count > 0;
}

static bool covers_protocols(const struct route *all, const struct route *some)
{
	struct proto_set reached = route_reaches(some);

	if (proto_set_is_empty(&all->protocols))
		return true;
	if (proto_set_is_empty(&some->protocols) && !route_demands(some))
		return false; /* it takes also what nobody recognises */
	for (size_t w = 0; w < CONFIG_PROTO_WORDS; w++) {
		if (reached.words[w] & ~all->protocols.words[w])
			return false;
	}
	return true;
}

enum route_cover route_covers(const struct route *all, const struct route *some)
{
	struct route_rank a = route_rank_fixed(all);
	struct route_rank b = route_rank_fixed(some);

	if ((some->diverts & ~all->diverts) != 0 || !covers_protocols(all, some) ||
	    !covers_texts(&all->alpn, &some->alpn) || !covers_texts(&all->method, &some->method) ||
	    !covers_paths(&all->path, &some->path) ||
	    !covers_keys(&all->wireguard_key, &some->wireguard_key) ||
	    !covers_prefixes(&all->from, &some->from) || !covers_prefixes(&all->to, &some->to) ||
	    !covers_times(&all->when, &some->when))
		return COVER_NOTHING;
	if (a.is_protocol_named && !b.is_protocol_named)
		return COVER_ABOVE;
	/* from here on the one with more keys, and then with the longer match, would win */
	if (a.is_protocol_named == b.is_protocol_named && a.further_keys == b.further_keys &&
	    has_texts(&all->path, &some->path) &&
	    has_prefixes(&all->from, &some->from, is_same_prefix) &&
	    has_prefixes(&all->to, &some->to, is_same_prefix))
		return COVER_TIE;
	return COVER_FLOWS;
}
