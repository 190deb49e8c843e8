/* One route against one flow. */
#include "policy/route.h"

#include "base/reader.h"
#include "wire/wire.h"

bool route_has_name(const struct route *route)
{
	return route->server_name.count > 0 || route->regex.count > 0 || route->wants_no_name;
}

unsigned route_asks(const struct route *route)
{
	return (route_has_name(route) ? WIRE_SAYS_NAME : 0u) |
	       (route->alpn.count ? WIRE_SAYS_ALPN : 0u) |
	       (route->path.count || route->method.count ? WIRE_SAYS_REQUEST : 0u) |
	       (route->wireguard_key.count ? WIRE_SAYS_MAC1 : 0u);
}

struct proto_set route_recognisers(const struct route *route)
{
	struct proto_set set = route->protocols;
	unsigned asks = route_asks(route);

	if (!proto_set_is_empty(&set) || !asks)
		return set;
	for (unsigned id = 0; id < WIRE_IDS; id++) {
		const struct wire_proto *proto = wire_proto_at(id);

		if ((wire_proto_transports(proto) & route->transports) &&
		    (proto->says & asks) == asks && !proto->is_weak)
			proto_set_add(&set, id);
	}
	return set;
}

struct proto_set route_awaits(const struct route *route)
{
	unsigned asks = route_asks(route) & (WIRE_SAYS_NAME | WIRE_SAYS_ALPN | WIRE_SAYS_MAC1);
	struct proto_set set = route_recognisers(route);

	for (unsigned id = 0; id < 64 * CONFIG_PROTO_WORDS; id++) {
		if (id >= WIRE_IDS || !(wire_proto_at(id)->says & asks)) /* probes tell nothing */
			proto_set_remove(&set, id);
	}
	return set;
}

const struct wireguard_key *route_wireguard_key(const struct route *route, struct span mac1)
{
	for (size_t i = 0; mac1.size > 0 && i < route->wireguard_key.count; i++) {
		if (wireguard_key_fits(&route->wireguard_key.at[i], mac1))
			return &route->wireguard_key.at[i];
	}
	return NULL;
}

/* Is one of the route's names among those offered (RFC 7301 3.1)? */
static bool offers_alpn(struct span offered, const struct text_list *wanted)
{
	struct reader r = reader_of(offered);

	while (reader_left(&r) > 0) {
		struct span name = reader_take(&r, reader_u8(&r));

		for (size_t i = 0; name.size > 0 && i < wanted->count; i++) {
			if (span_equal(name, span_text(wanted->at[i])))
				return true;
		}
	}
	return false;
}

/* Bits of the longest prefix that holds the address; -1 for an empty list, -2 when none does. */
static int longest_match(const struct prefix_list *list, const struct addr *a)
{
	int bits = list->count ? -2 : -1;

	for (size_t i = 0; i < list->count; i++) {
		if (list->at[i].bits > bits && prefix_holds(&list->at[i], a))
			bits = list->at[i].bits;
	}
	return bits;
}

/* The same of the request's path; an absolute-form without a path means `/` (RFC 9110 4.2.3). */
static int longest_path(const struct text_list *list, const struct route_query *query)
{
	bool is_bare = query->path.size == 0 && query->method.size > 0;
	struct span path = is_bare ? span_text("/") : query->path;
	int longest = list->count ? -2 : -1;

	for (size_t i = 0; i < list->count; i++) {
		struct span own = span_text(list->at[i]);

		if (own.size <= path.size && (int)own.size > longest &&
		    span_equal(own, span_of(path.data, own.size)))
			longest = (int)own.size;
	}
	return longest;
}

static bool is_method(const struct text_list *list, struct span method)
{
	for (size_t i = 0; i < list->count; i++) {
		if (span_equal(method, span_text(list->at[i])))
			return true;
	}
	return list->count == 0;
}

struct route_rank route_rank_fixed(const struct route *route)
{
	return (struct route_rank){
		.is_protocol_named = !proto_set_is_empty(&route->protocols),
		.further_keys = (route->alpn.count > 0) + (route->path.count > 0) +
				(route->method.count > 0) + (route->wireguard_key.count > 0) +
				(route->from.count > 0) + (route->to.count > 0) +
				(route->when.count > 0),
		.from_bits = -1,
		.to_bits = -1,
		.path_bytes = -1,
	};
}

/* What the client told beside protocol and name. */
static bool fits_told(const struct route *route, const struct route_query *query)
{
	if (route == query->known)
		return true;
	if (route->alpn.count && !offers_alpn(query->alpn, &route->alpn))
		return false;
	if (!is_method(&route->method, query->method))
		return false;
	/* the dearest question last */
	return !route->wireguard_key.count || route_wireguard_key(route, query->mac1);
}

bool route_fits(const struct route *route, const struct route_query *query, struct route_rank *rank)
{
	struct route_rank r = route_rank_fixed(route);

	if (!(route->diverts >> query->divert & 1))
		return false;
	if (r.is_protocol_named &&
	    (query->protocol < 0 || !proto_set_has(&route->protocols, (unsigned)query->protocol)))
		return false;
	r.from_bits = longest_match(&route->from, &query->client);
	r.to_bits = longest_match(&route->to, &query->to);
	r.path_bytes = longest_path(&route->path, query);
	if (r.from_bits < -1 || r.to_bits < -1 || r.path_bytes < -1 || !fits_told(route, query))
		return false;
	*rank = r;
	return true;
}

int route_rank_compare(const struct route_rank *a, const struct route_rank *b)
{
	if (a->is_protocol_named != b->is_protocol_named)
		return a->is_protocol_named ? 1 : -1;
	if (a->further_keys != b->further_keys)
		return a->further_keys - b->further_keys;
	if (a->from_bits != b->from_bits)
		return a->from_bits - b->from_bits;
	if (a->to_bits != b->to_bits)
		return a->to_bits - b->to_bits;
	return a->path_bytes - b->path_bytes;
}
