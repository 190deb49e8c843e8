/* Which route wins: every clause of the manual. */
#include "policy_flow.h"
#include "policy_protocols.h"

static void test_name_classes(void **state)
{
	static const char all[] = R("rest", "") R("wild", "server_name = *.example")
		R("longer", "server_name = *.b.example") R("exact", "server_name = a.b.example")
			R("none", "server_name = none");

	(void)state;
	winner_is(all, (struct flow){ TLS, .name = "a.b.example" }, "exact");
	winner_is(all, (struct flow){ TLS, .name = "c.b.example" }, "longer");
	winner_is(all, (struct flow){ TLS, .name = "x.a.b.example" }, "longer"); /* any depth */
	winner_is(all, (struct flow){ TLS, .name = "b.example" }, "wild"); /* not the bare name */
	winner_is(all, (struct flow){ TLS, .name = "c.example" }, "wild");
	winner_is(all, (struct flow){ TLS, .name = "example" }, "rest");
	winner_is(all, (struct flow){ TLS, .name = "cb.example" },
		  "wild"); /* the border of a label */
	winner_is(all, (struct flow){ TLS, .name = "xexample" }, "rest");
	winner_is(all, (struct flow){ TLS }, "none");
	winner_is(all, (struct flow){ UNKNOWN }, "none");
	winner_is(R("a", "server_name = a.example"), (struct flow){ TLS, .name = "b.example" },
		  "-");
	winner_is(R("a", "server_name = a.example"), (struct flow){ TLS }, "-");
	winner_is(R("a", "server_name = none"), (struct flow){ TLS, .name = "b.example" }, "-");
	winner_is(R("a", "server_name = A.Example."), (struct flow){ TLS, .name = "a.example" },
		  "a");
	winner_is(R("a", "server_name = *.Example."), (struct flow){ TLS, .name = "a.example" },
		  "a");
	winner_is(R("a", "server_name = none b.example"), (struct flow){ TLS }, "a");
	winner_is(R("a", "server_name = none b.example"), (struct flow){ TLS, .name = "b.example" },
		  "a");
}

/* The name outranks everything behind it, even when the better name fits only by another key. */
static void test_name_first(void **state)
{
	static const char both[] =
		R("keys", "server_name = *.example\nprotocol = tls\nalpn = h2\nfrom = 192.0.2.7\n"
			  "to = 203.0.113.10") R("exact", "server_name = a.example");
	static const char guarded[] = R("exact", "server_name = a.example\nfrom = 10.0.0.0/8")
		R("wild", "server_name = *.example\nprotocol = ssh") R("rest", "");

	(void)state;
	winner_is(both, (struct flow){ TLS, .name = "a.example", .alpn = "h2" }, "exact");
	winner_is(both, (struct flow){ TLS, .name = "b.example", .alpn = "h2" }, "keys");
	winner_is(guarded, (struct flow){ TLS, .name = "a.example", .client = "10.1.1.1" },
		  "exact");
	winner_is(guarded, (struct flow){ TLS, .name = "a.example" }, "rest");
	/* a shorter wildcard is tried when the longer one's routes do not fit */
	winner_is(R("s", "server_name = *.example") R("l", "server_name = *.b.example\nalpn = h2"),
		  (struct flow){ TLS, .name = "a.b.example" }, "s");
}

/* Only open routes take part, whatever lets them win. */
static void test_open(void **state)
{
	static const char routes[] = HEAD R("exact", "server_name = a.test")
		R("wild", "server_name = *.test") R("regex", "server_name = /test/") R("rest", "")
			R("none", "server_name = none");
	static const struct {
		uint64_t open;
		int winner;
	} cases[] = { { 15, 0 }, { 14, 1 }, { 12, 2 }, { 8, 3 }, { 0, -1 }, { 11, 0 } };
	struct config *config = conf_good(routes);
	struct flow flow = { TLS, .name = "a.test" };
	struct route_query query = query_of(&flow, NULL);
	struct route_index *index;
	uint64_t open = 8;

	(void)state;
	assert_int_equal(route_index_new(&index, config), 0);
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		query.open = &cases[i].open;
		assert_int_equal(route_index_find(index, &query), cases[i].winner);
	}
	query.open = NULL;
	assert_int_equal(route_index_find(index, &query), 0);
	query.name.size = 0;
	query.open = &open;
	assert_int_equal(route_index_find(index, &query), 3);
	open |= 16;
	assert_int_equal(route_index_find(index, &query), 4);
	route_index_free(index);
	config_free(config);
}

