/* One route beside another: what is certain, and what is not. */
#include "policy/route_cover.h"
#include "policy_flow.h"
#include "policy_protocols.h"
#include "wire_wireguard.h"

static void expect(const char *all, const char *some, enum route_cover cover)
{
	char text[3000];
	struct config *config;

	(void)snprintf(text, sizeof text,
		       HEAD "[route a]\nbackend = drop\n%s\n"
			    "[route b]\nbackend = drop\n%s\n",
		       all, some);
	config = conf_good(text);
	if (route_covers(&config->routes[0], &config->routes[1]) != cover)
		fail_msg("`%s` and `%s`: %d, not %d", all, some,
			 route_covers(&config->routes[0], &config->routes[1]), cover);
	config_free(config);
}

static void test_protocols(void **state)
{
	struct protocols_text text;
	const char *all = protocols_key(&text, protocols_saying(WIRE_SAYS_NAME), "");

	(void)state;
	expect("", "", COVER_TIE);
	expect("", "protocol = tls", COVER_FLOWS);
	expect("protocol = tls", "", COVER_NOTHING);
	expect("protocol = tls ssh", "protocol = tls", COVER_TIE);
	expect("protocol = tls", "protocol = tls ssh", COVER_NOTHING);
	expect("protocol = tls", "alpn = h2", COVER_ABOVE); /* that is only tls */
	expect("protocol = tls", "protocol = tls ssh\nalpn = h2", COVER_FLOWS);
	expect("protocol = http", "method = GET", COVER_ABOVE);
	expect("protocol = tls", "method = GET", COVER_NOTHING);
	expect(all, "server_name = a.b", COVER_ABOVE);
	expect(all, "server_name = /a/", COVER_ABOVE);
	expect(all, "server_name = none", COVER_NOTHING);
	expect(all, "server_name = a.b none", COVER_NOTHING);
	expect("protocol = tls http http2", "server_name = a.b", COVER_NOTHING);
	expect("protocol = http", "server_name = a.b none\npath = /", COVER_ABOVE);
}

/* Even all recognisers do not know everything. */
static void test_unrecognised(void **state)
{
	struct protocols_text text;
	const char *all = protocols_key(&text, protocols_saying(0), "");

	(void)state;
	expect(all, "", COVER_NOTHING);
	expect(all, "alpn = h2", COVER_ABOVE);
}

#define WG(keys) "wireguard_key = " keys

static void test_keys(void **state)
{
	(void)state;
	expect("divert = d", "", COVER_NOTHING);
	expect("", "divert = d", COVER_TIE);
	expect("", "alpn = h2", COVER_FLOWS);
	expect("alpn = h2", "", COVER_NOTHING);
	expect("alpn = h2 h3", "alpn = h3", COVER_TIE);
	expect("alpn = h2", "alpn = h2 h3", COVER_NOTHING);
	expect("", "method = GET", COVER_FLOWS);
	expect("method = GET", "", COVER_NOTHING);
	expect("method = GET PUT", "method = GET", COVER_TIE);
	expect("method = GET", "method = GET PUT", COVER_NOTHING);
	expect("method = GET", "method = get", COVER_NOTHING);
	expect("", WG(SEED_CLIENT_KEY), COVER_FLOWS);
	expect(WG(SEED_CLIENT_KEY), "", COVER_NOTHING);
	expect(WG(SEED_CLIENT_KEY), WG(SEED_SERVER_KEY), COVER_NOTHING);
	expect(WG(SEED_CLIENT_KEY " " SEED_SERVER_KEY), WG(SEED_SERVER_KEY), COVER_TIE);
	expect(WG(SEED_CLIENT_KEY), WG(SEED_CLIENT_KEY " " SEED_SERVER_KEY), COVER_NOTHING);
	expect("when = mon 08:00-09:00", "", COVER_NOTHING);
	expect("", "when = mon 08:00-09:00", COVER_FLOWS);
	expect("when = mon 08:00-09:00, tue 08:00-09:00", "when = tue 08:00-09:00", COVER_TIE);
	expect("when = mon 08:00-10:00", "when = mon 08:00-09:00", COVER_NOTHING); /* not certain */
	expect("method = GET", "method = GET\nfrom = ::/0", COVER_FLOWS);
}

