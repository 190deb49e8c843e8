/*
 * Which route wins: the index against an oracle that follows the manual word by
 * word; and no route wins of which the reader says that it never can.
 */
#include <regex.h>
#include <stdarg.h>
#include <stdlib.h>

#include "policy_flow.h"
#include "wire_wireguard.h"

/*
 * The words of the manual, one after the other, with no index, and with the C
 * library's regular expressions. How well the name fits: -1 not at all, 0 the
 * route has no server_name, then regexes, the first in the file the best, then
 * wildcards, the longest the best, then the whole name.
 */
enum { NAME_WHOLE = 2000, NAME_WILD = 1000, NAME_REGEX = 999 };

static bool fits_regex(const char *pattern, struct span name)
{
	char text[64] = "";
	char copy[64] = "";
	regex_t posix;
	bool is_fit;

	memcpy(copy, pattern + 1, strlen(pattern) - 2);
	memcpy(text, name.data, name.size);
	assert_int_equal(regcomp(&posix, copy, REG_EXTENDED | REG_ICASE | REG_NOSUB), 0);
	is_fit = regexec(&posix, text, 0, NULL, 0) == 0;
	regfree(&posix);
	return is_fit;
}

static int name_class(const struct route *route, int number, struct span name)
{
	int best = route->wants_no_name || route->server_name.count || route->regex.count ? -1 : 0;

	if (name.size == 0)
		return route->wants_no_name ? NAME_WHOLE : best;
	for (size_t i = 0; i < route->regex.count; i++) {
		if (fits_regex(regex_text(route->regex.at[i]), name))
			best = NAME_REGEX - number;
	}
	for (size_t i = 0; i < route->server_name.count; i++) {
		const char *own = route->server_name.at[i];
		int size = (int)strlen(own);

		if (own[0] != '*' && span_equal(span_text(own), name))
			return NAME_WHOLE;
		if (own[0] == '*' && (int)name.size >= size && NAME_WILD + size > best &&
		    memcmp(own + 1, name.data + name.size - (size - 1), (size_t)size - 1) == 0)
			best = NAME_WILD + size;
	}
	return best;
}

/* The longest prefix that fits: -1 there is none to fit, -2 none does. */
static int prefix_class(const struct prefix_list *list, const struct addr *a)
{
	int best = list->count ? -2 : -1;

	for (size_t i = 0; i < list->count; i++) {
		if (prefix_holds(&list->at[i], a) && list->at[i].bits > best)
			best = list->at[i].bits;
	}
	return best;
}

/* A request without a path asks for `/`. */
static int path_class(const struct text_list *list, const struct route_query *query)
{
	struct span path = query->method.size && !query->path.size ? span_text("/") : query->path;
	int best = list->count ? -2 : -1;

	for (size_t i = 0; i < list->count; i++) {
		int size = (int)strlen(list->at[i]);

		if ((int)path.size >= size && memcmp(path.data, list->at[i], (size_t)size) == 0 &&
		    size > best)
			best = size;
	}
	return best;
}

static bool alpn_fits(const struct route *route, struct span alpn)
{
	for (size_t i = 0; i < route->alpn.count; i++) {
		struct span one = span_text(route->alpn.at[i]);

		if (alpn.size == one.size + 1 && memcmp(alpn.data + 1, one.data, one.size) == 0)
			return true;
	}
	return route->alpn.count == 0;
}

static bool method_fits(const struct route *route, struct span method)
{
	for (size_t i = 0; i < route->method.count; i++) {
		if (span_equal(span_text(route->method.at[i]), method))
			return true;
	}
	return route->method.count == 0;
}

static bool protocol_fits(const struct route *r, int protocol)
{
	return proto_set_is_empty(&r->protocols) ||
	       (protocol >= 0 && proto_set_has(&r->protocols, (unsigned)protocol));
}

/* The messages of these tests are made for the one key or the other. */
static bool key_fits(const struct route *r, struct span mac1)
{
	for (size_t i = 0; i < r->wireguard_key.count; i++) {
		if (mac1.size > 0 && wireguard_key_fits(&r->wireguard_key.at[i], mac1))
			return true;
	}
	return r->wireguard_key.count == 0;
}

enum { CLAUSES = 6 };

