/* Why a flow went where it went. */
#include "sniff/explain.h"

#include <errno.h>
#include <stdlib.h>

#include "policy/protocol.h"
#include "policy/regex.h"
#include "sniff/judge_probe.h"

/* A key, and the field of struct route that holds it. */
struct key_row {
	const char *name;
	size_t offset;
	size_t size;
};

#define KEY(key, field)                                                                            \
	{                                                                                          \
		key, offsetof(struct route, field), sizeof(((struct route *)0)->field)             \
	}
static const struct key_row key_table[EXPLAIN_KEYS] = {
	[EXPLAIN_PROTOCOL] = KEY("protocol", protocols),
	[EXPLAIN_SERVER_NAME] = KEY("server_name", server_name), /* not of route_fits() */
	[EXPLAIN_ALPN] = KEY("alpn", alpn),
	[EXPLAIN_PATH] = KEY("path", path),
	[EXPLAIN_METHOD] = KEY("method", method),
	[EXPLAIN_WIREGUARD_KEY] = KEY("wireguard_key", wireguard_key),
	[EXPLAIN_FROM] = KEY("from", from),
	[EXPLAIN_TO] = KEY("to", to),
	[EXPLAIN_WHEN] = KEY("when", when), /* not either */
};

const char *explain_key_text(enum explain_key key)
{
	return key_table[key].name;
}

static const struct {
	const char *text;
	unsigned number;
} clause_table[] = {
	[EXPLAIN_ALONE] = { NULL, 0 },
	[EXPLAIN_BY_NAME] = { "name", 1 },
	[EXPLAIN_BY_PROTOCOL] = { "protocol", 2 },
	[EXPLAIN_BY_KEYS] = { "keys", 3 },
	[EXPLAIN_BY_FROM] = { "from", 4 },
	[EXPLAIN_BY_TO] = { "to", 4 },
	[EXPLAIN_BY_PATH] = { "path", 4 },
	[EXPLAIN_BY_ORDER] = { "order", 5 },
};

const char *explain_clause_text(enum explain_clause clause)
{
	return clause_table[clause].text;
}

unsigned explain_clause_number(enum explain_clause clause)
{
	return clause_table[clause].number;
}

/* Does a route that has this key alone fit? */
static bool key_fits(const struct route *route, enum explain_key key,
		     const struct route_query *query)
{
	const struct key_row *row = &key_table[key];
	struct route alone = { .diverts = UINT64_MAX };
	struct route_rank rank;

	memcpy((char *)&alone + row->offset, (const char *)route + row->offset, row->size);
	return route_fits(&alone, query, &rank);
}

static bool wildcard_fits(struct span wildcard, struct span name)
{
	return wildcard.size > 2 && wildcard.data[0] == '*' && name.size >= wildcard.size &&
	       memcmp(name.data + name.size - (wildcard.size - 1), wildcard.data + 1,
		      wildcard.size - 1) == 0;
}

static void look_at_regexes(struct explain_route *is, const struct route *route, struct span name,
			    struct regex_room *room)
{
	for (size_t i = 0; i < route->regex.count; i++) {
		if (regex_match(route->regex.at[i], room, name) == REGEX_YES) {
			is->name = EXPLAIN_NAME_REGEX;
			is->item = regex_text(route->regex.at[i]);
			return;
		}
	}
}

/* The longest wildcard; or the name itself, which is the best there can be. */
static void look_at_names(struct explain_route *is, const struct route *route, struct span name)
{
	size_t longest = 0;

	for (size_t i = 0; i < route->server_name.count; i++) {
		struct span own = span_text(route->server_name.at[i]);

		if (span_equal(own, name)) {
			is->name = EXPLAIN_NAME_EXACT;
			is->item = route->server_name.at[i];
			return;
		}
		if (own.size > longest && wildcard_fits(own, name)) {
			is->name = EXPLAIN_NAME_WILDCARD;
			is->item = route->server_name.at[i];
			longest = own.size;
		}
	}
}

