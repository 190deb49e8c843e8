/* One route against one flow: each key, and the rank. */
#include <string.h>

#include "policy/route.h"
#include "policy_conf.h"
#include "wire/wire.h"
#include "wire_wireguard.h"

/* A configuration with one route of these keys. */
static struct config *with_route(const char *keys)
{
	char text[500];

	(void)snprintf(text, sizeof text,
		       "[divert d]\ntcp = 1\n[divert e]\ntcp = 2\n[route r]\nbackend = drop\n%s\n",
		       keys);
	return conf_good(text);
}

static struct addr address(const char *text)
{
	struct addr a;

	assert_int_equal(addr_parse(&a, text, false), 0);
	return a;
}

static struct route_query query_of(int protocol, struct span alpn)
{
	return (struct route_query){
		.protocol = protocol,
		.alpn = alpn,
		.client = address("192.0.2.7"),
		.to = address("2001:db8::1"),
	};
}

static bool fits(const char *keys, struct route_query query, struct route_rank *rank)
{
	struct config *config = with_route(keys);
	bool is_fit = route_fits(&config->routes[0], &query, rank);

	config_free(config);
	return is_fit;
}

static void test_protocol(void **state)
{
	struct route_rank rank;

	(void)state;
	assert_true(fits("", query_of(-1, span_of(NULL, 0)), &rank));
	assert_false(rank.is_protocol_named);
	assert_true(fits("protocol = ssh tls", query_of(WIRE_ID_ssh, span_of(NULL, 0)), &rank));
	assert_true(rank.is_protocol_named);
	assert_false(fits("protocol = ssh", query_of(WIRE_ID_tls, span_of(NULL, 0)), &rank));
	assert_false(fits("protocol = ssh", query_of(-1, span_of(NULL, 0)), &rank));
}

static void test_divert(void **state)
{
	struct route_query query = query_of(-1, span_of(NULL, 0));
	struct route_rank rank;

	(void)state;
	query.divert = 1;
	assert_true(fits("divert = e", query, &rank));
	assert_false(fits("divert = d", query, &rank));
	assert_true(fits("", query, &rank));
}

static void test_alpn(void **state)
{
	static const char offer[] = "\002h2\010http/1.1";
	struct span both = span_of(offer, sizeof offer - 1);
	struct route_rank rank;

	(void)state;
	assert_true(fits("alpn = h2", query_of(-1, both), &rank));
	assert_int_equal(rank.further_keys, 1);
	assert_true(fits("alpn = h3 http/1.1", query_of(-1, both), &rank));
	assert_false(fits("alpn = h3", query_of(-1, both), &rank));
	assert_false(fits("alpn = H2", query_of(-1, both), &rank));
	assert_false(fits("alpn = h", query_of(-1, both), &rank));
	assert_false(fits("alpn = h2", query_of(-1, span_of(NULL, 0)), &rank));
	/* a list that was cut within a name, and an empty name */
	assert_true(fits("alpn = h2", query_of(-1, span_of(offer, 6)), &rank));
	assert_false(fits("alpn = http/1.1", query_of(-1, span_of(offer, 6)), &rank));
	assert_false(fits("alpn = http", query_of(-1, span_of(offer, 8)), &rank));
	assert_true(fits("alpn = h2", query_of(-1, span_of("\000\002h2", 4)), &rank));
}

static void test_addresses(void **state)
{
	struct route_query query = query_of(-1, span_of(NULL, 0));
	struct route_rank rank;

	(void)state;
	assert_true(fits("from = 192.0.2.0/24, 192.0.2.0/28 192.0.0.0/16", query, &rank));
	assert_int_equal(rank.from_bits, 28); /* the longest of those that hold it */
	assert_int_equal(rank.to_bits, -1);
	assert_int_equal(rank.further_keys, 1);
	assert_true(fits("from = 0.0.0.0/0\nto = ::/0", query, &rank));
	assert_int_equal(rank.from_bits, 0);
	assert_int_equal(rank.to_bits, 0);
	assert_int_equal(rank.further_keys, 2);
	assert_false(fits("from = 192.0.3.0/24", query, &rank));
	assert_false(fits("from = ::/0", query, &rank));
	assert_false(fits("to = 2001:db8::2", query, &rank));
	assert_false(fits("from = 192.0.2.7\nto = 0.0.0.0/0", query, &rank));
}

static struct route_query request(const char *method, const char *path)
{
	struct route_query query = query_of(WIRE_ID_http, span_of(NULL, 0));

	query.method = span_text(method);
	query.path = span_text(path);
	return query;
}