static void test_protocol(void **state)
{
	static const char routes[] = R("any", "from = 192.0.2.7\nto = 203.0.113.10\nalpn = h2")
		R("tls", "protocol = tls") R("more", "");

	(void)state;
	winner_is(routes, (struct flow){ TLS, .alpn = "h2" }, "tls"); /* above further keys */
	winner_is(routes, (struct flow){ SSH, .alpn = "h2" }, "any");
	winner_is(routes, (struct flow){ UNKNOWN }, "more");
	winner_is(R("ssh", "protocol = ssh"), (struct flow){ UNKNOWN }, "-");
	/* a matched protocol with no matching name: its nameless route, then any */
	winner_is(R("any", "") R("n", "protocol = tls\nserver_name = a.example")
			  R("tls", "protocol = tls"),
		  (struct flow){ TLS, .name = "b.example" }, "tls");
}

static void test_further_keys(void **state)
{
	static const char http[] = R("one", "path = /a") R("two", "path = /\nmethod = GET")
		R("named", "protocol = http\nserver_name = x.example");
	static const char routes[] = R("none", "") R("one", "from = 192.0.2.7")
		R("two", "from = 0.0.0.0/0\nto = 203.0.0.0/8")
			R("three", "from = 0.0.0.0/0\nto = 0.0.0.0/0\nalpn = h2");

	(void)state;
	winner_is(routes, (struct flow){ TLS, .alpn = "h2" }, "three");
	winner_is(routes, (struct flow){ TLS }, "two");
	winner_is(routes, (struct flow){ TLS, .to = "8.8.8.8" }, "one");
	winner_is(routes, (struct flow){ TLS, .to = "8.8.8.8", .client = "10.0.0.1" }, "none");
	winner_is(http, (struct flow){ HTTP, .path = "/a" }, "two"); /* above the longer path */
	winner_is(http, (struct flow){ HTTP, .path = "/a", .name = "x.example" }, "named");
	winner_is(R("a", "path = /") R("b", "path = /\nwhen = mon-sun 00:00-24:00"),
		  (struct flow){ HTTP, .path = "/" }, "b");
	winner_is(R("a", "") R("b", "method = GET"), (struct flow){ HTTP, .path = "/" }, "b");
	winner_is(R("a", "") R("b", "method = PUT"), (struct flow){ HTTP, .path = "/" }, "a");
	winner_is(R("a", "") R("b", "path = /"), (struct flow){ TLS }, "a");
	/* a key is present or not: how much it lists does not count */
	winner_is(R("a", "method = GET") R("b", "method = GET PUT POST"),
		  (struct flow){ HTTP, .path = "/" }, "a");
}

