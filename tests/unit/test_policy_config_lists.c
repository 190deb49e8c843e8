/* Lists: ports, interfaces, ALPN names, servers. */
#include <string.h>

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

static void test_separators(void **state)
{
	struct config *config = with("tcp = 1,3, 5 7\t,,9 ,\ntcp=11", "", SERVER);
	const struct port_list *tcp = &config->diverts[0].tcp;

	(void)state;
	assert_int_equal(tcp->count, 6);
	for (size_t i = 0; i < 6; i++) {
		assert_int_equal(tcp->at[i].first, 2 * i + 1);
		assert_int_equal(tcp->at[i].last, 2 * i + 1);
	}
	config_free(config);
}

static void test_texts(void **state)
{
	struct config *config = with(TCP "\ninterface = eth0 br-lan.7, ppp*\ninterface = eth0",
				     "alpn = h2, http/1.1 h2\nalpn = H2", SERVER);
	const struct text_list *interface = &config->diverts[0].interface;
	const struct text_list *alpn = &config->routes[0].alpn;

	(void)state;
	assert_int_equal(interface->count, 3);
	assert_string_equal(interface->at[1], "br-lan.7");
	assert_string_equal(interface->at[2], "ppp*");
	assert_int_equal(alpn->count, 3); /* caseless they are not (RFC 7301 3.1) */
	assert_string_equal(alpn->at[2], "H2");
	config_free(config);
	conf_says("[divert d]\ntcp = 1\ninterface = eth0, eth0\n",
		  "t.conf:3: warning: interface: `eth0` is listed twice\n");
}

static void test_servers(void **state)
{
	struct config *config = with(TCP, "",
				     "server = 192.0.2.1:1, [2001:db8::1]:65535\n"
				     "server = 127.0.0.1:22");
	const struct backend *b = &config->backends[0];
	char text[ADDR_TEXT_BYTES];

	(void)state;
	assert_int_equal(b->server_count, 3);
	assert_string_equal(addr_text(&b->servers[0], text), "192.0.2.1:1");
	assert_string_equal(addr_text(&b->servers[1], text), "[2001:db8::1]:65535");
	assert_string_equal(addr_text(&b->servers[2], text), "127.0.0.1:22");
	config_free(config);
	conf_says("[divert d]\ntcp = 1\nunknown = b\n[backend b]\n" SERVER "\n" SERVER "\n",
		  "t.conf:6: warning: server: `192.0.2.1:1` is listed twice\n");
}

static void test_semicolon(void **state)
{
	(void)state;
	conf_says(
		"[divert d]\ntcp = 1\ninterface = a;b\n[route r]\nbackend = drop\nalpn = h2,;h3\n",
		"t.conf:3: interface: `a;b` cannot be the name of an interface\n"
		"t.conf:6: alpn: `;h3`: a `;` needs a blank in front, then it is a comment\n");
}

/* As many items as a list may hold, and one more. */
static void expect_items(size_t count, const char *expected)
{
	char text[4096] = "[divert d]\ntcp = 1\nunknown = b\n[backend b]\n";
	size_t used = strlen(text);

	for (size_t i = 0; i < count; i++)
		used += (size_t)snprintf(text + used, sizeof text - used,
					 "server = 192.0.2.%zu:1\n", i + 1);
	conf_says(text, expected);
}

static void test_limits(void **state)
{
	char expected[65 * 50] = "";

	(void)state;
	expect_items(64, "");
	for (int i = 0; i < 65; i++)
		(void)snprintf(expected + strlen(expected), sizeof expected - strlen(expected),
			       "t.conf:%d: server: more than 64 items\n", 5 + i);
	expect_items(65, expected);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_separators), cmocka_unit_test(test_texts),
		cmocka_unit_test(test_servers),    cmocka_unit_test(test_limits),
		cmocka_unit_test(test_semicolon),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
