/* Why a flow went where it went: the explanation against the judge and the route index by the dice, and
 * each clause once by hand. */
#include <stdarg.h>

#include "policy_flow.h"
#include "sniff/explain.h"
#include "sniff_court.h"
#include "wire_wireguard.h"

/* A flow that was judged so, whatever its bytes were: one byte that nobody knows. */
static void pretend(struct replay *r, struct court *c, const struct flow *flow)
{
	uint8_t alpn[64];
	struct route_query query = query_of(flow, alpn);

	court_begin(r, c, flow->divert, false, NULL, NULL);
	replay_add(r, span_text("\xff"));
	(void)replay_end(r); /* what is judged is overwritten */
	r->q.client = query.client;
	r->q.to = query.to;
	r->is = (struct judgement){ .protocol = flow->protocol, .named = flow->protocol };
	r->is.hints.method = query.method;
	r->is.hints.path = query.path;
	r->is.hints.name_size = (uint16_t)query.name.size;
	r->is.hints.alpn_size = (uint16_t)query.alpn.size;
	if (query.name.size)
		memcpy(r->is.hints.name, query.name.data, query.name.size);
	if (query.alpn.size)
		memcpy(r->is.hints.alpn, query.alpn.data, query.alpn.size);
}

static int winner_of(struct court *c, const struct replay *r)
{
	const struct route_query query = judge_query(&c->judge, &r->q, &r->is);

	return route_index_find(c->index, &query);
}

/* The routes in their places, such as "b a | c", and the clause between the first two. */
static void assert_places(const char *conf, const struct flow *flow, const char *expected,
			  enum explain_clause clause)
{
	struct court *c = calloc(1, sizeof *c);
	struct explanation e;
	struct replay r;
	char got[256] = "";

	assert_non_null(c);
	court_open(c, conf);
	pretend(&r, c, flow);
	assert_int_equal(explain_flow(&e, &r), 0);
	for (size_t i = 0; i < e.route_count; i++) {
		size_t size = strlen(got);

		(void)snprintf(got + size, sizeof got - size, "%s%s", i == e.fits ? "| " : "",
			       c->config->routes[e.routes[i].route].name);
		if (i + 1 < e.route_count)
			strcat(got, " ");
	}
	assert_string_equal(got, expected);
	if (e.fits > 1)
		assert_int_equal(e.routes[1].behind, clause);
	assert_int_equal(winner_of(c, &r), e.fits ? (int)e.routes[0].route : -1);
	explain_done(&e);
	court_close(c);
	free(c);
}
#define PLACES(conf, expected, clause, ...)                                                        \
	assert_places(HEAD conf, &(struct flow){ __VA_ARGS__ }, expected, clause)

static void test_each_clause(void **state)
{
	(void)state;
	PLACES(R("a", "server_name = *.b.example") R("b", "server_name = a.b.example"), "b a",
	       EXPLAIN_BY_NAME, TLS, .name = "a.b.example");
	PLACES(R("a", "server_name = *.example") R("b", "server_name = *.b.example"), "b a",
	       EXPLAIN_BY_NAME, TLS, .name = "a.b.example");
	PLACES(R("a", "server_name = /a/") R("b", "server_name = *.example"), "b a",
	       EXPLAIN_BY_NAME, TLS, .name = "a.b.example");
	PLACES(R("a", "server_name = /b/") R("b", "server_name = /a/\nprotocol = tls\nalpn = h2"),
	       "a b", EXPLAIN_BY_NAME, TLS, .name = "a.b.example", .alpn = "h2");
	PLACES(R("a", "protocol = tls") R("b", "server_name = none"), "b a", EXPLAIN_BY_NAME, TLS);
	PLACES(R("a", "alpn = h2") R("b", "protocol = tls"), "b a", EXPLAIN_BY_PROTOCOL, TLS,
	       .alpn = "h2");
	PLACES(R("a", "from = 192.0.2.7") R("b", "from = 192.0.2.0/24\nalpn = h2"), "b a",
	       EXPLAIN_BY_KEYS, TLS, .alpn = "h2");
	PLACES(R("a", "from = 192.0.2.0/24") R("b", "from = 192.0.2.0/25"), "b a", EXPLAIN_BY_FROM,
	       TLS);
	PLACES(R("a", "to = 203.0.113.0/24") R("b", "to = 203.0.113.10"), "b a", EXPLAIN_BY_TO,
	       TLS);
	PLACES(R("a", "path = /x") R("b", "path = /x/y"), "b a", EXPLAIN_BY_PATH, HTTP,
	       .path = "/x/y");
	PLACES(R("a", "protocol = tls") R("b", "protocol = tls"), "a b", EXPLAIN_BY_ORDER, TLS);
	PLACES(R("a", ""), "a", EXPLAIN_ALONE, TLS);
}

