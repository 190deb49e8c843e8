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
		  "t.conf:3: warning: [divert b] udp: not diverted in this version\n");
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
	static const char undiverted[] =
		"t.conf:1: warning: [divert a] udp: not diverted in this version\n";
	char says[600];

	(void)state;
	(void)snprintf(
		says, sizeof says, "%s%s%s", undiverted,
		"t.conf:1: warning: [divert a] silent: of no effect without `tcp`, as a udp "
		"flow begins with a datagram\n",
		"t.conf:1: warning: [divert a] sniff_bytes: of no effect without `tcp`: of a "
		"udp flow 16 datagrams of 24 KiB in all are looked at\n");
	conf_says("[divert a]\nudp = 1\nsilent = drop\nsniff_bytes = 16k\nwait = 1s\n", says);
	conf_says("[divert a]\nudp = 1\ntcp = 1\nsilent = drop\nsniff_bytes = 16k\n", undiverted);
	conf_says("[divert a]\nudp = 1\n", undiverted);
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
		cmocka_unit_test(test_unused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
