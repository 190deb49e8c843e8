/* Routes that can never win, and names listed twice: said when certain, and only then. */
#include <string.h>

#include "policy_conf.h"
#include "policy_protocols.h"

#define HEAD "[divert d]\ntcp = 1\n[divert e]\ntcp = 2\n"
#define B    "backend = drop\n"

#define NEVER                                                                                      \
	"t.conf:7: warning: [route b] can never win: [route a] comes first and takes its flows\n"

#define ABOVE                                                                                      \
	"t.conf:7: warning: [route b] can never win: [route a] ranks above it and takes its flows\n"

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
	expect("path = /a /b/c", "path = /b/c", NEVER);
	expect("method = GET PUT", "method = PUT", NEVER);
	expect("path = /a\nmethod = GET", "method = GET\npath = /a", NEVER);
	expect("when = mon 08:00-09:00, tue 08:00-09:00", "when = tue 08:00-09:00", NEVER);
}

static void test_families(void **state)
{
	(void)state;
	expect("", "from = 192.0.2.0/24\nto = 2001:db8::/32",
	       "t.conf:7: warning: [route b] can never win: `from` and `to` have no address family in "
	       "common\n");
	expect("", "from = 2001:db8::1\nto = 192.0.2.1 192.0.2.2",
	       "t.conf:7: warning: [route b] can never win: `from` and `to` have no address family in "
	       "common\n");
	expect("", "from = 2001:db8::1, 192.0.2.7\nto = 192.0.2.1", "");
	expect("", "from = 2001:db8::1\nto = 2001:db8::2", "");
	expect("", "from = any\nto = 192.0.2.1", "");
	expect("", "from = 2001:db8::1", "");
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
	expect("divert = d", "", NEVER);        /* the only one there is */
	expect("path = /a", "path = /a/b", ""); /* the longer path wins */
	expect("path = /a/b", "path = /a", "");
	expect("path = /a", "method = GET", "");
	expect("path = /a", "path = /a\nmethod = GET", ""); /* more keys */
	expect("path = /a\nmethod = GET", "path = /a", "");
	expect("method = GET", "method = GET PUT", "");
	expect("when = mon 08:00-09:00", "", "");
	expect("", "when = mon 08:00-09:00", "");
	expect("when = mon 08:00-09:00", "when = mon 08:00-10:00", "");
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

/* A regex covers itself, letter by letter, and nothing else. */
static void test_regex(void **state)
{
	(void)state;
	expect("server_name = /a/", "server_name = /a/", NEVER);
	expect("server_name = /a/ /b/ c.example", "server_name = /b/ c.example", NEVER);
	expect("server_name = /./", "server_name = /a/", "");
	expect("server_name = /./", "server_name = a.example", "");
	expect("server_name = *.example", "server_name = /example$/", "");
	expect("", "server_name = /a/", "");
	/* the order in the file comes before all else: further keys do not help */
	expect("server_name = /a/", "server_name = /a/\nprotocol = tls\nalpn = h2", NEVER);
	expect("server_name = /a/\nprotocol = tls", "server_name = /a/", "");
	expect("server_name = /a/\nfrom = 10.0.0.0/8", "server_name = /a/\nfrom = 10.1.0.0/16",
	       NEVER);
	expect("server_name = /a/\npath = /x", "server_name = /a/\npath = /x/y", NEVER);
	expect("server_name = /a/\npath = /x/y", "server_name = /a/\npath = /x", "");
	expect("server_name = /a/", "server_name = b.example /a/",
	       "t.conf:7: warning: [route b] lists `/a/`, but [route a] comes first and takes it\n");
	expect("server_name = /a/ none", "server_name = none /a/", NEVER);
	expect("server_name = none", "server_name = none /a/", "");
}

/* A route that names its protocol ranks above one that does not, wherever it stands. */
static void test_above(void **state)
{
	struct protocols_text all;

	(void)state;
	expect("protocol = http", "path = /a", ABOVE);
	expect("protocol = http tls", "method = GET", ABOVE);
	expect("protocol = http\npath = /a", "path = /a/b", ABOVE);
	expect("protocol = http\npath = /a/b", "path = /a", "");
	expect("protocol = tls", "alpn = h2", ABOVE);
	expect("protocol = http", "alpn = h2", "");
	expect(protocols_key(&all, protocols_saying(WIRE_SAYS_NAME), "\nserver_name = a.example"),
	       "server_name = a.example", ABOVE);
	expect("protocol = tls\nserver_name = a.example", "server_name = a.example", "");
	expect("protocol = tls http2 http\nserver_name = none", "server_name = none", "");
	expect("protocol = tls\nserver_name = a.example",
	       "server_name = a.example b.example\nalpn = h2",
	       "t.conf:7: warning: [route b] lists `a.example`, but [route a] ranks above it and "
	       "takes it\n");
	conf_says(HEAD "[route b]\npath = /a\n" B "[route a]\nprotocol = http\n" B,
		  "t.conf:5: warning: [route b] can never win: [route a] ranks above it and takes "
		  "its flows\n");
}

/* Nobody sends what such a route asks for. */
static void test_no_flows(void **state)
{
	(void)state;
	expect("alpn = h2\npath = /", "",
	       "t.conf:3: warning: [route a] can never win: none of its protocols carries ALPN and "
	       "a method or path\n");
	expect("protocol = tls http2\npath = /", "",
	       "t.conf:3: warning: [route a] can never win: none of its protocols carries a method "
	       "or path\n");
	expect("protocol = tls http\npath = /", "", "");
	expect("protocol = http\nalpn = h2\nserver_name = a.example", "",
	       "t.conf:3: warning: [route a] can never win: none of its protocols carries a server "
	       "name and ALPN\n");
}

/* Protocols of a transport that no divert of the route takes. */
static void test_transports(void **state)
{
	static const char udp[] = "[divert u]\nudp = 1\nunknown = drop\n[divert t]\ntcp = 1\n";
	static const char quic_only[] = "[route b]\nprotocol = quic\nserver_name = a.example\n" B;
	static const char tls_only[] = "[route b]\nprotocol = tls\ndivert = u\n" B;
	char conf[200];

	(void)state;
	expect("protocol = quic", "",
	       "t.conf:3: warning: [route a] can never win: none of its diverts has `udp`, by which "
	       "quic comes\n");
	expect("protocol = tls quic", "",
	       "t.conf:3: warning: [route a] protocol: none of its diverts has `udp`, by which quic "
	       "comes\n");
	(void)snprintf(conf, sizeof conf, "%s%s", udp, quic_only);
	conf_says(conf, "");
	(void)snprintf(conf, sizeof conf, "%s%s", udp, tls_only);
	conf_says(conf,
		  "t.conf:6: warning: [route b] can never win: none of its diverts has `tcp`, by "
		  "which tls comes\n");
}

static void test_nameless(void **state)
{
	(void)state;
	expect("protocol = ssh\nserver_name = a.example", "",
	       "t.conf:3: warning: [route a] can never win: none of its protocols carries a server "
	       "name\n");
	expect("protocol = ssh\nserver_name = /a/", "",
	       "t.conf:3: warning: [route a] can never win: none of its protocols carries a server "
	       "name\n");
	expect("protocol = ssh, sslv2\nalpn = h2", "",
	       "t.conf:3: warning: [route a] can never win: none of its protocols carries ALPN\n");
	expect("protocol = ssh, tls\nalpn = h2", "", "");
	expect("protocol = ssh\nserver_name = none", "", "");
	expect("protocol = ssh", "server_name = none",
	       "t.conf:3: warning: [route a] can never win: `server_name = none` of [route b] takes "
	       "its flows: give that one a protocol\n");
	expect("protocol = ssh", "server_name = none\nprotocol = tls", "");
	expect("protocol = ssh", "server_name = none\nfrom = 10.0.0.0/8", "");
	expect("protocol = ssh", "server_name = none\nwhen = mon 08:00-09:00", "");
	expect("protocol = ssh\nfrom = 10.1.0.0/16", "server_name = none\nfrom = 10.0.0.0/8",
	       "t.conf:3: warning: [route a] can never win: `server_name = none` of [route b] takes "
	       "its flows: give that one a protocol\n");
	expect("protocol = ssh http", "server_name = none", "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_never),      cmocka_unit_test(test_families),
		cmocka_unit_test(test_may_win),    cmocka_unit_test(test_diverts),
		cmocka_unit_test(test_names),      cmocka_unit_test(test_nameless),
		cmocka_unit_test(test_transports), cmocka_unit_test(test_regex),
		cmocka_unit_test(test_above),      cmocka_unit_test(test_no_flows),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
