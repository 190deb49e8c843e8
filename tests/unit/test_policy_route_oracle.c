/* Which route wins: the index against an oracle that follows the manual word by word. */
#include <stdlib.h>

#include "policy_flow.h"

/* The words of the manual, one after the other, with no index. */
static int name_class(const struct route *route, struct span name)
{
	int best = route->wants_no_name || route->server_name.count ? -1 : 0;

	if (name.size == 0 && route->wants_no_name)
		return 1000;
	for (size_t i = 0; i < route->server_name.count; i++) {
		const char *own = route->server_name.at[i];
		size_t size = strlen(own);

		if (own[0] != '*' && span_equal(span_text(own), name))
			return 1000;
		if (own[0] == '*' && name.size >= size && size > (size_t)(best < 0 ? 0 : best) &&
		    memcmp(own + 1, name.data + name.size - (size - 1), size - 1) == 0)
			best = (int)size;
	}
	return best;
}

static int prefix_class(const struct prefix_list *list, const struct addr *a)
{
	int best = list->count ? -2 : -1;

	for (size_t i = 0; i < list->count; i++) {
		if (prefix_holds(&list->at[i], a) && list->at[i].bits > best)
			best = list->at[i].bits;
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

static int oracle(const struct config *config, const struct route_query *query)
{
	int best[5] = { 0 };
	int winner = -1;

	for (size_t i = 0; i < config->route_count; i++) {
		const struct route *r = &config->routes[i];
		bool is_named = !proto_set_is_empty(&r->protocols);
		int rank[5] = {
			name_class(r, query->name),
			is_named,
			(r->alpn.count > 0) + (r->from.count > 0) + (r->to.count > 0),
			prefix_class(&r->from, &query->client),
			prefix_class(&r->to, &query->to),
		};
		int k = 0;

		if (!(r->diverts >> query->divert & 1) || rank[0] < 0 || rank[3] < -1 ||
		    rank[4] < -1 || !alpn_fits(r, query->alpn) ||
		    (is_named && (query->protocol < 0 ||
				  !proto_set_has(&r->protocols, (unsigned)query->protocol))))
			continue;
		while (k < 5 && rank[k] == best[k])
			k++;
		if (winner < 0 || (k < 5 && rank[k] > best[k])) {
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
static const char *const some_alpn[] = { "h2", "http/1.1", "h3" };

#define PICK(dice, from) from[roll(dice, sizeof from / sizeof *from)]

static size_t random_config(struct dice *dice, char *text, size_t room)
{
	size_t used = (size_t)snprintf(text, room, HEAD);

	for (unsigned r = 0, count = 1 + roll(dice, 20); r < count; r++) {
		used += (size_t)snprintf(text + used, room - used, "[route r%u]\nbackend = drop\n",
					 r);
		if (roll(dice, 2))
			used += (size_t)snprintf(text + used, room - used, "protocol = %s\n",
						 roll(dice, 2) ? "tls" : "ssh tls");
		for (unsigned n = roll(dice, 4); n > 0; n--)
			used += (size_t)snprintf(text + used, room - used, "server_name = %s\n",
						 roll(dice, 2)   ? PICK(dice, some_names)
						 : roll(dice, 4) ? PICK(dice, some_wilds)
								 : "none");
		if (roll(dice, 3) == 0)
			used += (size_t)snprintf(text + used, room - used, "alpn = %s %s\n",
						 PICK(dice, some_alpn), PICK(dice, some_alpn));
		if (roll(dice, 3) == 0)
			used += (size_t)snprintf(text + used, room - used, "from = %s %s\n",
						 PICK(dice, some_prefixes),
						 PICK(dice, some_prefixes));
		if (roll(dice, 3) == 0)
			used += (size_t)snprintf(text + used, room - used, "to = %s\n",
						 PICK(dice, some_prefixes));
		if (roll(dice, 4) == 0)
			used += (size_t)snprintf(text + used, room - used, "divert = %s\n",
						 roll(dice, 2) ? "d" : "e");
	}
	return used;
}

static void test_oracle(void **state)
{
	enum { ROOM = 20000 };
	struct dice dice = { 20240607 };
	char *text = calloc(1, ROOM);
	unsigned found = 0;

	(void)state;
	assert_non_null(text);
	for (int round = 0; round < 400; round++) {
		struct route_index *index;
		struct config *config;

		assert_true(random_config(&dice, text, ROOM) < ROOM - 100);
		config = conf_good(text);
		assert_int_equal(route_index_new(&index, config), 0);
		for (int i = 0; i < 100; i++) {
			struct flow flow = {
				.divert = roll(&dice, 2),
				.protocol = (int)roll(&dice, WIRE_IDS + 1) - 1,
				.name = roll(&dice, 4) ? PICK(&dice, some_names) : NULL,
				.alpn = roll(&dice, 2) ? PICK(&dice, some_alpn) : NULL,
				.client = PICK(&dice, some_clients),
				.to = PICK(&dice, some_clients),
			};
			uint8_t alpn[64];
			struct route_query query = query_of(&flow, alpn);
			int winner = route_index_find(index, &query);

			if (winner != oracle(config, &query))
				fail_msg("round %d flow %d: %d, not %d\n%s", round, i, winner,
					 oracle(config, &query), text);
			found += winner >= 0;
		}
		route_index_free(index);
		config_free(config);
	}
	assert_true(found > 10000 && found < 40000); /* the dice must show something */
	free(text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_oracle),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