static void look_at_name(struct explain_route *is, const struct route *route, struct span name,
			 struct regex_room *room)
{
	is->name = route_has_name(route) ? EXPLAIN_NAME_OTHER : EXPLAIN_NAME_NOT;
	if (name.size == 0 && route->wants_no_name) {
		is->name = EXPLAIN_NAME_EXACT;
		is->item = "none";
	}
	if (name.size == 0)
		return;
	look_at_names(is, route, name);
	if (is->name == EXPLAIN_NAME_OTHER)
		look_at_regexes(is, route, name, room);
}

static bool fits(const struct explain_route *is, const struct route *route, enum explain_key key,
		 const struct route_query *query)
{
	if (key == EXPLAIN_SERVER_NAME)
		return is->name != EXPLAIN_NAME_OTHER;
	if (key == EXPLAIN_WHEN)
		return !query->open || (query->open[is->route / 64] >> is->route % 64 & 1);
	return key_fits(route, key, query);
}

static struct explain_route look_at_route(const struct route *route, unsigned number,
					  const struct route_query *query, struct regex_room *room)
{
	struct explain_route is = { .route = number };

	look_at_name(&is, route, query->name, room);
	for (unsigned key = 0; key < EXPLAIN_KEYS; key++) {
		if (!fits(&is, route, (enum explain_key)key, query))
			is.misfits |= 1u << key;
	}
	if (!is.misfits && !route_fits(route, query, &is.rank))
		abort(); /* each key fits, but not all: explain and route_fits() disagree */
	return is;
}

/* The first clause: above 0 when a is better. */
static int compare_names(const struct explain_route *a, const struct explain_route *b)
{
	size_t a_size, b_size;

	if (a->name != b->name)
		return a->name > b->name ? 1 : -1;
	if (a->name == EXPLAIN_NAME_REGEX)
		return a->route < b->route ? 1 : -1;
	if (a->name != EXPLAIN_NAME_WILDCARD)
		return 0;
	a_size = strlen(a->item);
	b_size = strlen(b->item);
	return a_size > b_size ? 1 : a_size < b_size ? -1 : 0;
}

/* The first clause in which they differ. */
static enum explain_clause clause_between(const struct explain_route *a,
					  const struct explain_route *b)
{
	if (compare_names(a, b) != 0)
		return EXPLAIN_BY_NAME;
	if (a->rank.is_protocol_named != b->rank.is_protocol_named)
		return EXPLAIN_BY_PROTOCOL;
	if (a->rank.further_keys != b->rank.further_keys)
		return EXPLAIN_BY_KEYS;
	if (a->rank.from_bits != b->rank.from_bits)
		return EXPLAIN_BY_FROM;
	if (a->rank.to_bits != b->rank.to_bits)
		return EXPLAIN_BY_TO;
	return a->rank.path_bytes != b->rank.path_bytes ? EXPLAIN_BY_PATH : EXPLAIN_BY_ORDER;
}

/* Those that fit before the others, the best first; else in the order of the file. */
static int compare_routes(const void *left, const void *right)
{
	const struct explain_route *a = left;
	const struct explain_route *b = right;
	int better = 0;

	if (!a->misfits != !b->misfits)
		return a->misfits ? 1 : -1;
	if (!a->misfits) {
		better = compare_names(a, b);
		if (!better)
			better = route_rank_compare(&a->rank, &b->rank);
	}
	if (better)
		return better > 0 ? -1 : 1;
	return a->route < b->route ? -1 : 1;
}

static void look_at_routes(struct explanation *out, const struct replay *r, struct regex_room *room)
{
	const struct config *config = r->judge->config;
	const struct route_query query = judge_query(r->judge, &r->q, &r->is);

	for (unsigned i = 0; i < config->route_count; i++) {
		const struct route *route = &config->routes[i];

		if (route->diverts >> r->q.divert & 1)
			out->routes[out->route_count++] = look_at_route(route, i, &query, room);
	}
	if (out->route_count)
		qsort(out->routes, out->route_count, sizeof *out->routes, compare_routes);
	while (out->fits < out->route_count && !out->routes[out->fits].misfits)
		out->fits++;
	for (size_t i = 1; i < out->fits; i++)
		out->routes[i].behind = clause_between(&out->routes[i - 1], &out->routes[i]);
}

