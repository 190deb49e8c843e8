/* What is allowed and hardly meant: overlapping diverts, unused backends, udp. */
#include <string.h>

#include "policy_conf.h"

#define OVERLAP                                                                                    \
	"t.conf:4: warning: [divert b] overlaps [divert a], which comes first and takes what "     \
	"both want\n"

/* Two diverts on 443, each with one more line; do they overlap? */
static void expect_overlap(const char *a, const char *b, bool is_overlap)
{
	char text[400];

	(void)snprintf(text, sizeof text, "[divert a]\n%s%s\n[divert b]\n%s\n", a,
		       strchr(a, '\n') ? "" : "\n", b);
	conf_says(text, is_overlap ? OVERLAP : "");
}

static void test_ports(void **state)
{
	(void)state;
	expect_overlap("tcp = 443", "tcp = 443", true);
	expect_overlap("tcp = 443", "tcp = 444", false);
	expect_overlap("tcp = 400-500, 80", "tcp = 500-600", true);
	expect_overlap("tcp = 400-499, 80", "tcp = 500-600", false);
	conf_says("[divert a]\ntcp = 443\n[divert b]\nudp = 443\n",
		  "t.conf:3: warning: [divert b] udp: no route takes anything of it: all of it is "
		  "dropped (if so, write `unknown = drop`)\n");
}

#define P "tcp = 443\n"

static void test_interfaces(void **state)
{
	(void)state;
	expect_overlap(P "interface = eth0", "tcp = 443", true);
	expect_overlap(P "interface = eth0", P "interface = eth1", false);
	expect_overlap(P "interface = eth0", P "interface = eth01", false);
	expect_overlap(P "interface = eth0", P "interface = ppp0 eth0", true);
	expect_overlap(P "interface = eth*", P "interface = eth0", true);
	expect_overlap(P "interface = eth1", P "interface = eth*", true);
	expect_overlap(P "interface = eth*", P "interface = eth0*", true);
	expect_overlap(P "interface = eth1*", P "interface = eth0*", false);
	expect_overlap(P "interface = eth10", P "interface = eth1*", true);
	expect_overlap(P "interface = eth", P "interface = eth1*", false);
}

static void test_addresses(void **state)
{
	(void)state;
	expect_overlap(P "to = local", P "to = transit", false);
	expect_overlap(P "to = transit", P "to = local", false);
	expect_overlap(P "to = any", P "to = local", true);
	expect_overlap(P "to = any", P "to = transit", true);
	expect_overlap(P "to = 192.0.2.1", P "to = local", true);
	expect_overlap(P "to = 192.0.2.1", P "to = transit", true);
	expect_overlap(P "to = 192.0.2.1", P "to = 192.0.2.2", false);
	expect_overlap(P "to = 192.0.2.1, ::1", P "to = 192.0.0.0/16", true);
	expect_overlap(P "from = 192.0.2.1", P "from = 192.0.2.2", false);
	expect_overlap(P "from = 192.0.2.1", "tcp = 443", true);
	expect_overlap(P "from = 192.0.2.0/24", P "from = 192.0.2.2", true);
}

static void test_clients_that_are_excluded(void **state)
{
	(void)state;
	expect_overlap(P "from = !192.0.2.0/24", P "from = 192.0.2.0/24", false);
	expect_overlap(P "from = 192.0.2.0/25, 192.0.2.200", P "from = !192.0.2.0/24", false);
	expect_overlap(P "from = !192.0.2.0/25", P "from = 192.0.2.0/24", true);
	expect_overlap(P "from = !192.0.2.0/24", P "from = 198.51.100.9, 192.0.2.1", true);
	expect_overlap(P "from = !192.0.2.0/24, !2001:db8::/32",
		       P "from = 2001:db8:1::/48, 2001:db8:2::/48, 192.0.2.9", false);
	expect_overlap(P "from = !192.0.2.0/24", P "from = !198.51.100.0/24", true);
	expect_overlap(P "from = !0.0.0.0/0", P "from = !::/0", true);
}