static void test_paths(void **state)
{
	(void)state;
	expect("path = /a", "", COVER_NOTHING);
	expect("", "path = /a", COVER_FLOWS);
	expect("path = /a", "path = /a/b", COVER_FLOWS);
	expect("path = /a/b", "path = /a", COVER_NOTHING);
	expect("path = /a", "path = /a", COVER_TIE);
	expect("path = /x /a", "path = /a", COVER_TIE);
	expect("path = /x /a", "path = /x /a/b", COVER_FLOWS);
	expect("path = /x /a", "path = /y /a", COVER_NOTHING);
	expect("path = /", "path = *", COVER_NOTHING);
}

static void test_prefixes(void **state)
{
	(void)state;
	expect("from = 10.0.0.0/8", "", COVER_NOTHING);
	expect("", "from = 10.0.0.0/8", COVER_FLOWS);
	expect("from = 10.0.0.0/8", "from = 10.1.0.0/16", COVER_FLOWS);
	expect("from = 10.1.0.0/16", "from = 10.0.0.0/8", COVER_NOTHING);
	expect("from = ::/0 10.0.0.0/8", "from = 10.0.0.0/8", COVER_TIE);
	expect("to = ::/0 10.0.0.0/8", "to = 10.0.0.0/9", COVER_FLOWS);
	expect("to = ::/0", "to = 10.0.0.0/9", COVER_NOTHING);
	expect("to = 10.0.0.0/8", "from = 10.0.0.0/8", COVER_NOTHING);
}

static void test_reach(void **state)
{
	struct config *config = conf_good(HEAD R("a", "server_name = none") R("b", "alpn = h2") R(
		"c", "alpn = h2\npath = /") R("d", "protocol = ssh http\npath = /"));
	struct proto_set reach[4];

	(void)state;
	for (int i = 0; i < 4; i++)
		reach[i] = route_reaches(&config->routes[i]);
	/* all that comes by tcp, as the diverts take no udp */
	for (unsigned id = 0; id < WIRE_IDS; id++)
		assert_int_equal(proto_set_has(&reach[0], id),
				 (wire_proto_transports(wire_proto_at(id)) & WIRE_TCP) != 0);
	assert_int_equal(reach[1].words[0], UINT64_C(1) << WIRE_ID_tls);
	assert_int_equal(reach[2].words[0], 0);
	assert_int_equal(reach[3].words[0], UINT64_C(1) << WIRE_ID_http);
	assert_int_equal(route_demands(&config->routes[0]), 0);
	assert_int_equal(route_demands(&config->routes[2]), WIRE_SAYS_ALPN | WIRE_SAYS_REQUEST);
	config_free(config);
}

/* By what flows of a route may come. */
static void test_reach_by_transport(void **state)
{
	static const struct {
		const char *keys;
		bool tcp, udp;
	} cases[] = {
		{ "", true, true },
		{ "from = ::1", true, true },
		{ "divert = t", true, false },
		{ "divert = u", false, true },
		{ "protocol = tls", true, false },
		{ "protocol = quic", false, true },
		{ "protocol = tls quic", true, true },
		{ "protocol = quic\ndivert = t", false, false },
		{ "protocol = quic\npath = /", false, false },
		{ "path = /", true, false },
		{ "server_name = a.test", true, true },
		{ "server_name = none", true, true },
		{ "alpn = h3\ndivert = u", false, true },
		{ "protocol = ssh\nserver_name = a.test", false, false },
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		char text[300];
		struct config *config;

		(void)snprintf(text, sizeof text,
			       "[divert t]\ntcp = 1\n[divert u]\nudp = 1\n[route r]\n%s\n"
			       "backend = drop\n",
			       cases[i].keys);
		config = conf_good(text);
		assert_int_equal(route_reaches_transport(&config->routes[0], WIRE_TCP),
				 cases[i].tcp);
		assert_int_equal(route_reaches_transport(&config->routes[0], WIRE_UDP),
				 cases[i].udp);
		config_free(config);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_protocols),    cmocka_unit_test(test_keys),
		cmocka_unit_test(test_paths),        cmocka_unit_test(test_prefixes),
		cmocka_unit_test(test_reach),        cmocka_unit_test(test_reach_by_transport),
		cmocka_unit_test(test_unrecognised),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
