/* Addresses and routes as places, in a network namespace of this test's own; skipped without root. */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include <linux/netlink.h>

#include "kernel/links.h"
#include "kernel/rtnl_places.h"
#include "own_netns.h"

static const char net[] =
	"link set lo up\n"
	"link add lan type veth peer name far\nlink set lan arp off\nlink set lan up\n"
	"link set far up\n"
	"link add wan type veth peer name peer\nlink set wan up\nlink set peer up\n"
	"addr add 192.168.1.1/24 dev wan\naddr add 2001:db8:1::1/64 dev wan nodad\n"
	"addr add 10.20.0.1/24 dev lan\n"
	"route add default via 192.168.1.254\n"
	"route add 10.8.0.0/16 via 192.168.1.60 metric 7\n"
	"route add 10.9.0.0/16 nexthop via 192.168.1.61 nexthop via 192.168.1.62\n"
	"route add 10.10.0.0/16 via inet6 2001:db8:1::60\n"
	"route add blackhole 10.11.0.0/16\n"
	"route add 10.12.0.0/16 dev wan table 77\n"
	"route add 2001:db8:8::/48 via 2001:db8:1::60\n";

/* A new IPv6 address is one of the box a moment later. */
static int wait_for_v6(struct netlink *nl)
{
	const struct timespec moment = { .tv_nsec = 10 * 1000 * 1000 };
	struct place_list list;
	struct addr a;

	if (addr_parse(&a, "2001:db8:1::1", false))
		return -1;
	for (int i = 0; i < 300; i++) {
		if (rtnl_places_read(&list, nl) == 0 && place_is_ours(list.at, list.count, &a))
			return 0;
		(void)nanosleep(&moment, NULL); /* it is looked at again anyway */
	}
	return -1;
}

static int enter(void **state)
{
	struct netlink *nl;
	FILE *ip;
	int err = enter_netns(state, NETLINK_ROUTE);

	nl = *state;
	if (err || !nl->socket)
		return err;
	ip = popen("ip -batch -", "w");
	if (!ip)
		return -1;
	(void)fputs(net, ip); /* pclose() tells */
	return pclose(ip) ? -1 : wait_for_v6(nl);
}

static struct place_list *read_places(void **state)
{
	struct netlink *nl = need_netns(state);
	struct place_list *list = calloc(1, sizeof *list);

	assert_non_null(list);
	assert_int_equal(rtnl_places_read(list, nl), 0);
	return list;
}

static struct place find(const struct place_list *list, const char *text)
{
	static const struct place none;
	const struct place *p;
	struct addr a;

	assert_int_equal(addr_parse(&a, text, false), 0);
	p = place_of(list->at, list->count, &a);
	return p ? *p : none;
}

static void assert_gateway(struct place p, const char *text)
{
	struct addr a;

	assert_int_equal(addr_parse(&a, text, false), 0);
	assert_true(addr_equal(&p.gateway, &a));
}

static void test_what_is_where(void **state)
{
	struct place_list *list = read_places(state);
	uint32_t wan = find(list, "192.168.1.7").device;

	assert_false(list->is_cut);
	assert_true(find(list, "127.0.0.1").is_ours);
	assert_true(find(list, "::1").is_ours);
	assert_true(find(list, "192.168.1.1").is_ours);
	assert_true(find(list, "2001:db8:1::1").is_ours);
	assert_true(find(list, "192.168.1.7").is_connected);
	assert_true(find(list, "2001:db8:1::7").is_connected);
	assert_int_equal(find(list, "192.168.1.7").gateway.family, 0);
	assert_gateway(find(list, "8.8.8.8"), "192.168.1.254");
	assert_gateway(find(list, "10.8.0.1"), "192.168.1.60");
	assert_int_equal(find(list, "10.8.0.1").metric, 7);
	assert_gateway(find(list, "10.9.0.1"), "192.168.1.61");
	assert_gateway(find(list, "10.10.0.1"), "2001:db8:1::60");
	assert_gateway(find(list, "2001:db8:8::1"), "2001:db8:1::60");
	assert_int_equal(find(list, "2001:db8:8::1").device, wan);
	free(list);
}

static void test_what_is_left_out(void **state)
{
	struct place_list *list = read_places(state);

	/* a route that leads nowhere, and one of another table: the default route is all that is left */
	assert_int_equal(find(list, "10.11.0.1").net.bits, 0);
	assert_int_equal(find(list, "10.12.0.1").net.bits, 0);
	/* link-local IPv6 */
	assert_int_equal(find(list, "fe80::1").device, 0);
	assert_int_equal(find(list, "192.168.1.255").net.bits, 24);
	free(list);
}

static void test_links_without_neighbours(void **state)
{
	struct place_list *list = read_places(state);

	assert_false(find(list, "192.168.1.7").is_star);
	assert_true(find(list, "10.20.0.7").is_star); /* without ARP */
	free(list);
}

static void test_bridges(void **state)
{
	struct netlink *nl = need_netns(state);

	assert_int_equal(links_have_bridge(nl), 0);
	assert_int_equal(system("ip link add br0 type bridge"), 0);
	assert_int_equal(links_have_bridge(nl), 1);
}

static void test_too_many(void **state)
{
	struct place_list *list = read_places(state);
	size_t count = list->count;
	FILE *ip = popen("ip -batch -", "w");

	free(list);
	assert_non_null(ip);
	for (int i = 0; i < PLACES_MOST; i++)
		assert_true(fprintf(ip, "route add 172.%d.%d.0/24 via 192.168.1.60\n", 16 + i / 256,
				    i % 256) > 0);
	assert_int_equal(pclose(ip), 0);
	list = read_places(state);
	assert_true(list->is_cut);
	assert_true(list->count < count);
	assert_true(find(list, "192.168.1.1").is_ours);
	assert_true(find(list, "192.168.1.7").is_connected);
	assert_int_equal(find(list, "8.8.8.8").device, 0);
	free(list);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_what_is_where),
		cmocka_unit_test(test_what_is_left_out),
		cmocka_unit_test(test_links_without_neighbours),
		cmocka_unit_test(test_bridges),
		cmocka_unit_test(test_too_many),
	};

	return cmocka_run_group_tests(tests, enter, leave_netns);
}
