/*
 * Names listed twice, and routes that can never win because another one always
 * wins before them. Only what is certain is said: a route is compared with one
 * other at a time, for each of its names.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "policy/config_check.h"
#include "policy/name_table.h"
#include "policy/route.h"

struct shadow {
	const struct config *config;
	const char *file;
	struct config_notes *notes;
	struct name_table names; /* entries of a name come in the order of the file */
	uint8_t *known;          /* for each route: does it take all of the one looked at? */
};

enum {
	NOT_KNOWN,
	TAKES_ALL,
	LEAVES_SOME,
};

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

static bool is_same_prefix(const struct prefix *a, const struct prefix *b)
{
	return a->bits == b->bits && prefix_covers(a, b);
}

static bool has_prefix(const struct prefix_list *list, const struct prefix *p, size_t likely)
{
	if (likely < list->count && is_same_prefix(&list->at[likely], p))
		return true;
	for (size_t i = 0; i < list->count; i++) {
		if (is_same_prefix(&list->at[i], p))
			return true;
	}
	return false;
}

static bool has_prefixes(const struct prefix_list *all, const struct prefix_list *some)
{
	for (size_t i = 0; i < some->count; i++) {
		if (!has_prefix(all, &some->at[i], i))
			return false;
	}
	return true;
}

static bool has_protocols(const struct proto_set *all, const struct proto_set *some)
{
	for (size_t w = 0; w < CONFIG_PROTO_WORDS; w++) {
		if (some->words[w] & ~all->words[w])
			return false;
	}
	return true;
}

/*
 * Names apart: does `first`, which comes earlier in the file, take every flow
 * that `later` fits? Then both have the same keys, and the values of `later`
 * are among those of `first`; with other keys the rank would differ, or the
 * flows.
 */
static bool takes_all(const struct route *first, const struct route *later)
{
	return (later->diverts & ~first->diverts) == 0 &&
	       proto_set_is_empty(&first->protocols) == proto_set_is_empty(&later->protocols) &&
	       has_protocols(&first->protocols, &later->protocols) &&
	       (first->alpn.count == 0) == (later->alpn.count == 0) &&
	       has_texts(&first->alpn, &later->alpn) &&
	       (first->from.count == 0) == (later->from.count == 0) &&
	       has_prefixes(&first->from, &later->from) &&
	       (first->to.count == 0) == (later->to.count == 0) &&
	       has_prefixes(&first->to, &later->to);
}

/* The same, found out once for each `first`. */
static bool is_taker(const struct shadow *s, size_t first, size_t later)
{
	if (s->known[first] == NOT_KNOWN)
		s->known[first] = takes_all(&s->config->routes[first], &s->config->routes[later])
					  ? TAKES_ALL
					  : LEAVES_SOME;
	return s->known[first] == TAKES_ALL;
}

/* The earlier route that takes what has this name, or -1. */
static int taker_of_name(const struct shadow *s, const char *name, size_t later)
{
	const struct name_entry *e = name[0] == '*'
					     ? name_table_find_wild(&s->names, span_text(name + 2))
					     : name_table_find(&s->names, span_text(name));

	for (; e && e->route < later; e = name_table_next(&s->names, e)) {
		if (is_taker(s, e->route, later))
			return e->route;
	}
	return -1;
}

/* The earlier route that takes what has no name, or, from a route that does not ask for names, all. */
static int taker_of_no_name(const struct shadow *s, size_t later)
{
	const struct route *route = &s->config->routes[later];

	for (size_t i = 0; i < later; i++) {
		const struct route *first = &s->config->routes[i];

		if (first->wants_no_name == route->wants_no_name &&
		    route_has_name(first) == route_has_name(route) && is_taker(s, i, later))
			return (int)i;
	}
	return -1;
}

static struct config_place place(const struct shadow *s, size_t route)
{
	return (struct config_place){ s->file, s->config->routes[route].line };
}

/* Says which names of a route an earlier one takes, when that is not all of them. */
static void warn_names(const struct shadow *s, size_t number)
{
	const struct text_list *names = &s->config->routes[number].server_name;

	for (size_t i = 0; i < names->count; i++) {
		int taker = taker_of_name(s, names->at[i], number);

		if (taker >= 0)
			config_warn(
				s->notes, place(s, number),
				"[route %s] lists `%s`, but [route %s] comes first and takes it",
				s->config->routes[number].name, names->at[i],
				s->config->routes[taker].name);
	}
}

/* Compares a route with the earlier ones, name by name. */
static void warn_taken(const struct shadow *s, size_t number)
{
	const struct route *route = &s->config->routes[number];
	const struct text_list *names = &route->server_name;
	bool asks_no_name = route->wants_no_name || names->count == 0;
	int taker = asks_no_name ? taker_of_no_name(s, number) : 0;
	int last = taker;

	for (size_t i = 0; i < names->count && last >= 0; i++) {
		last = taker_of_name(s, names->at[i], number);
		if (i == 0 && last >= 0)
			taker = last;
	}
	if (last >= 0)
		config_warn(s->notes, place(s, number),
			    "[route %s] can never win: [route %s] comes first and takes its flows",
			    route->name, s->config->routes[taker].name);
	else
		warn_names(s, number);
}

/* Is every protocol that the route names one whose flows carry no names? */
static bool is_nameless(const struct route *route)
{
	for (unsigned id = 0; id < CONFIG_PROTO_WORDS * 64; id++) {
		if (proto_set_has(&route->protocols, id) && route_proto_has_names(id))
			return false;
	}
	return !proto_set_is_empty(&route->protocols);
}

/* The route whose `server_name = none` takes all flows of a nameless protocol, or -1: "no name was
 * sent" ranks above "not asked". */
static int taker_by_none(const struct shadow *s, const struct route *route)
{
	for (size_t i = 0; i < s->config->route_count; i++) {
		const struct route *first = &s->config->routes[i];

		if (first->wants_no_name && (route->diverts & ~first->diverts) == 0 &&
		    (proto_set_is_empty(&first->protocols) ||
		     has_protocols(&first->protocols, &route->protocols)) &&
		    first->alpn.count + first->from.count + first->to.count == 0)
			return (int)i;
	}
	return -1;
}

/* Routes of protocols that carry no names. True when the route was warned about. */
static bool warn_nameless(const struct shadow *s, size_t number)
{
	const struct route *route = &s->config->routes[number];
	int taker;

	if (!is_nameless(route))
		return false;
	if (route->alpn.count || (route->server_name.count && !route->wants_no_name)) {
		config_warn(
			s->notes, place(s, number),
			"[route %s] can never win: its protocol carries neither server names nor ALPN",
			route->name);
		return true;
	}
	taker = route_has_name(route) ? -1 : taker_by_none(s, route);
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

int config_warn_shadowed(const struct config *config, const char *file, struct config_notes *notes)
{
	struct shadow s = { .config = config, .file = file, .notes = notes };
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
		memset(s.known, NOT_KNOWN, config->route_count);
		if (!warn_nameless(&s, i))
			warn_taken(&s, i);
	}
out:
	free(s.known);
	name_table_done(&s.names);
	return err;
}
