/* host [ ":" port ]: what gives a name, what gives none. */
#include "wire/authority.h"
#include "wire_samples.h"

static void check(const char *wire, const char *expected)
{
	struct wire_hints hints;

	memset(&hints, 0xa5, sizeof hints);
	wire_authority_set_name(&hints, span_text(wire));
	sample_assert_name(&hints, expected);
}

static void test_hosts(void **state)
{
	(void)state;
	check("a.example", "a.example");
	check("A.Example.", "a.example");
	check("localhost", "localhost");
	check("192.0.2.1", "192.0.2.1");
	check("_x.a-b.example", "_x.a-b.example");
}

static void test_ports(void **state)
{
	(void)state;
	check("a.example:80", "a.example");
	check("a.example:", "a.example");
	check("a.example:0129", "a.example");
	check("a.example:8/", "");
	check("a.example:8;", "");
	check("A.example.:8080", "a.example");
	check("192.0.2.1:65536", "192.0.2.1");
	check("a.example:http", "");
	check("a.example:80 ", "");
	check("a.example:80:80", "");
	check("a.example:-1", "");
	check("2001:db8::1", "");
	check(":80", "");
}

static void test_literals(void **state)
{
	(void)state;
	check("[2001:db8::1]", "2001:db8::1");
	check("[2001:DB8::A]:8080", "2001:db8::a");
	check("[::ffff:192.0.2.1]:", "::ffff:192.0.2.1");
	check("[::]", "::");
	check("[0:9:a:f:A:F::]", "0:9:a:f:a:f::");
	check("[::g]", "");
	check("[::G]", "");
	check("[::@]", "");
	check("[::`]", "");
	check("[::/]", "");
	check("[2001:db8::1", "");
	check("[2001:db8::1]80", "");
	check("[2001:db8::1]]", "");
	check("[2001:db8::1]:x", "");
	check("[]", "");
	check("[", "");
	check("[a.example]", "");
	check("[v1.fe80::a]", "");
	check("[fe80::1%25eth0]", "");
	check("2001:db8::1]", "");
	check("x[2001:db8::1]", "");
}

static void test_none(void **state)
{
	static const char *const wires[] = {
		"",  ".",  "a..b", "user@a.example", "user:pw@a.example",   "a.example/",
		" ", " a", "a ",   "a%2eexample",    "a.example,b.example", "a\tb",
	};

	(void)state;
	for (size_t i = 0; i < sizeof wires / sizeof *wires; i++)
		check(wires[i], "");
}

static void test_empty_spans(void **state)
{
	struct wire_hints hints;

	(void)state;
	hints.name_size = 5;
	wire_authority_set_name(&hints, span_of(NULL, 0));
	assert_int_equal(hints.name_size, 0);
	wire_authority_set_name(&hints, span_of("a\0.example", 10));
	assert_int_equal(hints.name_size, 0);
}

/* Of a URI; NULL: it has none. */
static void check_uri(const char *uri, const char *expected)
{
	struct span authority = span_text("as it was");
	bool is_there = wire_authority_find(span_text(uri), &authority);

	assert_int_equal(is_there, expected != NULL);
	assert_true(span_equal(authority, span_text(expected ? expected : "as it was")));
}

static void test_uris(void **state)
{
	struct span authority;

	(void)state;
	check_uri("http://a.example", "a.example");
	check_uri("http://u@a.example:80/x", "u@a.example:80");
	check_uri("x://a?b/c", "a");
	check_uri("x://a#b", "a");
	check_uri("x://", "");
	check_uri("x:///y", "");
	check_uri("x:/", NULL);
	check_uri("x:", NULL);
	check_uri("x", NULL);
	check_uri("", NULL);
	check_uri("sip:u@a.example", NULL);
	check_uri("x:y://a", NULL);
	assert_false(wire_authority_find(span_of(NULL, 0), &authority));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_hosts),       cmocka_unit_test(test_ports),
		cmocka_unit_test(test_literals),    cmocka_unit_test(test_none),
		cmocka_unit_test(test_empty_spans), cmocka_unit_test(test_uris),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
