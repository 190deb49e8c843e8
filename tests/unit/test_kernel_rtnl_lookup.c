/* Which way packets take, in a network namespace of this test's own; skipped without root. */
#include <errno.h>
#include <net/if.h>
#include <stdio.h>
#include <stdlib.h>

#include <linux/netlink.h>

#include "kernel/link_in.h"
#include "kernel/rtnl_lookup.h"
#include "own_netns.h"

static const char net[] =
	"link set lo up\n"
	"link add wan type veth peer name wanp\nlink set wan up\nlink set wanp up\n"
	"link add wan2 type veth peer name wan2p\nlink set wan2 up\nlink set wan2p up\n"
	"link add lan type veth peer name lanp\nlink set lan up\nlink set lanp up\n"
	"addr add 198.51.100.1/24 dev wan\naddr add 2001:db8:1::1/64 dev wan nodad\n"
	"addr add 198.51.101.1/24 dev wan2\naddr add 2001:db8:2::1/64 dev wan2 nodad\n"
	"addr add 192.168.1.1/24 dev lan\naddr add fd00:1::1/64 dev lan nodad\n"
	"route add default via 198.51.100.7\nroute add default via 2001:db8:1::7\n"
	"route add default via 198.51.101.7 table 2\nroute add default via 2001:db8:2::7 table 2\n"
	"route add 192.168.1.0/24 dev lan table 3\nroute add fd00:1::/64 dev lan table 3\n"
	"route add default via 198.51.101.7 table 3\nroute add default via 2001:db8:2::7 table 3\n"
	"route add 10.9.0.0/16 nexthop via 192.168.1.61 nexthop via 198.51.100.61\n"
	"route add 10.10.0.0/16 via inet6 fd00:1::60\n";

/* of both families */
static const char rules[] = "rule add pref 2002 fwmark 0x200/0xf00 lookup 2\n"
			    "rule add pref 2003 fwmark 0x300/0xf00 lookup 3\n"
			    "rule add pref 2004 iif lan dport 25 blackhole\n";

struct ends {
	const char *client;
	const char *server;
	const char *gateway; /* of wan2 */
	uint16_t family;
};

static const struct ends both[] = {
	{ "203.0.113.7", "192.168.1.10:443", "198.51.101.7", AF_INET },
	{ "2001:db8:7::7", "[fd00:1::10]:443", "2001:db8:2::7", AF_INET6 },
};

static int write_file(const char *path)
{
	FILE *file = fopen(path, "w");

	if (!file)
		return -1;
	(void)fputs("1", file); /* fclose() tells */
	return fclose(file);
}

static int configure(const char *command, const char *lines)
{
	FILE *ip = popen(command, "w");

	if (!ip)
		return -1;
	(void)fputs(lines, ip); /* pclose() tells */
	return pclose(ip);
}

static int enter(void **state)
{
	struct netlink *nl;
	int err = enter_netns(state, NETLINK_ROUTE);

	nl = *state;
	if (err || !nl->socket)
		return err;
	if (configure("ip -batch -", net) || configure("ip -batch -", rules) ||
	    configure("ip -6 -batch -", rules))
		return -1;
	return write_file("/proc/sys/net/ipv4/ip_forward") ||
	       write_file("/proc/sys/net/ipv6/conf/all/forwarding");
}

static struct addr at(const char *text)
{
	struct addr a;

	assert_int_equal(addr_parse(&a, text, false), 0);
	return a;
}

static struct rtnl_way way(struct netlink *nl, const char *from, const char *to, uint32_t mark,
			   const char *link_in)
{
	const struct rtnl_packet packet = {
		.from = from ? at(from) : (struct addr){ .family = 0 },
		.to = at(to),
		.mark = mark,
		.link_in = link_in ? if_nametoindex(link_in) : 0,
	};
	struct rtnl_way found = { .table = 0 };

	assert_int_equal(rtnl_lookup(nl, &packet, &found), 0);
	return found;
}

