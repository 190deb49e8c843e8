/* Which route wins: every clause of the manual. */
#include "policy_flow.h"

/* The name of the route that wins, "-" for none. */
static void expect(const char *routes, struct flow flow, const char *winner)
{
	char text[2000];
	uint8_t alpn[64];
	struct route_index *index;
	struct route_query query = query_of(&flow, alpn);
	struct config *config;
	int route;

	(void)snprintf(text, sizeof text, HEAD "%s", routes);
	config = conf_good(text);
	assert_int_equal(route_index_new(&index, config), 0);
	route = route_index_find(index, &query);
	assert_string_equal(route < 0 ? "-" : config->routes[route].name, winner);
	route_index_free(index);
	config_free(config);
}

static void test_name_classes(void **state)
{
	static const char all[] = R("rest", "") R("wild", "server_name = *.example")
		R("longer", "server_name = *.b.example") R("exact", "server_name = a.b.example")
			R("none", "server_name = none");

	(void)state;
	expect(all, (struct flow){ TLS, .name = "a.b.example" }, "exact");
	expect(all, (struct flow){ TLS, .name = "c.b.example" }, "longer");
	expect(all, (struct flow){ TLS, .name = "x.a.b.example" }, "longer"); /* any depth */
	expect(all, (struct flow){ TLS, .name = "b.example" }, "wild"); /* not the bare name */
	expect(all, (struct flow){ TLS, .name = "c.example" }, "wild");
	expect(all, (struct flow){ TLS, .name = "example" }, "rest");
	expect(all, (struct flow){ TLS, .name = "cb.example" }, "wild"); /* the border of a label */
	expect(all, (struct flow){ TLS, .name = "xexample" }, "rest");
	expect(all, (struct flow){ TLS }, "none");
	expect(all, (struct flow){ UNKNOWN }, "none");
	expect(R("a", "server_name = a.example"), (struct flow){ TLS, .name = "b.example" }, "-");
	expect(R("a", "server_name = a.example"), (struct flow){ TLS }, "-");
	expect(R("a", "server_name = none"), (struct flow){ TLS, .name = "b.example" }, "-");
	expect(R("a", "server_name = A.Example."), (struct flow){ TLS, .name = "a.example" }, "a");
	expect(R("a", "server_name = *.Example."), (struct flow){ TLS, .name = "a.example" }, "a");
	expect(R("a", "server_name = none b.example"), (struct flow){ TLS }, "a");
	expect(R("a", "server_name = none b.example"), (struct flow){ TLS, .name = "b.example" },
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
	expect(both, (struct flow){ TLS, .name = "a.example", .alpn = "h2" }, "exact");
	expect(both, (struct flow){ TLS, .name = "b.example", .alpn = "h2" }, "keys");
	expect(guarded, (struct flow){ TLS, .name = "a.example", .client = "10.1.1.1" }, "exact");
	expect(guarded, (struct flow){ TLS, .name = "a.example" }, "rest");
	/* a shorter wildcard is tried when the longer one's routes do not fit */
	expect(R("s", "server_name = *.example") R("l", "server_name = *.b.example\nalpn = h2"),
	       (struct flow){ TLS, .name = "a.b.example" }, "s");
}

static void test_protocol(void **state)
{
	static const char routes[] = R("any", "from = 192.0.2.7\nto = 203.0.113.10\nalpn = h2")
		R("tls", "protocol = tls") R("more", "");

	(void)state;
	expect(routes, (struct flow){ TLS, .alpn = "h2" }, "tls"); /* above further keys */
	expect(routes, (struct flow){ SSH, .alpn = "h2" }, "any");
	expect(routes, (struct flow){ UNKNOWN }, "more");
	expect(R("ssh", "protocol = ssh"), (struct flow){ UNKNOWN }, "-");
	/* a matched protocol with no matching name: its nameless route, then any */
	expect(R("any", "") R("n", "protocol = tls\nserver_name = a.example")
		       R("tls", "protocol = tls"),
	       (struct flow){ TLS, .name = "b.example" }, "tls");
}

static void test_further_keys(void **state)
{
	static const char routes[] = R("none", "") R("one", "from = 192.0.2.7")
		R("two", "from = 0.0.0.0/0\nto = 203.0.0.0/8")
			R("three", "from = 0.0.0.0/0\nto = 0.0.0.0/0\nalpn = h2");

	(void)state;
	expect(routes, (struct flow){ TLS, .alpn = "h2" }, "three");
	expect(routes, (struct flow){ TLS }, "two");
	expect(routes, (struct flow){ TLS, .to = "8.8.8.8" }, "one");
	expect(routes, (struct flow){ TLS, .to = "8.8.8.8", .client = "10.0.0.1" }, "none");
}

static void test_prefixes(void **state)
{
	static const char routes[] =
		R("wide", "from = 192.0.0.0/16, 10.1.0.0/16") R("near", "from = 192.0.2.0/24")
			R("list", "from = 10.0.0.0/8, 192.0.2.7") R("six", "from = 2001:db8::/32");

	(void)state;
	expect(routes, (struct flow){ TLS }, "list");
	expect(routes, (struct flow){ TLS, .client = "192.0.2.8" }, "near");
	expect(routes, (struct flow){ TLS, .client = "192.0.3.8" }, "wide");
	expect(routes, (struct flow){ TLS, .client = "10.1.2.3" }, "wide");
	expect(routes, (struct flow){ TLS, .client = "10.2.2.3" }, "list");
	expect(routes, (struct flow){ TLS, .client = "2001:db8::1" }, "six");
	expect(routes, (struct flow){ TLS, .client = "198.51.100.1" }, "-");
	/* from before to */
	expect(R("to", "from = 192.0.2.0/24\nto = 203.0.113.10")
		       R("from", "from = 192.0.2.7\nto = 0.0.0.0/0"),
	       (struct flow){ TLS }, "from");
	expect(R("to", "to = 203.0.113.10") R("from", "from = 0.0.0.0/0"), (struct flow){ TLS },
	       "from");
	expect(R("a", "to = 203.0.113.0/24") R("b", "to = 203.0.113.10"), (struct flow){ TLS },
	       "b");
}

static void test_file_order(void **state)
{
	(void)state;
	expect(R("a", "") R("b", ""), (struct flow){ TLS }, "a");
	expect(R("a", "server_name = x.example") R("b", "server_name = x.example"),
	       (struct flow){ TLS, .name = "x.example" }, "a");
	expect(R("a", "server_name = none") R("b", "server_name = none"), (struct flow){ TLS },
	       "a");
	expect(R("a", "from = 192.0.2.7") R("b", "to = 203.0.113.10") R("c", "from = 192.0.2.7"),
	       (struct flow){ TLS }, "a");
	expect(R("a", "protocol = tls") R("b", "protocol = tls ssh"), (struct flow){ TLS }, "a");
}

static void test_diverts(void **state)
{
	static const char routes[] = R("d", "divert = d\nserver_name = a.example")
		R("e", "divert = e") R("all", "server_name = *.example");

	(void)state;
	expect(routes, (struct flow){ TLS, .name = "a.example" }, "d");
	expect(routes, (struct flow){ TLS, .name = "a.example", .divert = 1 }, "all");
	expect(routes, (struct flow){ TLS, .divert = 1 }, "e");
	expect(routes, (struct flow){ TLS }, "-");
}

static void expect_divert(const char *routes, unsigned divert, int unconditional,
			  unsigned protocols)
{
	char text[1000];
	struct route_index *index;
	struct config *config;
	struct proto_set set;

	(void)snprintf(text, sizeof text, HEAD "%s", routes);
	config = conf_good(text);
	assert_int_equal(route_index_new(&index, config), 0);
	assert_int_equal(route_index_unconditional(index, divert), unconditional);
	set = route_index_protocols(index, divert);
	assert_int_equal(set.words[0], protocols);
	assert_int_equal(set.words[1], 0);
	route_index_free(index);
	config_free(config);
}

#define BIT(name) (1u << WIRE_ID_##name)

static void test_sums(void **state)
{
	(void)state;
	expect_divert("", 0, -1, 0);
	expect_divert(R("a", ""), 0, 0, 0);
	expect_divert(R("a", ""), 1, 0, 0);
	expect_divert(R("a", "divert = e") R("b", "divert = d"), 0, 1, 0);
	expect_divert(R("a", "divert = e"), 0, -1, 0);
	expect_divert(R("a", "") R("b", ""), 0, -1, 0);
	expect_divert(R("a", "protocol = ssh"), 0, -1, BIT(ssh));
	expect_divert(R("a", "server_name = none"), 0, -1, BIT(tls));
	expect_divert(R("a", "server_name = a.example"), 0, -1, BIT(tls));
	expect_divert(R("a", "alpn = h2"), 0, -1, BIT(tls));
	expect_divert(R("a", "from = ::1"), 0, -1, 0);
	expect_divert(R("a", "to = ::1"), 0, -1, 0);
	expect_divert(R("a", "protocol = ssh") R("b", "protocol = sslv2\ndivert = e"), 0, -1,
		      BIT(ssh));
	expect_divert(R("a", "protocol = ssh") R("b", "protocol = sslv2\ndivert = e"), 1, -1,
		      BIT(ssh) | BIT(sslv2));
	route_index_free(NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_name_classes), cmocka_unit_test(test_name_first),
		cmocka_unit_test(test_protocol),     cmocka_unit_test(test_further_keys),
		cmocka_unit_test(test_prefixes),     cmocka_unit_test(test_file_order),
		cmocka_unit_test(test_diverts),      cmocka_unit_test(test_sums),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