static void test_addresses_of_interfaces(void **state)
{
	(void)state;
	expect_overlap(P "to = @wan", P "to = @wan", true);
	expect_overlap(P "to = @wan", P "to = @lan", false);
	expect_overlap(P "to = @wan, @lan", P "to = @dmz, @lan", true);
	expect_overlap(P "to = @wan", P "to = local", true);
	expect_overlap(P "to = local", P "to = @wan", true);
	expect_overlap(P "to = @wan", P "to = transit", false);
	expect_overlap(P "to = @wan", P "to = any", true);
	/* it may have that address */
	expect_overlap(P "to = @wan", P "to = 192.0.2.1", true);
	expect_overlap(P "to = @wan, 192.0.2.1", P "to = transit", true);
	expect_overlap(P "to = 203.0.113.1, 192.0.2.1", P "to = 192.0.2.1", true);
}

/* Keys about streams, where only datagrams come. */
static void test_datagrams_only(void **state)
{
	(void)state;
	conf_says("[divert a]\nudp = 1\nunknown = drop\nsilent = drop\nsniff_bytes = 16k\n"
		  "wait = 1s\n",
		  "t.conf:1: warning: [divert a] silent: of no effect without `tcp`, as a udp flow "
		  "begins with a datagram\n"
		  "t.conf:1: warning: [divert a] sniff_bytes: of no effect without `tcp`: of a udp "
		  "flow 16 datagrams of 24 KiB in all are looked at\n");
	conf_says("[divert a]\nudp = 1\ntcp = 1\nunknown = drop\nsilent = drop\n"
		  "sniff_bytes = 16k\n",
		  "");
}

#define DROPPED                                                                                    \
	"t.conf:1: warning: [divert a] udp: no route takes anything of it: all of it is dropped "  \
	"(if so, write `unknown = drop`)\n"

/* Datagrams that are taken for nothing. */
static void test_dropped(void **state)
{
	static const struct {
		const char *divert;
		const char *route;
		bool warns;
	} cases[] = {
		{ "udp = 1", "", true },
		{ "udp = 1\ntcp = 1", "", true },
		{ "udp = 1\ntcp = 1", "protocol = tls", true },
		{ "udp = 1\ntcp = 1", "path = /", true },
		{ "udp = 1\ntcp = 1", "protocol = tls quic", false },
		{ "udp = 1\ntcp = 1", "server_name = a.test", false },
		{ "udp = 1\ntcp = 1", "server_name = none", false },
		{ "udp = 1\ntcp = 1", "from = 192.0.2.1", false },
		{ "udp = 1\ntcp = 1", "divert = b", true },
		{ "udp = 1\nunknown = drop", "divert = b", false }, /* meant */
		{ "udp = 1\nunknown = reject", "divert = b", false },
		{ "tcp = 1", "divert = b", false },
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		char text[300];

		(void)snprintf(
			text, sizeof text,
			"[divert a]\n%s\n[divert b]\ntcp = 9\n[route r]\n%s\nbackend = drop\n",
			cases[i].divert, cases[i].route[0] ? cases[i].route : "divert = b");
		conf_says(text, cases[i].warns ? DROPPED : "");
	}
}

static void test_unused(void **state)
{
	(void)state;
	conf_says("[divert a]\ntcp = 1\nsilent = s\nunknown = u\n"
		  "[route r]\nbackend = r\n"
		  "[backend s]\nserver = 192.0.2.1:1\n[backend u]\nserver = 192.0.2.1:1\n"
		  "[backend r]\nserver = 192.0.2.1:1\n[backend x]\nserver = 192.0.2.1:1\n",
		  "t.conf:13: warning: [backend x] is not used\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_ports),
		cmocka_unit_test(test_interfaces),
		cmocka_unit_test(test_addresses),
		cmocka_unit_test(test_clients_that_are_excluded),
		cmocka_unit_test(test_addresses_of_interfaces),
		cmocka_unit_test(test_datagrams_only),
		cmocka_unit_test(test_dropped),
		cmocka_unit_test(test_unused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
