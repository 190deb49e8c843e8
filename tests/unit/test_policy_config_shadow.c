/* Routes that can never win, and names listed twice: said when certain, and only then. */
#include <string.h>

#include "policy_conf.h"

#define HEAD "[divert d]\ntcp = 1\n[divert e]\ntcp = 2\n"
#define B    "backend = drop\n"

#define NEVER                                                                                      \
	"t.conf:7: warning: [route b] can never win: [route a] comes first and takes its flows\n"

/* Two routes, the second in line 7: each with one line of keys, or "" for none. */
static void expect(const char *a, const char *b, const char *expected)
{
	char text[1000];

	(void)snprintf(text, sizeof text,
		       "[divert d]\ntcp = 1-2\n[route a]\n%s%s\n" B "[route b]\n%s\n" B, a,
		       strchr(a, '\n') ? "" : "\n", b);
	conf_says(text, expected);
}

static void test_never(void **state)
{
	(void)state;
	expect("", "", NEVER);
	expect("protocol = tls", "protocol = tls", NEVER);
	expect("protocol = tls ssh", "protocol = tls", NEVER);
	expect("server_name = a.example", "server_name = A.example.", NEVER);
	expect("server_name = a.example b.example", "server_name = b.example", NEVER);
	expect("server_name = *.example", "server_name = *.example", NEVER);
	expect("server_name = none", "server_name = none", NEVER);
	expect("server_name = none a.example", "server_name = a.example none", NEVER);
	expect("alpn = h2 h3", "alpn = h3", NEVER);
	expect("from = 192.0.2.0/24 10.0.0.0/8", "from = 10.0.0.0/8", NEVER);
	expect("to = 192.0.2.1", "to = 192.0.2.1", NEVER);
}

static void test_may_win(void **state)
{
	(void)state;
	expect("", "protocol = tls", ""); /* a named protocol ranks above any */
	expect("protocol = tls", "", "");
	expect("protocol = tls", "protocol = tls ssh", "");
	expect("", "server_name = a.example", "");
	expect("server_name = a.example", "", "");
	expect("server_name = *.example", "server_name = a.example", "");
	expect("server_name = a.example", "server_name = *.example", "");
	expect("server_name = *.example", "server_name = *.a.example", "");
	expect("server_name = none", "", "");
	expect("server_name = none", "server_name = a.example", "");
	expect("server_name = none a.example", "server_name = b.example", "");
	expect("", "alpn = h2", "");
	expect("alpn = h2", "", "");
	expect("alpn = h2", "alpn = h2 h3", "");
	expect("from = 10.0.0.0/8", "from = 10.1.0.0/16", ""); /* the longer prefix wins */
	expect("from = 10.1.0.0/16", "from = 10.0.0.0/8", "");
	expect("from = 10.0.0.0/8", "to = 10.0.0.0/8", "");
	expect("divert = d", "", NEVER); /* the only one there is */
}

static void test_diverts(void **state)
{
	(void)state;
	conf_says(HEAD "[route a]\ndivert = d\n" B "[route b]\n" B "[route c]\ndivert = d\n" B,
		  "t.conf:10: warning: [route c] can never win: [route a] comes first and takes "
		  "its flows\n");
}

static void test_names(void **state)
{
	(void)state;
	expect("server_name = a.example", "server_name = a.example b.example",
	       "t.conf:7: warning: [route b] lists `a.example`, but [route a] comes first and takes "
	       "it\n");
	expect("server_name = a.example\nprotocol = tls", "server_name = a.example", "");
	expect("server_name = a.example a.example", "",
	       "t.conf:3: warning: [route a] lists `a.example` twice\n");
	expect("server_name = a.example *.a.example", "server_name = A.EXAMPLE, b.example none",
	       "t.conf:7: warning: [route b] lists `a.example`, but [route a] comes first and takes "
	       "it\n");
	/* no single route takes it all, but two do */
	conf_says("[divert d]\ntcp = 1\n[route a]\nserver_name = a.example\n" B
		  "[route b]\nserver_name = b.example\n" B
		  "[route c]\nserver_name = a.example b.example\n" B,
		  "t.conf:9: warning: [route c] can never win: [route a] comes first and takes its "
		  "flows\n");
}

static void test_nameless(void **state)
{
	(void)state;
	expect("protocol = ssh\nserver_name = a.example", "",
	       "t.conf:3: warning: [route a] can never win: its protocol carries neither server "
	       "names nor ALPN\n");
	expect("protocol = ssh, sslv2\nalpn = h2", "",
	       "t.conf:3: warning: [route a] can never win: its protocol carries neither server "
	       "names nor ALPN\n");
	expect("protocol = ssh, tls\nalpn = h2", "", "");
	expect("protocol = ssh\nserver_name = none", "", "");
	expect("protocol = ssh", "server_name = none",
	       "t.conf:3: warning: [route a] can never win: `server_name = none` of [route b] takes "
	       "its flows: give that one a protocol\n");
	expect("protocol = ssh", "server_name = none\nprotocol = tls", "");
	expect("protocol = ssh", "server_name = none\nfrom = 10.0.0.0/8", "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_never),    cmocka_unit_test(test_may_win),
		cmocka_unit_test(test_diverts),  cmocka_unit_test(test_names),
		cmocka_unit_test(test_nameless),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