static void test_prefixes(void **state)
{
	static const char routes[] =
		R("wide", "from = 192.0.0.0/16, 10.1.0.0/16") R("near", "from = 192.0.2.0/24")
			R("list", "from = 10.0.0.0/8, 192.0.2.7") R("six", "from = 2001:db8::/32");

	(void)state;
	winner_is(routes, (struct flow){ TLS }, "list");
	winner_is(routes, (struct flow){ TLS, .client = "192.0.2.8" }, "near");
	winner_is(routes, (struct flow){ TLS, .client = "192.0.3.8" }, "wide");
	winner_is(routes, (struct flow){ TLS, .client = "10.1.2.3" }, "wide");
	winner_is(routes, (struct flow){ TLS, .client = "10.2.2.3" }, "list");
	winner_is(routes, (struct flow){ TLS, .client = "2001:db8::1" }, "six");
	winner_is(routes, (struct flow){ TLS, .client = "198.51.100.1" }, "-");
	/* from before to */
	winner_is(R("to", "from = 192.0.2.0/24\nto = 203.0.113.10")
			  R("from", "from = 192.0.2.7\nto = 0.0.0.0/0"),
		  (struct flow){ TLS }, "from");
	winner_is(R("to", "to = 203.0.113.10") R("from", "from = 0.0.0.0/0"), (struct flow){ TLS },
		  "from");
	winner_is(R("a", "to = 203.0.113.0/24") R("b", "to = 203.0.113.10"), (struct flow){ TLS },
		  "b");
}

/* The longest path, behind from and to. */
static void test_path(void **state)
{
	static const char routes[] = R("all", "path = /") R("a", "path = /a")
		R("abc", "path = /abc, /x") R("ab", "path = /ab, /xyz");

	(void)state;
	winner_is(routes, (struct flow){ HTTP, .path = "/" }, "all");
	winner_is(routes, (struct flow){ HTTP, .path = "/a" }, "a");
	winner_is(routes, (struct flow){ HTTP, .path = "/abd" }, "ab");
	winner_is(routes, (struct flow){ HTTP, .path = "/abcd" }, "abc");
	winner_is(routes, (struct flow){ HTTP, .path = "/xy" }, "abc");
	winner_is(routes, (struct flow){ HTTP, .path = "/xyz" }, "ab");
	winner_is(R("path", "path = /abc\nfrom = 192.0.2.0/24")
			  R("from", "path = /a\nfrom = 192.0.2.7"),
		  (struct flow){ HTTP, .path = "/abc" }, "from");
	winner_is(R("path", "path = /abc\nto = 203.0.113.0/24")
			  R("to", "path = /a\nto = 203.0.113.10"),
		  (struct flow){ HTTP, .path = "/abc" }, "to");
	winner_is(R("short", "path = /a\nto = 203.0.113.0/24")
			  R("long", "path = /abc\nto = 203.0.113.0/24"),
		  (struct flow){ HTTP, .path = "/abc" }, "long");
}

/* A protocol that is known but whose name no route knows: its own nameless route, then any, then
 * nobody. */
static void test_falls(void **state)
{
	static const char named[] =
		R("n", "protocol = tls\nserver_name = a.example, *.b.example, /^c/");

	(void)state;
	winner_is(named, (struct flow){ TLS, .name = "x.test" }, "-");
	winner_is(R("any", "") R("n", "server_name = a.example"),
		  (struct flow){ TLS, .name = "x.test" }, "any");
	winner_is(R("any", "") R("tls", "protocol = tls") R("http", "protocol = http"),
		  (struct flow){ TLS, .name = "x.test" }, "tls");
	winner_is(R("any", "") R("tls", "protocol = tls") R("http", "protocol = http"),
		  (struct flow){ HTTP, .name = "x.test" }, "http");
	winner_is(R("any", "") R("tls", "protocol = tls") R("http", "protocol = http"),
		  (struct flow){ SSH }, "any");
	winner_is(R("tls", "protocol = tls"), (struct flow){ SSH }, "-");
	winner_is(R("tls", "protocol = tls"), (struct flow){ UNKNOWN }, "-");
}

static void test_file_order(void **state)
{
	(void)state;
	winner_is(R("a", "") R("b", ""), (struct flow){ TLS }, "a");
	winner_is(R("a", "server_name = x.example") R("b", "server_name = x.example"),
		  (struct flow){ TLS, .name = "x.example" }, "a");
	winner_is(R("a", "server_name = none") R("b", "server_name = none"), (struct flow){ TLS },
		  "a");
	winner_is(R("a", "from = 192.0.2.7") R("b", "to = 203.0.113.10") R("c", "from = 192.0.2.7"),
		  (struct flow){ TLS }, "a");
	winner_is(R("a", "protocol = tls") R("b", "protocol = tls ssh"), (struct flow){ TLS }, "a");
}