static void test_method(void **state)
{
	struct route_rank rank;

	(void)state;
	assert_true(fits("method = GET", request("GET", "/"), &rank));
	assert_int_equal(rank.further_keys, 1);
	assert_true(fits("method = PUT, GET", request("GET", "/"), &rank));
	assert_false(fits("method = GET", request("get", "/"), &rank)); /* RFC 9110 9.1 */
	assert_false(fits("method = GET", request("GETS", "/"), &rank));
	assert_false(fits("method = GET", request("GE", "/"), &rank));
	assert_true(fits("method = M-SEARCH", request("M-SEARCH", "*"), &rank));
	assert_false(fits("method = GET", query_of(WIRE_ID_tls, span_of(NULL, 0)), &rank));
	assert_false(fits("method = GET", query_of(-1, span_of(NULL, 0)), &rank));
}

static void test_path(void **state)
{
	struct route_rank rank;

	(void)state;
	assert_true(fits("path = /a", request("GET", "/a"), &rank));
	assert_int_equal(rank.path_bytes, 2);
	assert_int_equal(rank.further_keys, 1);
	assert_true(fits("path = /a", request("GET", "/a/b?c=d"), &rank));
	assert_true(fits("path = /a", request("GET", "/ab"), &rank)); /* a prefix of bytes */
	assert_false(fits("path = /a/", request("GET", "/a"), &rank));
	assert_false(fits("path = /a", request("GET", "/A"), &rank));
	assert_false(fits("path = /a", request("GET", "/"), &rank));
	assert_true(fits("path = /a, /a/b, /a/b/c/d, /x", request("GET", "/a/b/c"), &rank));
	assert_int_equal(rank.path_bytes, 4); /* the longest of those that fit */
	assert_true(fits("path = /", request("GET", "/any"), &rank));
	assert_int_equal(rank.path_bytes, 1);
	assert_true(fits("path = /", request("GET", ""), &rank)); /* http://host, and no more */
	assert_false(fits("path = /a", request("GET", ""), &rank));
	assert_true(fits("path = *", request("OPTIONS", "*"), &rank));
	assert_false(fits("path = /", request("OPTIONS", "*"), &rank));
	assert_false(fits("path = /", query_of(WIRE_ID_tls, span_of(NULL, 0)), &rank));
	assert_false(fits("path = /", query_of(-1, span_of(NULL, 0)), &rank));
	assert_true(fits("path = /a\nmethod = POST", request("POST", "/a"), &rank));
	assert_int_equal(rank.further_keys, 2);
	assert_false(fits("path = /a\nmethod = POST", request("GET", "/a"), &rank));
	assert_true(fits("", request("POST", "/a"), &rank));
	assert_int_equal(rank.path_bytes, -1);
}

static void test_untouched(void **state)
{
	struct route_rank rank = { true, 9, 9, 9, 9 };

	(void)state;
	assert_false(fits("protocol = ssh", query_of(-1, span_of(NULL, 0)), &rank));
	assert_int_equal(rank.path_bytes, 9);
}

