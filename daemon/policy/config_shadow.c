/*
 * Names listed twice, and routes that can never win because another one always
 * wins before them. Only what is certain is said: a route is compared with one
 * other at a time, for each of its names.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "policy/config_check.h"
#include "policy/name_table.h"
#include "policy/protocol.h"
#include "policy/route.h"
#include "policy/route_cover.h"
#include "wire/wire.h"

enum {
	DEMANDS_TEXT_BYTES = 96, /* of all that a route can demand */
};

struct shadow {
	const struct config *config;
	struct config_notes *notes;
	struct name_table names; /* entries of a name come in the order of the file */
	uint8_t *known;          /* 1 + route_covers() of each route and the one looked at, or 0 */
};

/* Which flows of a route another one takes, and which one. */
struct taker {
	int route;       /* -1: none does */
	bool is_by_rank; /* not by the order in the file */
};

static const struct taker nobody = { -1, false };

/* route_covers(), found out once for each `first`. */
static enum route_cover cover_of(const struct shadow *s, size_t first, size_t later)
{
	if (!s->known[first])
		s->known[first] = (uint8_t)(1 + route_covers(&s->config->routes[first],
							     &s->config->routes[later]));
	return (enum route_cover)(s->known[first] - 1);
}

/* Where the names fit equally well: does `first` always win against `later`? */
static struct taker take(const struct shadow *s, size_t first, size_t later)
{
	enum route_cover cover = first == later ? COVER_NOTHING : cover_of(s, first, later);

	if (cover == COVER_ABOVE || (cover == COVER_TIE && first < later))
		return (struct taker){ (int)first, cover == COVER_ABOVE };
	return nobody;
}

/* Who takes what has this name. */
static struct taker taker_of_name(const struct shadow *s, const char *name, size_t later)
{
	const struct name_entry *e = name[0] == '*'
					     ? name_table_find_wild(&s->names, span_text(name + 2))
					     : name_table_find(&s->names, span_text(name));
	struct taker taker = nobody;

	for (; e && taker.route < 0; e = name_table_next(&s->names, e))
		taker = take(s, e->route, later);
	return taker;
}

/* Who takes what has no name, or, from a route that does not ask for names, all. */
static struct taker taker_of_no_name(const struct shadow *s, size_t later)
{
	const struct route *route = &s->config->routes[later];
	struct taker taker = nobody;

	for (size_t i = 0; i < s->config->route_count && taker.route < 0; i++) {
		const struct route *first = &s->config->routes[i];

		if (route->wants_no_name ? first->wants_no_name : !route_has_name(first))
			taker = take(s, i, later);
	}
	return taker;
}

static bool has_regex(const struct route *route, const char *text)
{
	for (size_t i = 0; i < route->regex.count; i++) {
		if (strcmp(regex_text(route->regex.at[i]), text) == 0)
			return true;
	}
	return false;
}

/* Who takes what fits this regex: only the same one, letter by letter, is known to. Among these the
 * order in the file counts before all else. */
static struct taker taker_of_regex(const struct shadow *s, const char *text, size_t later)
{
	for (size_t i = 0; i < later; i++) {
		if (has_regex(&s->config->routes[i], text) &&
		    cover_of(s, i, later) != COVER_NOTHING)
			return (struct taker){ (int)i, false };
	}
	return nobody;
}

static struct config_place place(const struct shadow *s, size_t route)
{
	return (struct config_place){ s->config->routes[route].file,
				      s->config->routes[route].line };
}

static const char *how(struct taker taker)
{
	return taker.is_by_rank ? "ranks above it" : "comes first";
}

/* Who takes the i-th of what the route lists: its names, then its regexes. Sets *name to that. */
static struct taker taker_of_item(const struct shadow *s, size_t number, size_t i,
				  const char **name)
{
	const struct route *route = &s->config->routes[number];

	if (i < route->server_name.count) {
		*name = route->server_name.at[i];
		return taker_of_name(s, *name, number);
	}
	*name = regex_text(route->regex.at[i - route->server_name.count]);
	return taker_of_regex(s, *name, number);
}

/* Says which names of a route another one takes, when that is not all of them. */
static void warn_names(const struct shadow *s, size_t number)
{
	const struct route *route = &s->config->routes[number];

	for (size_t i = 0; i < route->server_name.count + route->regex.count; i++) {
		const char *name;
		struct taker taker = taker_of_item(s, number, i, &name);

		if (taker.route >= 0)
			config_warn(s->notes, place(s, number),
				    "[route %s] lists `%s`, but [route %s] %s and takes it",
				    route->name, name, s->config->routes[taker.route].name,
				    how(taker));
	}
}

/* Compares a route with the others, name by name. */
static void warn_taken(const struct shadow *s, size_t number)
{
	const struct route *route = &s->config->routes[number];
	bool asks_no_name = route->wants_no_name || !route_has_name(route);
	struct taker last = asks_no_name ? taker_of_no_name(s, number) : (struct taker){ 0, false };
	struct taker taker = last;
	const char *name;

	for (size_t i = 0; i < route->server_name.count + route->regex.count && last.route >= 0;
	     i++) {
		last = taker_of_item(s, number, i, &name);
		if (i == 0 && last.route >= 0)
			taker = last;
	}
	if (last.route >= 0)
		config_warn(s->notes, place(s, number),
			    "[route %s] can never win: [route %s] %s and takes its flows",
			    route->name, s->config->routes[taker.route].name, how(taker));
	else
		warn_names(s, number);
}