/* The prefix with so many bytes of the stream, or with so many datagrams. */
static struct span prefix(const struct replay *r, size_t count)
{
	if (replay_is_udp(r))
		count = count ? r->room->ends[count - 1].size : 0;
	return span_of(r->room->bytes, count);
}

/* How many of them there are. */
static size_t whole(const struct replay *r)
{
	return replay_is_udp(r) ? r->ends : r->size;
}

/* What it says of so much of the flow, as long as more may come. */
static enum wire_verdict ask(unsigned id, const struct replay *r, size_t count,
			     struct wire_hints *hints)
{
	struct question q = r->q;

	q.is_final = false;
	wire_hints_clear(hints);
	if (id >= WIRE_IDS)
		return judge_probe_ask(r->judge, &q, id - WIRE_IDS, prefix(r, count), hints, NULL);
	return wire_proto_way(wire_proto_at(id), judge_transport(&q))
		->probe(prefix(r, count), hints);
}

/* YES, NO and being sure are final (wire.h), so the first of them is found by halving. */
static size_t settled_at(unsigned id, const struct replay *r, bool sure_is_enough)
{
	struct wire_hints hints;
	size_t most = whole(r); /* settled with these */
	size_t least = 0;       /* not yet with these */

	while (most - least > 1) {
		size_t count = least + (most - least) / 2;

		if (ask(id, r, count, &hints) == WIRE_MORE && !(sure_is_enough && hints.is_sure))
			least = count;
		else
			most = count;
	}
	return most;
}

static void look_at_proto(struct explain_proto *out, unsigned id, const struct replay *r)
{
	const struct proto_set counting = route_index_protocols(r->judge->index, r->q.divert);
	struct wire_hints hints;

	if (!(protocol_transports(r->judge->config, id) & judge_transport(&r->q)))
		return;
	out->counts = proto_set_has(&counting, id);
	out->verdict = ask(id, r, whole(r), &hints);
	if (out->verdict == WIRE_MORE) {
		out->wanted = replay_is_udp(r) ? whole(r) + 1 : hints.wanted;
		out->is_sure = hints.is_sure;
	} else {
		out->settled_at = settled_at(id, r, false);
	}
	if (out->verdict == WIRE_YES || out->is_sure)
		out->sure_at = settled_at(id, r, true);
	out->by_first_byte =
		id < WIRE_IDS &&
		!proto_set_has(first_bytes_leave(&r->judge->first, judge_transport(&r->q),
						 prefix(r, whole(r))),
			       id);
}

/* The same halving over all of them together. With the last it is decided, whatever they say. */
static size_t decided_at(const struct replay *r)
{
	struct question q = r->q;
	struct judgement is;
	size_t most = whole(r);
	size_t least = 0;

	q.is_final = false;
	while (most - least > 1) {
		size_t count = least + (most - least) / 2;

		judge_weigh(r->judge, &q, prefix(r, count), &is);
		if (is.is_more)
			least = count;
		else
			most = count;
	}
	return most;
}

int explain_flow(struct explanation *out, const struct replay *r)
{
	struct explanation e = { 0 };
	struct regex_room *room = NULL;

	e.routes = calloc(r->judge->config->route_count + 1, sizeof *e.routes);
	if (!e.routes || regex_room_new(&room) != 0) {
		free(e.routes);
		return -ENOMEM;
	}
	for (unsigned id = 0; id < protocol_ids(r->judge->config); id++)
		look_at_proto(&e.protos[id], id, r);
	if (r->size > 0)
		look_at_routes(&e, r, room);
	if (r->decided)
		e.decided_at = decided_at(r);
	regex_room_free(room);
	*out = e;
	return 0;
}

void explain_done(struct explanation *e)
{
	free(e->routes);
	e->routes = NULL;
}
