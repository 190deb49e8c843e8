/* `shuntctl explain`: what decided, in a sentence. */
#include "shuntctl_explain.h"
#include "sniff/explain.h"

enum {
	NAME_ITEM_MOST = WIRE_NAME_BYTES, /* no name is longer, and of a regex so much must do */
	NAME_TEXT_BYTES = NAME_ITEM_MOST + 32,
};

/* What a route asks of the name. */
static const char *name_words(const struct explain_route *is, char text[static NAME_TEXT_BYTES])
{
	switch (is->name) {
	case EXPLAIN_NAME_EXACT:
		(void)snprintf(text, NAME_TEXT_BYTES, "exactly `%s`", is->item);
		break;
	case EXPLAIN_NAME_WILDCARD:
		(void)snprintf(text, NAME_TEXT_BYTES, "the wildcard `%s`", is->item);
		break;
	case EXPLAIN_NAME_REGEX:
		(void)snprintf(text, NAME_TEXT_BYTES, "the regex `%.*s`", NAME_ITEM_MOST, is->item);
		break;
	case EXPLAIN_NAME_NOT:
	case EXPLAIN_NAME_OTHER:
		(void)snprintf(text, NAME_TEXT_BYTES, "no server_name");
		break;
	}
	return text;
}

/* Of two prefixes of a key; below 0: it has none. */
static void say_longer(char why[static EXPLAIN_WHY_BYTES], const char *key, int best,
		       const char *name, int next)
{
	if (next < 0)
		(void)snprintf(why, EXPLAIN_WHY_BYTES, "it has a `%s`, `%s` has none", key, name);
	else
		(void)snprintf(why, EXPLAIN_WHY_BYTES,
			       "its `%s` that fits is longer (%d) than that of `%s` (%d)", key,
			       best, name, next);
}

/* Which clause put the first of the routes that fit before the second. */
static void say_clause(char why[static EXPLAIN_WHY_BYTES], const struct explain_route *best,
		       const struct explain_route *next, const char *name)
{
	char text[2][NAME_TEXT_BYTES];

	switch (next->behind) {
	case EXPLAIN_BY_NAME:
		if (best->name == EXPLAIN_NAME_REGEX && next->name == EXPLAIN_NAME_REGEX)
			(void)snprintf(
				why, EXPLAIN_WHY_BYTES,
				"both have a regex that fits, and `%s` stands behind it in the file",
				name);
		else
			(void)snprintf(why, EXPLAIN_WHY_BYTES, "it asks for %s, `%s` for %s",
				       name_words(best, text[0]), name, name_words(next, text[1]));
		break;
	case EXPLAIN_BY_PROTOCOL:
		(void)snprintf(why, EXPLAIN_WHY_BYTES, "it names the protocol, `%s` takes any",
			       name);
		break;
	case EXPLAIN_BY_KEYS:
		(void)snprintf(why, EXPLAIN_WHY_BYTES,
			       "it has more further keys (%d) than `%s` (%d)",
			       best->rank.further_keys, name, next->rank.further_keys);
		break;
	case EXPLAIN_BY_FROM:
		say_longer(why, "from", best->rank.from_bits, name, next->rank.from_bits);
		break;
	case EXPLAIN_BY_TO:
		say_longer(why, "to", best->rank.to_bits, name, next->rank.to_bits);
		break;
	case EXPLAIN_BY_PATH:
		say_longer(why, "path", best->rank.path_bytes, name, next->rank.path_bytes);
		break;
	case EXPLAIN_BY_ORDER:
	case EXPLAIN_ALONE:
		(void)snprintf(why, EXPLAIN_WHY_BYTES,
			       "all else is equal, and `%s` stands behind it in the file", name);
		break;
	}
}

const char *explain_why(const struct replay *r, const struct explanation *e, int route,
			char why[static EXPLAIN_WHY_BYTES])
{
	const struct config *config = r->judge->config;

	if (route == REPLAY_SILENT)
		return "no byte came";
	if (route < 0)
		return e->route_count > 0 ? "no route fits" : "the divert has no route";
	if (e->fits < 2)
		return "no other route fits";
	say_clause(why, &e->routes[0], &e->routes[1], config->routes[e->routes[1].route].name);
	return why;
}

static bool is_routed_by(const struct replay *r, bool by_from)
{
	const struct config *config = r->judge->config;

	for (size_t i = 0; i < config->route_count; i++) {
		const struct route *route = &config->routes[i];

		if ((route->diverts >> r->q.divert & 1) &&
		    (by_from ? route->from.count : route->to.count) > 0)
			return true;
	}
	return false;
}

static void note(struct json_object *notes, const char *text)
{
	(void)json_object_array_add(notes, json_object_new_string(text));
}

/* By what time `when` was judged, if it was. */
static void note_time(struct json_object *notes, const struct replay *r)
{
	const struct config *config = r->judge->config;
	time_t now = time(NULL);
	struct tm local;
	char text[64];

	for (size_t i = 0; i < config->route_count; i++) {
		const struct route *route = &config->routes[i];

		if (!(route->diverts >> r->q.divert & 1) || route->when.count == 0)
			continue;
		if (localtime_r(&now, &local) != NULL &&
		    strftime(text, sizeof text, "`when` is judged by the present, %a %H:%M",
			     &local) != 0)
			note(notes, text);
		return;
	}
}

struct json_object *explain_notes(const struct replay *r, size_t given)
{
	const struct divert *d = &r->judge->config->diverts[r->q.divert];
	const struct addr *from = &r->q.client;
	const struct addr *to = &r->q.to;
	struct json_object *notes = json_object_new_array();

	if (r->size == 0) {
		note(notes, "a client that closes without a byte reaches no server (no_data)");
		return notes;
	}
	if (from->family != 0 && ((d->from.count > 0 && !prefix_list_holds(&d->from, from)) ||
				  prefix_list_holds(&d->from_not, from)))
		note(notes, "the divert does not take this client: see its `from`");
	if (to->port != 0 && !port_list_has(replay_is_udp(r) ? &d->udp : &d->tcp, to->port))
		note(notes, "the divert does not take this port");
	if (from->family == 0 && is_routed_by(r, true))
		note(notes, "without --from no route with `from` fits");
	if (to->family == 0 && is_routed_by(r, false))
		note(notes, "without --to no route with `to` fits");
	note_time(notes, r);
	if (r->is.cut > 0)
		note(notes,
		     "a regex was given up at its limit, and counts as one that does not fit");
	if (given > r->bytes || r->pieces > r->ends)
		note(notes, replay_is_udp(r)
				    ? "at most 16 datagrams of 24 KiB in all are held and looked at"
				    : "what lies beyond `sniff_bytes` is not looked at");
	return notes;
}