/* The keys that do not match, each by itself and all of them together. */
static void test_each_key(void **state)
{
	static const struct {
		const char *text;
		unsigned misfits;
	} keys[] = {
		{ "protocol = ssh", 1u << EXPLAIN_PROTOCOL },
		{ "server_name = b.example", 1u << EXPLAIN_SERVER_NAME },
		{ "server_name = none", 1u << EXPLAIN_SERVER_NAME },
		{ "server_name = /^b/", 1u << EXPLAIN_SERVER_NAME },
		{ "alpn = h3", 1u << EXPLAIN_ALPN },
		{ "path = /b", 1u << EXPLAIN_PATH },
		{ "method = POST", 1u << EXPLAIN_METHOD },
		{ "wireguard_key = " SEED_SERVER_KEY, 1u << EXPLAIN_WIREGUARD_KEY },
		{ "from = 10.0.0.0/8", 1u << EXPLAIN_FROM },
		{ "to = 10.0.0.0/8", 1u << EXPLAIN_TO },
		{ "protocol = ssh\nserver_name = b.example\nalpn = h3\npath = /b\nmethod = POST\n"
		  "from = 10.0.0.0/8\nto = 10.0.0.0/8\nwireguard_key = " SEED_SERVER_KEY,
		  (1u << EXPLAIN_WHEN) - 1 },
	};
	const struct flow flow = { HTTP, .name = "a.example", .path = "/a" };
	struct court *c = calloc(1, sizeof *c);

	(void)state;
	assert_non_null(c);
	for (size_t i = 0; i < sizeof keys / sizeof *keys; i++) {
		struct explanation e;
		struct replay r;
		char conf[512];

		(void)snprintf(conf, sizeof conf, HEAD R("x", "%s"), keys[i].text);
		court_open(c, conf);
		pretend(&r, c, &flow);
		assert_int_equal(explain_flow(&e, &r), 0);
		assert_int_equal(e.fits, 0);
		assert_int_equal(e.routes[0].misfits, keys[i].misfits);
		explain_done(&e);
		court_close(c);
	}
	free(c);
	for (unsigned key = 0; key < EXPLAIN_KEYS; key++)
		assert_non_null(explain_key_text((enum explain_key)key));
}

/* Only the index knows what is open, and the explanation goes by it. */
static void test_closed_route(void **state)
{
	uint64_t open = ~UINT64_C(1);
	struct court *c = calloc(1, sizeof *c);
	struct explanation e;
	struct replay r;

	(void)state;
	assert_non_null(c);
	court_open(c, HEAD R("a", "when = 00:00-12:00") R("b", ""));
	c->judge.open = &open;
	pretend(&r, c, &(struct flow){ TLS });
	assert_int_equal(explain_flow(&e, &r), 0);
	assert_int_equal(e.fits, 1);
	assert_int_equal(e.routes[0].route, 1);
	assert_int_equal(e.routes[1].misfits, 1u << EXPLAIN_WHEN);
	explain_done(&e);
	court_close(c);
	free(c);
}

static const char *const some_names[] = { "a.example", "b.example", "a.b.example", "x.y.b.example",
					  "c.test" };
static const char *const some_keys[] = {
	"protocol = tls",
	"protocol = http tls",
	"server_name = a.example, *.b.example",
	"server_name = *.example",
	"server_name = *.y.b.example, none",
	"server_name = /^a/ /test$/",
	"server_name = /b/",
	"alpn = h2",
	"alpn = h2 h3",
	"path = /",
	"path = /a /a/b",
	"method = GET",
	"from = 192.0.2.0/24",
	"from = 192.0.2.7 10.0.0.0/8",
	"to = 203.0.113.0/24",
	"to = 203.0.113.10",
	"divert = d",
	"divert = e",
};
static const char *const some_paths[] = { "/", "/a", "/a/b", "/b" };
static const char *const some_clients[] = { "192.0.2.7", "192.0.2.8", "10.0.0.1", "203.0.113.10" };

struct dice {
	uint32_t seed;
};

static unsigned roll(struct dice *dice, unsigned sides)
{
	dice->seed = dice->seed * 1664525u + 1013904223u;
	return (dice->seed >> 16) % sides;
}
#define PICK(dice, from) from[roll(dice, sizeof from / sizeof *from)]

