/* One route against one flow. */
#include "policy/route.h"

#include <string.h>

#include "base/reader.h"
#include "wire/wire.h"

bool route_has_name(const struct route *route)
{
	return route->server_name.count > 0 || route->wants_no_name;
}

bool route_proto_has_names(unsigned id)
{
	/* a recogniser that is missing here only costs a warning and some bytes' patience */
	static const char *const nameless[] = { "ssh", "sslv2" };

	for (size_t i = 0; i < sizeof nameless / sizeof *nameless; i++) {
		if (strcmp(wire_proto_at(id)->name, nameless[i]) == 0)
			return false;
	}
	return true;
}

struct proto_set route_recognisers(const struct route *route)
{
	struct proto_set set = route->protocols;

	if (!proto_set_is_empty(&set) || (!route_has_name(route) && route->alpn.count == 0))
		return set;
	for (unsigned id = 0; id < WIRE_IDS; id++) {
		if (route_proto_has_names(id))
			set.words[id / 64] |= UINT64_C(1) << id % 64;
	}
	return set;
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

struct route_rank route_rank_fixed(const struct route *route)
{
	return (struct route_rank){
		.is_protocol_named = !proto_set_is_empty(&route->protocols),
		.further_keys =
			(route->alpn.count > 0) + (route->from.count > 0) + (route->to.count > 0),
		.from_bits = -1,
		.to_bits = -1,
	};
}

bool route_fits(const struct route *route, const struct route_query *query, struct route_rank *rank)
{
	struct route_rank r = route_rank_fixed(route);

	if (!(route->diverts >> query->divert & 1))
		return false;
	if (r.is_protocol_named &&
	    (query->protocol < 0 || !proto_set_has(&route->protocols, (unsigned)query->protocol)))
		return false;
	if (route->alpn.count && !offers_alpn(query->alpn, &route->alpn))
		return false;
	r.from_bits = longest_match(&route->from, &query->client);
	r.to_bits = longest_match(&route->to, &query->to);
	if (r.from_bits < -1 || r.to_bits < -1)
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
	return a->to_bits - b->to_bits;
}