/* Are there recognisers that the route may be won by, and does none of them know of names? */
static bool is_nameless(const struct route *route)
{
	struct proto_set set = route_reaches(route);

	for (unsigned id = 0; id < WIRE_IDS; id++) {
		if (proto_set_has(&set, id) && (wire_proto_at(id)->says & WIRE_SAYS_NAME))
			return false;
	}
	return !proto_set_is_empty(&route->protocols);
}

/* The route whose `server_name = none` takes all flows of a nameless protocol, or -1: "no name was
 * sent" ranks above "not asked". */
static int taker_by_none(const struct shadow *s, size_t number)
{
	for (size_t i = 0; i < s->config->route_count; i++) {
		if (s->config->routes[i].wants_no_name && cover_of(s, i, number) != COVER_NOTHING)
			return (int)i;
	}
	return -1;
}

/* What the route demands, in words. */
static const char *demands_text(unsigned demands, char text[static DEMANDS_TEXT_BYTES])
{
	static const char *const words[] = { "a server name", "ALPN", "a method or path",
					     "a WireGuard handshake" };
	const char *between = "";

	text[0] = '\0';
	for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
		if (!(demands >> i & 1))
			continue;
		(void)snprintf(text + strlen(text), DEMANDS_TEXT_BYTES - strlen(text), "%s%s",
			       between, words[i]);
		between = " and ";
	}
	return text;
}

static bool has_family(const struct prefix_list *list, uint16_t family)
{
	for (size_t i = 0; i < list->count; i++) {
		if (list->at[i].family == family)
			return true;
	}
	return list->count == 0;
}

/* Can no client of its `from` reach an address of its `to`? */
static bool is_of_no_family(const struct route *route)
{
	return !(has_family(&route->from, AF_INET) && has_family(&route->to, AF_INET)) &&
	       !(has_family(&route->from, AF_INET6) && has_family(&route->to, AF_INET6));
}

/* Protocols that come by what no divert of the route takes. True when all that it names are such. */
static bool warn_transport(const struct shadow *s, size_t number)
{
	const struct route *route = &s->config->routes[number];
	const struct config *config = s->config;
	int stray = -1; /* the first of them */
	bool has_other = false;

	for (unsigned id = 0; id < protocol_ids(config); id++) {
		if (!proto_set_has(&route->protocols, id))
			continue;
		if (protocol_transports(config, id) & route->transports)
			has_other = true;
		else if (stray < 0)
			stray = (int)id;
	}
	if (stray < 0)
		return false;
	config_warn(s->notes, place(s, number),
		    "[route %s] %s: none of its diverts has `%s`, by which %s comes", route->name,
		    has_other ? "protocol" : "can never win",
		    protocol_transports(config, (unsigned)stray) & WIRE_UDP ? "udp" : "tcp",
		    protocol_name(config, (unsigned)stray));
	return !has_other;
}

/* Routes for flows that there are not, or that carry no names. True when the route was warned about. */
static bool warn_nameless(const struct shadow *s, size_t number)
{
	const struct route *route = &s->config->routes[number];
	struct proto_set reached = route_reaches(route);
	char text[DEMANDS_TEXT_BYTES];
	int taker;

	if (proto_set_is_empty(&reached)) {
		config_warn(s->notes, place(s, number),
			    "[route %s] can never win: none of its protocols carries %s",
			    route->name, demands_text(route_demands(route), text));
		return true;
	}
	if (is_of_no_family(route)) {
		config_warn(s->notes, place(s, number),
			    "[route %s] can never win: `from` and `to` have no address family in "
			    "common",
			    route->name);
		return true;
	}
	taker = is_nameless(route) && !route_has_name(route) ? taker_by_none(s, number) : -1;
	if (taker < 0)
		return false;
	config_warn(s->notes, place(s, number),
		    "[route %s] can never win: `server_name = none` of [route %s] takes its flows: "
		    "give that one a protocol",
		    route->name, s->config->routes[taker].name);
	return true;
}

/* Fills the table, the last route first; says which names stand twice in one route. */
static void add_names(struct shadow *s)
{
	for (size_t i = s->config->route_count; i > 0; i--) {
		const struct route *route = &s->config->routes[i - 1];

		for (size_t j = 0; j < route->server_name.count; j++) {
			if (!name_table_add(&s->names, route->server_name.at[j], (unsigned)i - 1))
				config_warn(s->notes, place(s, i - 1),
					    "[route %s] lists `%s` twice", route->name,
					    route->server_name.at[j]);
		}
	}
}

int config_warn_shadowed(const struct config *config, struct config_notes *notes)
{
	struct shadow s = { .config = config, .notes = notes };
	size_t count = 0;
	int err;

	for (size_t i = 0; i < config->route_count; i++)
		count += config->routes[i].server_name.count;
	err = name_table_init(&s.names, count);
	if (err)
		return err;
	s.known = calloc(config->route_count + 1, 1);
	if (!s.known) {
		err = -ENOMEM;
		goto out;
	}
	add_names(&s);
	for (size_t i = 0; i < config->route_count; i++) {
		memset(s.known, 0, config->route_count);
		if (!warn_transport(&s, i) && !warn_nameless(&s, i))
			warn_taken(&s, i);
	}
out:
	free(s.known);
	name_table_done(&s.names);
	return err;
}