static void test_diverts(void **state)
{
	static const char routes[] = R("d", "divert = d\nserver_name = a.example")
		R("e", "divert = e") R("all", "server_name = *.example");

	(void)state;
	winner_is(routes, (struct flow){ TLS, .name = "a.example" }, "d");
	winner_is(routes, (struct flow){ TLS, .name = "a.example", .divert = 1 }, "all");
	winner_is(routes, (struct flow){ TLS, .divert = 1 }, "e");
	winner_is(routes, (struct flow){ TLS }, "-");
}

static bool is_same_set(struct proto_set a, struct proto_set b)
{
	return a.words[0] == b.words[0] && a.words[1] == b.words[1];
}

/* None, or these two, which may be one. */
static const struct proto_set none = { { 0 } };

static struct proto_set both(unsigned id, unsigned other)
{
	struct proto_set set = none;

	proto_set_add(&set, id);
	proto_set_add(&set, other);
	return set;
}

#define ONLY(name) both(WIRE_ID_##name, WIRE_ID_##name)

static void expect_divert(const char *routes, unsigned divert, int unconditional,
			  struct proto_set protocols)
{
	char text[1000];
	struct route_index *index;
	struct config *config;
	struct proto_set set;

	(void)snprintf(text, sizeof text, HEAD "%s", routes);
	config = conf_good(text);
	assert_int_equal(route_index_new(&index, config), 0);
	assert_int_equal(route_index_unconditional(index, divert, WIRE_TCP), unconditional);
	set = route_index_protocols(index, divert);
	assert_true(is_same_set(set, protocols));
	route_index_free(index);
	config_free(config);
}

static void expect_named(const char *routes, struct proto_set d, struct proto_set e)
{
	char text[1000];
	struct route_index *index;
	struct config *config;

	(void)snprintf(text, sizeof text, HEAD "%s", routes);
	config = conf_good(text);
	assert_int_equal(route_index_new(&index, config), 0);
	assert_true(is_same_set(route_index_named(index, 0), d));
	assert_true(is_same_set(route_index_named(index, 1), e));
	route_index_free(index);
	config_free(config);
}

/* A route for names of one protocol makes no other protocol wait. */
static void test_named(void **state)
{
	const struct proto_set all = protocols_saying(WIRE_SAYS_NAME);

	(void)state;
	expect_named("", none, none);
	expect_named(R("a", "path = /\nalpn = h2") R("b", "protocol = tls"), none, none);
	expect_named(R("a", "alpn = h2\ndivert = d"), ONLY(tls), none);
	expect_named(R("a", "divert = e\nserver_name = none") R("b", ""), none, all);
	expect_named(R("a", "divert = d\nserver_name = /a/") R("b", ""), all, none);
	expect_named(R("a", "") R("b", "server_name = a.b"), all, all);
	expect_named(R("a", "protocol = tls\nserver_name = a.b") R("b", "protocol = grpc"),
		     ONLY(tls), ONLY(tls));
	expect_named(R("a", "alpn = h2\nserver_name = a.b\ndivert = d"), ONLY(tls), none);
}

