/* [probe]: what it may say, and where its name goes. */
#include "policy/protocol.h"
#include "policy/route.h"
#include "policy/route_cover.h"
#include "policy_conf.h"

#define TOP "[divert d]\ntcp = 1\nudp = 2\n"

static void test_names(void **state)
{
	struct config *config =
		conf_good(TOP "[route r]\nprotocol = own, tls, mine\nbackend = drop\n"
			      "[probe mine]\nbytes = 0:00\n"
			      "[probe own]\ntransport = udp\nbytes = 0:00\n");
	const struct route *r = &config->routes[0];
	const unsigned mine = WIRE_IDS;
	const unsigned own = WIRE_IDS + 1;

	(void)state;
	assert_int_equal(protocol_ids(config), own + 1);
	assert_int_equal(protocol_find(config, "own"), own);
	assert_int_equal(protocol_find(config, "tls"), WIRE_ID_tls);
	assert_int_equal(protocol_find(config, "other"), -1);
	assert_string_equal(protocol_name(config, mine), "mine");
	assert_string_equal(protocol_name(config, WIRE_ID_tls), "tls");
	assert_int_equal(protocol_transports(config, mine), WIRE_TCP);
	assert_int_equal(protocol_transports(config, own), WIRE_UDP);
	assert_int_equal(protocol_transports(config, WIRE_ID_tls), WIRE_TCP);
	assert_null(protocol_probe(config, WIRE_ID_tls));
	assert_ptr_equal(protocol_probe(config, own), &config->probes[1]);
	assert_true(proto_set_has(&r->protocols, mine));
	assert_true(proto_set_has(&r->protocols, own));
	assert_int_equal(r->probes_tcp, 1);
	assert_int_equal(r->probes_udp, 2);
	config_free(config);
}

/* A probe tells nothing, and comes by one transport: a route knows both of it. */
static void test_routes(void **state)
{
	struct config *config = conf_good(
		TOP "[divert e]\ntcp = 3\n"
		    "[route a]\nprotocol = own, mine\nbackend = drop\n"
		    "[route b]\ndivert = e\nprotocol = own, mine\nbackend = drop\n"
		    "[route c]\nprotocol = mine, tls\nserver_name = x.example\nbackend = drop\n"
		    "[probe mine]\nbytes = 0:00\n"
		    "[probe own]\ntransport = udp\nbytes = 0:00\n");
	struct proto_set a = route_reaches(&config->routes[0]);
	struct proto_set b = route_reaches(&config->routes[1]);
	struct proto_set c = route_reaches(&config->routes[2]);
	struct proto_set awaits = route_awaits(&config->routes[2]);

	(void)state;
	assert_true(proto_set_has(&a, WIRE_IDS) && proto_set_has(&a, WIRE_IDS + 1));
	assert_true(route_reaches_transport(&config->routes[0], WIRE_UDP));
	assert_true(proto_set_has(&b, WIRE_IDS) && !proto_set_has(&b, WIRE_IDS + 1));
	assert_false(route_reaches_transport(&config->routes[1], WIRE_UDP));
	assert_true(route_reaches_transport(&config->routes[1], WIRE_TCP));
	assert_false(proto_set_has(&c, WIRE_IDS));
	assert_true(proto_set_has(&awaits, WIRE_ID_tls));
	assert_false(proto_set_has(&awaits, WIRE_IDS));
	config_free(config);
}

static void test_warnings(void **state)
{
	(void)state;
	conf_says("[divert d]\ntcp = 1\n[probe own]\nbytes = 0:00, 0:00\n",
		  "t.conf:3: warning: [probe own] is not used: no route names it in `protocol`\n"
		  "t.conf:4: warning: bytes: `0:00` is listed twice\n");
	conf_says("[divert d]\ntcp = 1\n[route r]\nprotocol = own\nbackend = drop\n"
		  "[probe own]\nbytes = 0:00\ntransport = udp\n",
		  "t.conf:3: warning: [route r] can never win: none of its diverts has `udp`, by "
		  "which own comes\n");
	conf_says(
		"[divert d]\ntcp = 1\n[route r]\nprotocol = own\nserver_name = a\nbackend = drop\n"
		"[probe own]\nbytes = 0:00\n",
		"t.conf:3: warning: [route r] can never win: none of its protocols carries a "
		"server name\n");
	conf_says("[divert d]\ntcp = 1\n[route r]\nprotocol = own\nbackend = drop\n"
		  "[route s]\nprotocol = own\nbackend = drop\n[probe own]\nbytes = 0:00\n",
		  "t.conf:6: warning: [route s] can never win: [route r] comes first and takes its "
		  "flows\n");
}

