/* One route against one flow: each key, and the rank. */
#include <string.h>

#include "policy/route.h"
#include "policy_conf.h"
#include "wire/wire.h"

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

static void test_untouched(void **state)
{
	struct route_rank rank = { true, 9, 9, 9 };

	(void)state;
	assert_false(fits("protocol = ssh", query_of(-1, span_of(NULL, 0)), &rank));
	assert_int_equal(rank.to_bits, 9);
}

static void test_compare(void **state)
{
	/* each beats all behind it */
	static const struct route_rank ranks[] = {
		{ true, 3, 0, 0 },    { true, 2, 32, 128 }, { true, 2, 32, 64 },
		{ true, 2, 31, 128 }, { true, 0, -1, -1 },  { false, 2, 128, 32 },
		{ false, 1, -1, 32 }, { false, 1, -1, 8 },  { false, 0, -1, -1 },
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

/* Which recognisers a route needs, as bits of ssh 1, tls 2, sslv2 4. */
static int needs(const char *keys)
{
	struct config *config = with_route(keys);
	struct proto_set set = route_recognisers(&config->routes[0]);

	config_free(config);
	return proto_set_has(&set, WIRE_ID_ssh) | proto_set_has(&set, WIRE_ID_tls) << 1 |
	       proto_set_has(&set, WIRE_ID_sslv2) << 2;
}

static void test_recognisers(void **state)
{
	(void)state;
	assert_int_equal(needs(""), 0);
	assert_int_equal(needs("from = 192.0.2.1"), 0);
	assert_int_equal(needs("protocol = ssh"), 1);
	assert_int_equal(needs("protocol = ssh\nserver_name = none"), 1);
	assert_int_equal(needs("server_name = a.example"), 2); /* or no name would ever be known */
	assert_int_equal(needs("server_name = none"), 2);
	assert_int_equal(needs("alpn = h2"), 2);
	assert_true(route_proto_has_names(WIRE_ID_tls));
	assert_false(route_proto_has_names(WIRE_ID_sslv2));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_protocol),    cmocka_unit_test(test_divert),
		cmocka_unit_test(test_alpn),        cmocka_unit_test(test_addresses),
		cmocka_unit_test(test_untouched),   cmocka_unit_test(test_compare),
		cmocka_unit_test(test_recognisers),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