static void test_marks_lead_elsewhere(void **state)
{
	struct netlink *nl = need_netns(state);

	for (size_t i = 0; i < 2; i++) {
		const struct ends *e = &both[i];
		const struct rtnl_way ours = way(nl, NULL, e->server, 0, NULL);
		const struct rtnl_way plain = way(nl, e->client, e->server, 0, "wan");
		const struct rtnl_way astray = way(nl, e->client, e->server, 0x5f000200, "wan2");
		const struct rtnl_way led = way(nl, e->client, e->server, 0x5f000300, "wan2");
		const struct addr gateway = at(e->gateway);

		assert_int_equal(ours.link, if_nametoindex("lan"));
		assert_false(ours.gateway.family);
		assert_true(rtnl_way_equal(&ours, &plain));
		assert_false(rtnl_way_equal(&ours, &astray));
		assert_int_equal(astray.link, if_nametoindex("wan2"));
		assert_true(addr_equal(&astray.gateway, &gateway));
		/* another table, another route, and the same neighbour */
		assert_int_equal(led.table, 3);
		assert_true(rtnl_way_equal(&ours, &led));
	}
}

static void test_the_way_back(void **state)
{
	struct netlink *nl = need_netns(state);

	for (size_t i = 0; i < 2; i++) {
		const struct ends *e = &both[i];

		assert_int_equal(way(nl, e->server, e->client, 0, "lan").link,
				 if_nametoindex("wan"));
		assert_int_equal(way(nl, e->server, e->client, 0x200, "lan").link,
				 if_nametoindex("wan2"));
	}
}

static void test_routes_of_several_hops_are_equal_to_themselves(void **state)
{
	struct netlink *nl = need_netns(state);
	const struct rtnl_way ours = way(nl, NULL, "10.9.0.1", 0, NULL);
	const struct rtnl_way other = way(nl, "203.0.113.9", "10.9.0.1", 0, "wan2");
	const struct rtnl_way single = way(nl, NULL, "192.168.1.61", 0, NULL);

	assert_int_equal(ours.link, 0);
	assert_true(rtnl_way_equal(&ours, &other));
	assert_false(rtnl_way_equal(&ours, &single));
}

static void test_a_gateway_of_the_other_family(void **state)
{
	struct netlink *nl = need_netns(state);
	const struct rtnl_way found = way(nl, NULL, "10.10.0.1", 0, NULL);
	const struct addr gateway = at("fd00:1::60");

	assert_true(addr_equal(&found.gateway, &gateway));
}

static void test_what_is_not_sent_on(void **state)
{
	struct netlink *nl = need_netns(state);
	struct rtnl_way found = { .table = 77 };

	for (size_t i = 0; i < 2; i++) {
		struct rtnl_packet p = { .from = at(both[i].server),
					 .to = at(both[i].client),
					 .link_in = if_nametoindex("lan") };

		p.to.port = 25;
		assert_true(rtnl_lookup(nl, &p, &found) < 0);
		p.to = at(i ? "fd00:1::1" : "192.168.1.1"); /* of this box */
		assert_true(rtnl_lookup(nl, &p, &found) < 0);
		p.to = at(both[1 - i].client);
		assert_int_equal(rtnl_lookup(nl, &p, &found), -EINVAL);
	}
	assert_int_equal(found.table, 77);
}

/* --- of a connection --- */

static int open_at(const struct addr *a, bool is_listener)
{
	struct sockaddr_storage name;
	socklen_t size = addr_to_sockaddr(a, &name);
	int fd = socket(a->family, SOCK_STREAM | SOCK_CLOEXEC, 0);

	assert_true(fd >= 0);
	if (is_listener) {
		assert_int_equal(bind(fd, (void *)&name, size), 0);
		assert_int_equal(listen(fd, 1), 0);
	} else {
		assert_int_equal(connect(fd, (void *)&name, size), 0);
	}
	return fd;
}

static void test_where_a_client_came_in(void **state)
{
	(void)need_netns(state);
	for (size_t i = 0; i < 2; i++) {
		const struct addr here = at(i ? "[::1]:7001" : "127.0.0.1:7001");
		int listener = open_at(&here, true);
		int client = open_at(&here, false);
		int fd = accept4(listener, NULL, NULL, SOCK_CLOEXEC);

		assert_true(fd >= 0);
		assert_int_equal(link_in(fd, here.family), if_nametoindex("lo"));
		assert_int_equal(link_in(fd, here.family), if_nametoindex("lo"));
		assert_int_equal(link_in(-1, here.family), 0);
		assert_int_equal(close(fd) | close(client) | close(listener), 0);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_marks_lead_elsewhere),
		cmocka_unit_test(test_the_way_back),
		cmocka_unit_test(test_routes_of_several_hops_are_equal_to_themselves),
		cmocka_unit_test(test_a_gateway_of_the_other_family),
		cmocka_unit_test(test_what_is_not_sent_on),
		cmocka_unit_test(test_where_a_client_came_in),
	};

	return cmocka_run_group_tests(tests, enter, leave_netns);
}
