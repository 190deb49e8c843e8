/* Prefixes, and where a divert's packets go to. */
#include <string.h>

#include "policy/config_dump.h"
#include "policy_conf.h"

static struct config *with(const char *divert, const char *route, const char *backend)
{
	char text[2000];

	(void)snprintf(text, sizeof text,
		       "[divert d]\n%s\n[route r]\nbackend = b\n%s\n[backend b]\n%s\n", divert,
		       route, backend);
	return conf_good(text);
}

#define TCP    "tcp = 443"
#define SERVER "server = 192.0.2.1:1"

static void test_prefixes(void **state)
{
	struct config *config = with(TCP "\nfrom = 192.0.2.0/24 !192.0.2.7\nfrom = 2001:db8::/32",
				     "from = 10.0.0.0/8, 10.1.0.0/16\nto = ::1", SERVER);
	const struct divert *d = &config->diverts[0];
	const struct route *r = &config->routes[0];

	(void)state;
	assert_int_equal(d->from.count, 2);
	assert_int_equal(d->from.at[0].bits, 24);
	assert_int_equal(d->from.at[1].family, AF_INET6);
	assert_int_equal(d->from_not.count, 1);
	assert_int_equal(d->from_not.at[0].bits, 32);
	assert_int_equal(r->from.count, 2); /* nested ones stay: the longest match counts */
	assert_int_equal(r->to.at[0].bits, 128);
	config_free(config);
	config = with(TCP "\nfrom = any", "from = any\nto = any", SERVER);
	assert_int_equal(config->diverts[0].from.count + config->routes[0].from.count, 0);
	config_free(config);
}

static void test_to(void **state)
{
	static const struct {
		const char *line;
		enum to_kind kind;
		size_t count;
	} cases[] = {
		{ TCP "\nto = local", TO_LOCAL, 0 },
		{ TCP "\nto = transit", TO_TRANSIT, 0 },
		{ TCP "\nto = any", TO_ANY, 0 },
		{ TCP "\nto = 192.0.2.1, 2001:db8::/32", TO_PREFIXES, 2 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct config *config = with(cases[i].line, "", SERVER);

		assert_int_equal(config->diverts[0].to_kind, cases[i].kind);
		assert_int_equal(config->diverts[0].to.count, cases[i].count);
		config_free(config);
	}
}

static void test_interfaces(void **state)
{
	struct config *config = with(TCP "\nto = @br-lan.7, 192.0.2.1 @wan\nto = @wan", "", SERVER);
	const struct divert *d = &config->diverts[0];
	char *text;
	size_t size;

	(void)state;
	assert_int_equal(d->to_kind, TO_PREFIXES);
	assert_int_equal(d->to.count, 1);
	assert_int_equal(d->to_interface.count, 2);
	assert_string_equal(d->to_interface.at[0], "br-lan.7");
	assert_string_equal(d->to_interface.at[1], "wan");
	assert_int_equal(config_dump(&text, &size, config), 0);
	assert_non_null(strstr(text, "\nto = @br-lan.7, @wan, 192.0.2.1\n"));
	free(text);
	config_free(config);
	conf_says("[divert d]\ntcp = 1\nto = @wan\nto = @wan\n",
		  "t.conf:4: warning: to: `@wan` is listed twice\n");
	conf_says("[divert d]\ntcp = 1\nto = @lo, @, @a/b, @averyveryverylongname, @eth*, local\n",
		  "t.conf:3: to: `@lo`: loopback is never diverted\n"
		  "t.conf:3: to: `@` cannot be the name of an interface\n"
		  "t.conf:3: to: `@a/b` cannot be the name of an interface\n"
		  "t.conf:3: to: `@averyveryverylongname` cannot be the name of an interface\n"
		  "t.conf:3: to: `@eth*`: name one interface, without `*`\n"
		  "t.conf:3: to: `local` stands alone: remove it or the others\n");
}

/* Which of two diverts of one port may take the same packet, by their `to`. */
static void test_overlap(void **state)
{
	static const struct {
		const char *first;
		const char *later;
		bool may;
	} cases[] = {
		{ "local", "transit", false },
		{ "local", "any", true },
		{ "@wan", "local", true },
		{ "@wan", "any", true },
		{ "@wan", "transit", false }, /* an address of this box is never transit */
		{ "transit", "@wan", false },
		{ "@wan, 192.0.2.0/24", "transit", true },
		{ "@wan", "@lan", false },
		{ "@wan", "@lan, @wan", true },
		{ "@wan", "192.0.2.1", true }, /* whose it is only the network knows */
		{ "192.0.2.1", "@wan", true },
		{ "192.0.2.0/24", "192.0.2.1", true },
		{ "192.0.2.1, 198.51.100.0/24", "192.0.2.0/32, 198.51.100.7", true },
		{ "192.0.2.1, 198.51.100.0/24", "192.0.2.2, 198.51.101.7", false },
		{ "2001:db8::/32", "32.1.13.184", false }, /* the same bytes, another family */
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		char text[300];

		(void)snprintf(text, sizeof text,
			       "[divert a]\ntcp = 1\nto = %s\n[divert b]\ntcp = 1\nto = %s\n",
			       cases[i].first, cases[i].later);
		conf_expect(text, strlen(text),
			    cases[i].may
				    ? "t.conf:4: warning: [divert b] overlaps [divert a], which "
				      "comes first and takes what both want\n"
				    : "");
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_prefixes),
		cmocka_unit_test(test_to),
		cmocka_unit_test(test_interfaces),
		cmocka_unit_test(test_overlap),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