static void test_compare(void **state)
{
	/* each beats all behind it */
	static const struct route_rank ranks[] = {
		{ true, 3, 0, 0, -1 },     { true, 2, 32, 128, 1 },  { true, 2, 32, 64, 9 },
		{ true, 2, 32, 64, 8 },    { true, 2, 31, 128, 99 }, { true, 0, -1, -1, -1 },
		{ false, 2, 128, 32, -1 }, { false, 1, -1, 32, -1 }, { false, 1, -1, 8, -1 },
		{ false, 1, -1, -1, 2 },   { false, 0, -1, -1, -1 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof ranks / sizeof *ranks; i++) {
		assert_int_equal(route_rank_compare(&ranks[i], &ranks[i]), 0);
		for (size_t j = i + 1; j < sizeof ranks / sizeof *ranks; j++) {
			assert_true(route_rank_compare(&ranks[i], &ranks[j]) > 0);
			assert_true(route_rank_compare(&ranks[j], &ranks[i]) < 0);
		}
	}
}

enum { SSH = 1, TLS = 2, SSLV2 = 4, HTTP = 8, HTTP2 = 16 };

/* Which recognisers a route needs. */
static int needs(const char *keys)
{
	struct config *config = with_route(keys);
	struct proto_set set = route_recognisers(&config->routes[0]);

	config_free(config);
	return proto_set_has(&set, WIRE_ID_ssh) * SSH | proto_set_has(&set, WIRE_ID_tls) * TLS |
	       proto_set_has(&set, WIRE_ID_sslv2) * SSLV2 |
	       proto_set_has(&set, WIRE_ID_http) * HTTP |
	       proto_set_has(&set, WIRE_ID_http2) * HTTP2;
}

static void test_recognisers(void **state)
{
	(void)state;
	assert_int_equal(needs(""), 0);
	assert_int_equal(needs("from = 192.0.2.1"), 0);
	assert_int_equal(needs("when = mon 08:00-09:00"), 0);
	assert_int_equal(needs("protocol = ssh"), SSH);
	assert_int_equal(needs("protocol = ssh\nserver_name = none"), SSH);
	/* or no name would ever be known */
	assert_int_equal(needs("server_name = a.example"), TLS | HTTP | HTTP2);
	assert_int_equal(needs("server_name = /a/"), TLS | HTTP | HTTP2);
	assert_int_equal(needs("server_name = none"), TLS | HTTP | HTTP2);
	assert_int_equal(needs("alpn = h2"), TLS);
	assert_int_equal(needs("alpn = h2\nserver_name = a.example"), TLS);
	assert_int_equal(needs("path = /"), HTTP);
	assert_int_equal(needs("method = GET"), HTTP);
	assert_int_equal(needs("method = GET\nserver_name = a.example"), HTTP);
	assert_int_equal(needs("path = /\nprotocol = http tls"), HTTP | TLS);
	assert_int_equal(needs("path = /\nalpn = h2"), 0); /* no flow has both */
}

static void test_asks(void **state)
{
	struct config *config = with_route("server_name = none\npath = /");

	(void)state;
	assert_int_equal(route_asks(&config->routes[0]), WIRE_SAYS_NAME | WIRE_SAYS_REQUEST);
	assert_true(route_has_name(&config->routes[0]));
	config_free(config);
	config = with_route("server_name = /a/\nalpn = h2");
	assert_int_equal(route_asks(&config->routes[0]), WIRE_SAYS_NAME | WIRE_SAYS_ALPN);
	assert_true(route_has_name(&config->routes[0]));
	config_free(config);
	config = with_route("from = ::/0");
	assert_int_equal(route_asks(&config->routes[0]), 0);
	assert_false(route_has_name(&config->routes[0]));
	config_free(config);
}

static void test_wireguard_key(void **state)
{
	struct route_query query = query_of(WIRE_ID_wireguard, span_of(NULL, 0));
	struct route_rank rank;
	uint8_t bytes[148];

	(void)state;
	assert_true(fits("", query, &rank));
	assert_false(fits("wireguard_key = " SEED_SERVER_KEY, query, &rank));
	query.mac1 = wireguard_message_for(bytes, SEED_SERVER_KEY);
	assert_true(fits("wireguard_key = " SEED_SERVER_KEY, query, &rank));
	assert_int_equal(rank.further_keys, 1);
	assert_true(fits("wireguard_key = " SEED_CLIENT_KEY ", " SEED_SERVER_KEY, query, &rank));
	assert_int_equal(rank.further_keys, 1);
	assert_false(fits("wireguard_key = " SEED_CLIENT_KEY, query, &rank));
	assert_true(fits("", query, &rank));
}

/* The recogniser that may keep a route waiting, as it tells what that asks for; -1: none. */
static int awaits(const char *keys)
{
	struct config *config = with_route(keys);
	struct proto_set set = route_awaits(&config->routes[0]);
	unsigned id;

	config_free(config);
	if (proto_set_is_empty(&set))
		return -1;
	id = proto_set_first(&set);
	proto_set_remove(&set, id);
	assert_true(proto_set_is_empty(&set));
	return (int)id;
}

static void test_awaits(void **state)
{
	(void)state;
	assert_int_equal(awaits(""), -1);
	assert_int_equal(awaits("protocol = quic wireguard"), -1);
	assert_int_equal(awaits("protocol = quic ssh\nserver_name = a.b"), WIRE_ID_quic);
	assert_int_equal(awaits("protocol = quic http2\nalpn = h3"), WIRE_ID_quic);
	assert_int_equal(awaits("protocol = quic wireguard\nwireguard_key = " SEED_SERVER_KEY),
			 WIRE_ID_wireguard);
	assert_int_equal(awaits("path = /"), -1);
}

/* Every key that ranks, and no other. */
static void test_fixed(void **state)
{
	struct config *config = with_route("alpn = h2\npath = /\nmethod = GET\nfrom = ::/0\n"
					   "to = ::/0\nwhen = mon 08:00-09:00\nserver_name = a.b\n"
					   "wireguard_key = " SEED_SERVER_KEY);
	struct route_rank rank = route_rank_fixed(&config->routes[0]);

	(void)state;
	assert_int_equal(rank.further_keys, 7);
	assert_false(rank.is_protocol_named);
	assert_int_equal(rank.from_bits, -1);
	assert_int_equal(rank.path_bytes, -1);
	config_free(config);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_protocol),    cmocka_unit_test(test_divert),
		cmocka_unit_test(test_alpn),        cmocka_unit_test(test_addresses),
		cmocka_unit_test(test_untouched),   cmocka_unit_test(test_compare),
		cmocka_unit_test(test_recognisers), cmocka_unit_test(test_method),
		cmocka_unit_test(test_path),        cmocka_unit_test(test_asks),
		cmocka_unit_test(test_fixed),       cmocka_unit_test(test_wireguard_key),
		cmocka_unit_test(test_awaits),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