/* Up to twelve routes with up to four keys, no key twice. */
static void random_conf(struct dice *dice, char *text, size_t room)
{
	size_t used = (size_t)snprintf(text, room, HEAD);

	for (unsigned i = 0, count = 1 + roll(dice, 12); i < count; i++) {
		size_t section = used;

		used += (size_t)snprintf(text + used, room - used, "[route r%u]\nbackend = drop\n",
					 i);
		for (unsigned k = roll(dice, 5); k > 0; k--) {
			const char *key = PICK(dice, some_keys);
			char head[24] = "\n";

			memcpy(head + 1, key, strcspn(key, "="));
			if (!strstr(text + section, head))
				used += (size_t)snprintf(text + used, room - used, "%s\n", key);
		}
	}
	assert_true(used < room - 100);
}

static struct flow random_flow(struct dice *dice)
{
	bool is_http = roll(dice, 2);

	return (struct flow){
		.divert = roll(dice, 2),
		.protocol = is_http         ? WIRE_ID_http
			    : roll(dice, 3) ? WIRE_ID_tls
					    : -1,
		.name = roll(dice, 5) ? PICK(dice, some_names) : NULL,
		.alpn = roll(dice, 2) ? "h2" : NULL,
		.method = is_http ? "GET" : NULL,
		.path = is_http ? PICK(dice, some_paths) : NULL,
		.client = PICK(dice, some_clients),
		.to = PICK(dice, some_clients),
	};
}

/* The first place is the index's winner; without it the second would have won, and so on. */
static void test_places_are_those_of_the_index(void **state)
{
	struct dice dice = { 7 };
	struct court *c = calloc(1, sizeof *c);
	unsigned clauses[EXPLAIN_BY_ORDER + 1] = { 0 };
	char text[4096];

	(void)state;
	assert_non_null(c);
	for (int round = 0; round < 300; round++) {
		random_conf(&dice, text, sizeof text);
		court_open(c, text);
		for (int i = 0; i < 50; i++) {
			struct flow flow = random_flow(&dice);
			uint64_t open = UINT64_MAX;
			struct explanation e;
			struct replay r;

			c->judge.open = NULL;
			pretend(&r, c, &flow);
			assert_int_equal(explain_flow(&e, &r), 0);
			c->judge.open = &open;
			for (size_t k = 0; k < e.fits; k++) {
				if (winner_of(c, &r) != (int)e.routes[k].route)
					fail_msg("place %zu: not %u\n%s", k, e.routes[k].route,
						 text);
				clauses[e.routes[k].behind]++;
				open &= ~(UINT64_C(1) << e.routes[k].route);
			}
			assert_int_equal(winner_of(c, &r), -1);
			explain_done(&e);
		}
		court_close(c);
	}
	for (unsigned i = 0; i <= EXPLAIN_BY_ORDER; i++) {
		assert_true(clauses[i] > 20); /* the dice showed each of them */
		assert_int_equal(explain_clause_text((enum explain_clause)i) == NULL, i == 0);
		assert_int_equal(explain_clause_number((enum explain_clause)i) == 0, i == 0);
	}
	free(c);
}

/* Probes are shown as the others are; a program's word is not asked for. */
static void test_probes(void **state)
{
	struct court *c = malloc(sizeof *c);
	struct explanation e;
	struct replay r;

	(void)state;
	assert_non_null(c);
	court_open(c, "[divert d]\ntcp = 1\n"
		      "[route r]\nprotocol = bytes, program, ssh\nbackend = drop\n"
		      "[probe bytes]\nbytes = 1:42, 3:43\n"
		      "[probe regex]\nregex = /^.B[a-z]+;/\n"
		      "[probe program]\nexec = /bin/sh\n"
		      "[probe udp]\ntransport = udp\nbytes = 0:41\n");
	court_begin(&r, c, 0, false, NULL, NULL);
	replay_add(&r, span_text("AB"));
	replay_add(&r, span_text("xy;z"));
	assert_int_equal(replay_end(&r), -1);
	assert_int_equal(explain_flow(&e, &r), 0);
	assert_int_equal(e.protos[WIRE_IDS].verdict, WIRE_NO);
	assert_int_equal(e.protos[WIRE_IDS].settled_at, 4);
	assert_true(e.protos[WIRE_IDS].counts);
	assert_int_equal(e.protos[WIRE_IDS + 1].verdict, WIRE_YES);
	assert_int_equal(e.protos[WIRE_IDS + 1].settled_at, 5);
	assert_false(e.protos[WIRE_IDS + 1].counts);
	assert_int_equal(e.protos[WIRE_IDS + 2].verdict, WIRE_MORE);
	assert_int_equal(e.protos[WIRE_IDS + 2].wanted, 7);
	assert_int_equal(e.protos[WIRE_IDS + 3].settled_at, 0); /* not asked */
	explain_done(&e);
	court_close(c);
	free(c);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_each_clause),
		cmocka_unit_test(test_each_key),
		cmocka_unit_test(test_closed_route),
		cmocka_unit_test(test_places_are_those_of_the_index),
		cmocka_unit_test(test_probes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