static void test_faults(void **state)
{
	(void)state;
	conf_says(TOP "[probe any]\nbytes = 0:00\n",
		  "t.conf:4: [probe any] has a name that is a reserved word: choose another\n");
	conf_says(TOP "[probe Own]\nbytes = 0:00\n",
		  "t.conf:4: [probe Own] its name has upper-case letters: a protocol has none\n");
	conf_says(TOP "[probe tls]\nbytes = 0:00\n", "t.conf:4: [probe tls] its name is that of a "
						     "built-in recogniser: choose another\n");
	conf_says(TOP "[probe grpc]\nbytes = 0:00\n",
		  "t.conf:4: [probe grpc] its name is that of a "
		  "built-in recogniser: choose another\n");
	conf_says(TOP "[probe abcdefghijklmnop]\nbytes = 0:00\n",
		  "t.conf:4: [probe abcdefghijklmnop] its name is longer than 15 bytes\n");
	conf_says(
		TOP "[probe own]\npriority = 1\n",
		"t.conf:4: [probe own] says nothing: give it `bytes`, `regex`, `exec` or `plugin`\n");
	conf_says(TOP "[probe own]\nbytes = 3:????\n",
		  "t.conf:4: [probe own] bytes: nothing but `?` fits any flow: a route without "
		  "`protocol` does, too\n");
	conf_says(TOP "[probe own]\nbytes = 0:00\nexec = /usr/bin/env\n",
		  "t.conf:4: [probe own] is of two kinds: `exec` and `plugin` each stand alone\n");
	conf_says(TOP "[probe own]\nexec = x y\n",
		  "t.conf:5: exec: `x y` must begin with the absolute path of a program\n");
	conf_says(TOP "[probe own]\nregex = ^a\n",
		  "t.conf:5: regex: `^a` does not begin with `/`: a regex stands between two\n");
	conf_says(TOP "[probe own]\nregex = /a(/\n",
		  "t.conf:5: regex: `/a(/` is no regex: missing closing parenthesis at offset 2\n");
	conf_says(
		TOP "[probe own]\nregex = /a/b/\n",
		"t.conf:5: regex: `/a/b/` goes on behind its second `/`: write \\/ for one within "
		"the pattern, and a comma or a blank behind it\n");
	conf_says(TOP "[probe own]\nregex = /a/\nregex = /b/\n",
		  "t.conf:6: `regex` stands already in line 5: remove one\n");
	conf_says(TOP "[probe own]\nregex = /a/\nexec = /bin/sh\n",
		  "t.conf:4: [probe own] is of two kinds: `exec` and `plugin` each stand alone\n");
	conf_says(TOP "[route r]\nprotocol = onw\nbackend = drop\n[probe own]\nbytes = 0:00\n",
		  "t.conf:5: protocol: there is no recogniser `onw` (did you mean `own`?)\n");
}

/* Whom a program is run as, and what it is. */
static void test_programs(void **state)
{
	(void)state;
	conf_says(
		TOP "[probe own]\nexec = /usr/bin/env\nexec_user = root\n",
		"t.conf:4: [probe own] exec_user: no program is run as root: name another user\n");
	conf_says("[shunt]\nuser = games\n" TOP
		  "[probe own]\nexec = /usr/bin/env\nexec_user = games\n",
		  "t.conf:6: [probe own] exec_user: games is `user`, whom the daemon's own "
		  "processes are: name another\n");
	conf_says(TOP "[probe own]\nexec = line:/usr/bin/env \"a b\n",
		  "t.conf:5: exec: `line:/usr/bin/env \"a b`: a quote has no end\n");
	conf_says(TOP "[probe own]\nexec = line:\n",
		  "t.conf:5: exec: `line:` must begin with the absolute path of a program\n");
	conf_says(TOP "[probe own]\nexec = /dev\n", "t.conf:5: /dev is not a regular file\n");
}

/* One too many, and more whose names are a fault already: nothing is counted beyond its room. */
static void test_many(void **state)
{
	char text[8000];
	struct config *config;
	size_t used;

	(void)state;
	for (unsigned count = CONFIG_MOST_PROBES; count <= CONFIG_MOST_PROBES + 1; count++) {
		struct config_notes notes;

		used = (size_t)snprintf(text, sizeof text, TOP);
		for (unsigned i = 0; i < count; i++)
			used += (size_t)snprintf(text + used, sizeof text - used,
						 "[route r%u]\nprotocol = p%u\nbackend = drop\n"
						 "[probe p%u]\nbytes = 0:%02x\n",
						 i, i, i, i);
		if (count == CONFIG_MOST_PROBES) {
			config = conf_good(text);
			assert_int_equal(config->probe_count, CONFIG_MOST_PROBES);
			assert_int_equal(config->routes[31].probes_tcp, UINT32_C(1) << 31);
			config_free(config);
			continue;
		}
		assert_int_not_equal(conf_try(&config, text, used, &notes), 0);
		assert_int_equal(notes.faults, 2); /* and a route that names what is left out */
		assert_string_equal(notes.at[0].text, "protocol: there is no recogniser `p32` (did "
						      "you mean `p2`?)");
		assert_string_equal(notes.at[1].text, "more than 32 [probe] sections");
		config_notes_free(&notes);
	}
	used = (size_t)snprintf(text, sizeof text,
				TOP "[route r]\nprotocol = x/39\nbackend = drop\n");
	for (unsigned i = 0; i < 40; i++)
		used += (size_t)snprintf(text + used, sizeof text - used,
					 "[probe x/%u]\nbytes = 0:00\n", i);
	{
		struct config_notes notes;

		assert_int_not_equal(conf_try(&config, text, used, &notes), 0);
		config_notes_free(&notes);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_names),    cmocka_unit_test(test_routes),
		cmocka_unit_test(test_warnings), cmocka_unit_test(test_faults),
		cmocka_unit_test(test_programs), cmocka_unit_test(test_many),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
