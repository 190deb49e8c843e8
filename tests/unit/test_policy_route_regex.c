/* Which route wins by a regular expression of its names. */
#include "policy_flow.h"

/* Below all wildcards, above no name; among themselves the order in the file, before all else. */
static void test_regex(void **state)
{
	static const char all[] = R("rest", "protocol = tls\nalpn = h2\nfrom = 192.0.2.7")
		R("digits", "server_name = /^a[0-9]+\\./")
			R("letters", "server_name = /^[a-z]/, /^-/")
				R("wild", "server_name = *.example")
					R("exact", "server_name = a1.test");

	(void)state;
	winner_is(all, (struct flow){ TLS, .name = "a1.test" }, "exact");
	winner_is(all, (struct flow){ TLS, .name = "a1.example" }, "wild");
	winner_is(all, (struct flow){ TLS, .name = "a2.test" }, "digits");
	winner_is(all, (struct flow){ TLS, .name = "aa.test", .alpn = "h2" }, "letters");
	winner_is(all, (struct flow){ TLS, .name = "-a.test", .alpn = "h2" }, "letters");
	winner_is(all, (struct flow){ TLS, .name = "2.test", .alpn = "h2" }, "rest");
	winner_is(all, (struct flow){ TLS, .name = "2.test" }, "-");
	winner_is(all, (struct flow){ TLS, .alpn = "h2" }, "rest"); /* no name fits no regex */
	winner_is(R("empty", "server_name = /^$/, /.*/"), (struct flow){ TLS }, "-");
	/* file order before a named protocol and further keys, which only have to fit */
	winner_is(R("bare", "server_name = /t/") R("full", "server_name = /t/\nprotocol = tls\n"
							   "alpn = h2\nfrom = 192.0.2.7"),
		  (struct flow){ TLS, .name = "t.test", .alpn = "h2" }, "bare");
	winner_is(R("ssh", "server_name = /t/\nprotocol = ssh") R("other", "server_name = /t/"),
		  (struct flow){ TLS, .name = "t.test" }, "other");
	/* where the better name's routes do not fit, regexes are tried */
	winner_is(R("exact", "server_name = a.test\nalpn = h3") R("re", "server_name = /a/"),
		  (struct flow){ TLS, .name = "a.test" }, "re");
	winner_is(R("both", "server_name = /^x/, a.test, none"), (struct flow){ TLS, .name = "xy" },
		  "both");
	winner_is(R("both", "server_name = /^x/, a.test, none"), (struct flow){ TLS }, "both");
}

/* A regex that is given up fits nothing, and is counted. */
static void test_regex_cut(void **state)
{
	struct config *config = conf_good(HEAD R("a", "server_name = /^(a+)+$/")
						  R("b", "server_name = /b$/") R("c", ""));
	struct flow flow = { TLS, .name = "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaab" };
	struct route_query query = query_of(&flow, NULL);
	struct route_index *index;
	unsigned cut = 0;

	(void)state;
	assert_int_equal(route_index_new(&index, config), 0);
	assert_int_equal(route_index_find(index, &query), 1); /* nobody counts */
	query.cut = &cut;
	assert_int_equal(route_index_find(index, &query), 1);
	assert_int_equal(cut, 1);
	query.name.size--;
	assert_int_equal(route_index_find(index, &query), 0);
	assert_int_equal(cut, 1);
	route_index_free(index);
	config_free(config);
}

/* Where a name or a wildcard lets a route win, no regex is tried: here each would be given up. */
static void test_regex_is_last(void **state)
{
	struct config *config =
		conf_good(HEAD R("re", "server_name = /^([a-z.]+)+[0-9]$/, /^(.+)+[0-9]$/")
				  R("exact", "server_name = aaaaaaaaaaaaaaaaaaaaaaaaaaaaaa.test")
					  R("wild", "server_name = *.wild.test"));
	static const char *const names[] = { "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaa.other",
					     "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaa.test",
					     "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaa.wild.test" };
	struct route_index *index;

	(void)state;
	assert_int_equal(route_index_new(&index, config), 0);
	for (int i = 0; i < 3; i++) {
		struct flow flow = { TLS, .name = names[i] };
		struct route_query query = query_of(&flow, NULL);
		unsigned cut = 0;

		query.cut = &cut;
		assert_int_equal(route_index_find(index, &query), i ? i : -1);
		assert_int_equal(cut, i ? 0 : 2);
	}
	route_index_free(index);
	config_free(config);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_regex),
		cmocka_unit_test(test_regex_cut),
		cmocka_unit_test(test_regex_is_last),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