static int oracle(const struct config *config, const struct route_query *query)
{
	int best[CLAUSES] = { 0 };
	int winner = -1;

	for (size_t i = 0; i < config->route_count; i++) {
		const struct route *r = &config->routes[i];
		int rank[CLAUSES] = {
			name_class(r, (int)i, query->name),
			!proto_set_is_empty(&r->protocols),
			(r->alpn.count > 0) + (r->path.count > 0) + (r->method.count > 0) +
				(r->from.count > 0) + (r->to.count > 0) + (r->when.count > 0) +
				(r->wireguard_key.count > 0),
			prefix_class(&r->from, &query->client),
			prefix_class(&r->to, &query->to),
			path_class(&r->path, query),
		};
		int k = 0;

		if (!(r->diverts >> query->divert & 1) || !(query->open[0] >> i & 1) ||
		    rank[0] < 0 || rank[3] < -1 || rank[4] < -1 || rank[5] < -1 ||
		    !alpn_fits(r, query->alpn) || !method_fits(r, query->method) ||
		    !protocol_fits(r, query->protocol) || !key_fits(r, query->mac1))
			continue;
		while (k < CLAUSES && rank[k] == best[k])
			k++;
		if (winner < 0 || (k < CLAUSES && rank[k] > best[k])) {
			winner = (int)i;
			memcpy(best, rank, sizeof best);
		}
	}
	return winner;
}

struct dice {
	uint32_t seed;
};

static unsigned roll(struct dice *dice, unsigned sides)
{
	dice->seed = dice->seed * 1664525u + 1013904223u;
	return (dice->seed >> 16) % sides;
}

static const char *const some_names[] = { "a.example",     "b.example",     "a.b.example",
					  "x.a.b.example", "example",       "c.test",
					  "ab.example",    "x.y.z.example", "b.b.b.example" };
static const char *const some_wilds[] = { "*.example", "*.b.example", "*.a.b.example", "*.test" };
static const char *const some_clients[] = { "192.0.2.7", "192.0.2.8", "10.0.0.1", "2001:db8::7" };
static const char *const some_prefixes[] = { "192.0.2.0/24", "192.0.2.7",     "0.0.0.0/0",
					     "10.0.0.0/8",   "2001:db8::/32", "::/0" };
static const char *const some_keys[] = { SEED_CLIENT_KEY, SEED_SERVER_KEY };
static const char *const some_alpn[] = { "h2", "http/1.1", "h3" };

#define PICK(dice, from) from[roll(dice, sizeof from / sizeof *from)]

static const char *const some_regexes[] = { "/^a/",   "/b\\./",
					    "/^x|c/", "/(a|b)+\\.[^a]/",
					    "/E$/",   "/^[a-z]+\\.[a-z]+$/" };
static const char *const some_paths[] = { "/", "/a", "/a/", "/a/b", "/b?c", "/ab" };
static const char *const some_methods[] = { "GET", "POST", "get" };

/* A configuration on its way. */
struct draft {
	char text[20000];
	size_t used;
};

__attribute__((format(printf, 2, 3))) static void put(struct draft *d, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	d->used += (size_t)vsnprintf(d->text + d->used, sizeof d->text - d->used, format, args);
	va_end(args);
	assert_true(d->used < sizeof d->text);
}

static void put_names(struct dice *dice, struct draft *d)
{
	for (unsigned n = roll(dice, 4); n > 0; n--)
		put(d, "server_name = %s\n",
		    roll(dice, 2)   ? PICK(dice, some_names)
		    : roll(dice, 2) ? PICK(dice, some_wilds)
		    : roll(dice, 3) ? PICK(dice, some_regexes)
				    : "none");
}

static void put_further_keys(struct dice *dice, struct draft *d)
{
	if (roll(dice, 3) == 0)
		put(d, "alpn = %s %s\n", PICK(dice, some_alpn), PICK(dice, some_alpn));
	if (roll(dice, 3) == 0)
		put(d, "path = %s %s\n", PICK(dice, some_paths), PICK(dice, some_paths));
	if (roll(dice, 4) == 0)
		put(d, "method = %s %s\n", PICK(dice, some_methods), PICK(dice, some_methods));
	if (roll(dice, 3) == 0)
		put(d, "from = %s %s\n", PICK(dice, some_prefixes), PICK(dice, some_prefixes));
	if (roll(dice, 3) == 0)
		put(d, "to = %s\n", PICK(dice, some_prefixes));
	if (roll(dice, 4) == 0)
		put(d, "wireguard_key = %s\n", PICK(dice, some_keys));
	if (roll(dice, 5) == 0)
		put(d, "when = %s 08:00-18:00\n", roll(dice, 2) ? "mon-fri" : "wed");
}

static void random_config(struct dice *dice, struct draft *d)
{
	*d = (struct draft){ .used = 0 };
	put(d, HEAD);
	for (unsigned r = 0, count = 1 + roll(dice, 20); r < count; r++) {
		put(d, "[route r%u]\nbackend = drop\n", r);
		if (roll(dice, 2))
			put(d, "protocol = %s\n", roll(dice, 2) ? "tls" : "http tls ssh");
		if (roll(dice, 3))
			put_names(dice, d);
		if (roll(dice, 3))
			put_further_keys(dice, d);
		if (roll(dice, 4) == 0)
			put(d, "divert = %s\n", roll(dice, 2) ? "d" : "e");
	}
}