static void test_sums(void **state)
{
	const struct proto_set all = protocols_saying(WIRE_SAYS_NAME);

	(void)state;
	expect_divert("", 0, -1, none);
	expect_divert(R("a", ""), 0, 0, none);
	expect_divert(R("a", ""), 1, 0, none);
	expect_divert(R("a", "divert = e") R("b", "divert = d"), 0, 1, none);
	expect_divert(R("a", "divert = e"), 0, -1, none);
	expect_divert(R("a", "") R("b", ""), 0, -1, none);
	expect_divert(R("a", "protocol = ssh"), 0, -1, ONLY(ssh));
	expect_divert(R("a", "server_name = none"), 0, -1, all);
	expect_divert(R("a", "server_name = a.example"), 0, -1, all);
	expect_divert(R("a", "server_name = /a/"), 0, -1, all);
	expect_divert(R("a", "path = /"), 0, -1, ONLY(http));
	expect_divert(R("a", "method = GET"), 0, -1, ONLY(http));
	expect_divert(R("a", "when = mon 08:00-09:00"), 0, -1, none);
	expect_divert(R("a", "alpn = h2"), 0, -1, ONLY(tls));
	expect_divert(R("a", "from = ::1"), 0, -1, none);
	expect_divert(R("a", "to = ::1"), 0, -1, none);
	expect_divert(R("a", "protocol = ssh") R("b", "protocol = sslv2\ndivert = e"), 0, -1,
		      ONLY(ssh));
	expect_divert(R("a", "protocol = ssh") R("b", "protocol = sslv2\ndivert = e"), 1, -1,
		      both(WIRE_ID_ssh, WIRE_ID_sslv2));
	route_index_free(NULL);
}

#define BOTH "[divert both]\ntcp = 1\nudp = 1\n[divert stream]\ntcp = 2\n"

/* A route that takes everything is the only one for a transport, too, when the others are for the
 * other one. */
static void test_unconditional(void **state)
{
	static const struct {
		const char *routes;
		int tcp, udp, stream;
	} cases[] = {
		{ "", -1, -1, -1 },
		{ R("a", ""), 0, 0, 0 },
		{ R("a", "divert = both"), 0, 0, -1 },
		{ R("a", "divert = stream"), -1, -1, 0 },
		{ R("a", "protocol = quic") R("b", ""), 1, -1, 1 },
		{ R("a", "protocol = quic\nserver_name = a.test") R("b", ""), 1, -1, 1 },
		{ R("a", "protocol = tls\nserver_name = a.test") R("b", ""), -1, 1, -1 },
		{ R("a", "") R("b", "path = /"), -1, 0, -1 },
		{ R("a", "") R("b", "protocol = tls, quic"), -1, -1, -1 },
		{ R("a", "") R("b", "server_name = a.test"), -1, -1, -1 },
		{ R("a", "") R("b", "server_name = none"), -1, -1, -1 },
		{ R("a", "") R("b", "alpn = h3"), -1, -1, -1 },
		{ R("a", "") R("b", "from = ::1\nprotocol = quic"), 0, -1, 0 },
		{ R("a", "") R("b", ""), -1, -1, -1 },
		{ R("a", "divert = both") R("b", "divert = stream"), 0, 0, 1 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		char text[1000];
		struct route_index *index;
		struct config *config;

		(void)snprintf(text, sizeof text, BOTH "%s", cases[i].routes);
		config = conf_good(text);
		assert_int_equal(route_index_new(&index, config), 0);
		assert_int_equal(route_index_unconditional(index, 0, WIRE_TCP), cases[i].tcp);
		assert_int_equal(route_index_unconditional(index, 0, WIRE_UDP), cases[i].udp);
		assert_int_equal(route_index_unconditional(index, 1, WIRE_TCP), cases[i].stream);
		assert_int_equal(route_index_unconditional(index, 1, WIRE_UDP), -1);
		route_index_free(index);
		config_free(config);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_name_classes),  cmocka_unit_test(test_name_first),
		cmocka_unit_test(test_protocol),      cmocka_unit_test(test_further_keys),
		cmocka_unit_test(test_prefixes),      cmocka_unit_test(test_file_order),
		cmocka_unit_test(test_diverts),       cmocka_unit_test(test_sums),
		cmocka_unit_test(test_open),          cmocka_unit_test(test_path),
		cmocka_unit_test(test_falls),         cmocka_unit_test(test_named),
		cmocka_unit_test(test_unconditional),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