static struct flow random_flow(struct dice *dice)
{
	return (struct flow){
		.divert = roll(dice, 2),
		.protocol = (int)roll(dice, WIRE_IDS + 1) - 1,
		.name = roll(dice, 4) ? PICK(dice, some_names) : NULL,
		.alpn = roll(dice, 2) ? PICK(dice, some_alpn) : NULL,
		.method = roll(dice, 3) ? PICK(dice, some_methods) : NULL,
		.path = roll(dice, 3) ? PICK(dice, some_paths) : NULL,
		.client = PICK(dice, some_clients),
		.to = PICK(dice, some_clients),
	};
}

/* What each flow's winner owes its place to, for a look at the dice. */
struct tally {
	unsigned found;
	unsigned by_regex;
	unsigned by_path;
	unsigned by_key;
	unsigned never; /* routes of which was said that they can never win */
};

/* The routes of which the reader says that they can never win, as bits. */
static uint64_t never_winners(const struct config_notes *notes)
{
	uint64_t never = 0;

	for (size_t i = 0; i < notes->count; i++) {
		unsigned route;

		if (sscanf(notes->at[i].text, "[route r%u] can never win", &route) == 1 &&
		    strstr(notes->at[i].text, "can never win"))
			never |= UINT64_C(1) << route;
	}
	return never;
}

/* Does a client of that protocol ever say such things, and to a server it can reach? */
static bool is_real(const struct flow *flow, const struct route_query *query)
{
	unsigned says = flow->protocol < 0 ? 0 : wire_proto_at((unsigned)flow->protocol)->says;

	/* all diverts here take tcp */
	if (flow->protocol >= 0 &&
	    !(wire_proto_transports(wire_proto_at((unsigned)flow->protocol)) & WIRE_TCP))
		return false;
	if (!strchr(flow->client, ':') != !strchr(flow->to, ':'))
		return false;
	return (!flow->name || says & WIRE_SAYS_NAME) && (!flow->alpn || says & WIRE_SAYS_ALPN) &&
	       (!(flow->method || flow->path) || says & WIRE_SAYS_REQUEST) &&
	       (query->mac1.size == 0 || says & WIRE_SAYS_MAC1);
}

/* Which routes are open at some time: those with the same `when` together. */
static uint64_t random_hour(struct dice *dice, const struct config *config)
{
	const unsigned day = roll(dice, 7);
	uint64_t open = UINT64_MAX;

	for (size_t i = 0; i < config->route_count; i++) {
		const struct schedule *when = &config->routes[i].when;

		if (when->count && !(when->at[0].days >> day & 1))
			open &= ~(UINT64_C(1) << i);
	}
	return open;
}

static void compare(struct dice *dice, const struct config *config, uint64_t never,
		    const char *text, struct tally *tally)
{
	struct route_index *index;

	assert_int_equal(route_index_new(&index, config), 0);
	for (int i = 0; i < 100; i++) {
		struct flow flow = random_flow(dice);
		uint64_t open = random_hour(dice, config);
		uint8_t alpn[64];
		uint8_t message[148];
		struct route_query query = query_of(&flow, alpn);
		int winner;
		int right;

		query.open = &open;
		if (roll(dice, 2))
			query.mac1 = wireguard_message_for(message, PICK(dice, some_keys));
		winner = route_index_find(index, &query);
		right = oracle(config, &query);
		if (winner != right)
			fail_msg("flow %d: %d, not %d\n%s", i, winner, right, text);
		if (winner < 0)
			continue;
		if (is_real(&flow, &query) && (never >> winner & 1))
			fail_msg("r%d can never win, it was said, but does\n%s", winner, text);
		tally->found++;
		tally->by_path += config->routes[winner].path.count > 0;
		tally->by_key += config->routes[winner].wireguard_key.count > 0;
		winner = name_class(&config->routes[winner], winner, query.name);
		tally->by_regex += winner > 0 && winner <= NAME_REGEX;
	}
	route_index_free(index);
}

static void test_oracle(void **state)
{
	struct dice dice = { 20240607 };
	struct draft *draft = calloc(1, sizeof *draft);
	struct tally tally = { 0 };

	(void)state;
	assert_non_null(draft);
	for (int round = 0; round < 400; round++) {
		struct config_notes notes;
		struct config *config;
		uint64_t never;

		random_config(&dice, draft);
		assert_int_equal(conf_try(&config, draft->text, draft->used, &notes), 0);
		never = never_winners(&notes);
		tally.never += (unsigned)__builtin_popcountll(never);
		compare(&dice, config, never, draft->text, &tally);
		config_free(config);
		config_notes_free(&notes);
	}
	/* the dice must show something */
	assert_true(tally.found > 10000 && tally.found < 40000);
	assert_true(tally.never > 200);
	assert_true(tally.by_regex > 1000 && tally.by_path > 1000 && tally.by_key > 300);
	free(draft);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_oracle),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
