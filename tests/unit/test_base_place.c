/* Who would answer whom without us. */
#include <stdlib.h>

#include "base/place.h"
#include "unit.h"

enum { WAN = 2, LAN = 3, TUNNEL = 4, PPP = 5 };

static struct addr address(const char *text)
{
	struct addr a;

	assert_int_equal(addr_parse(&a, text, false), 0);
	return a;
}

static struct place place(const char *net, uint32_t device, const char *gateway)
{
	struct place p = { .device = device };

	assert_int_equal(prefix_parse(&p.net, net), 0);
	if (gateway)
		p.gateway = address(gateway);
	return p;
}

static struct place ours(const char *net)
{
	struct place p = place(net, LAN, NULL);

	p.is_ours = true;
	return p;
}

static struct place star(const char *net, uint32_t device, bool is_connected)
{
	struct place p = place(net, device, NULL);

	p.is_star = true;
	p.is_connected = is_connected;
	return p;
}

struct table {
	struct place at[32];
	size_t count;
};

/* A house: two IPv4 networks and two of IPv6 on the LAN, other routers there, a tunnel, a line. */
static const struct table *house(void **state)
{
	struct table *t = *state;
	const struct place all[] = {
		place("0.0.0.0/0", WAN, "198.51.100.254"),
		place("::/0", WAN, "fe80::1"),
		place("198.51.100.0/24", WAN, NULL),
		ours("198.51.100.1"),
		place("192.168.1.0/24", LAN, NULL),
		place("192.168.2.0/24", LAN, NULL),
		ours("192.168.1.1"),
		ours("127.0.0.0/8"),
		place("10.8.0.0/16", LAN, "192.168.1.60"),
		place("10.9.0.0/16", LAN, "192.168.1.61"),
		place("10.10.0.0/16", LAN, "2001:db8:1::60"),
		place("2001:db8:1::/64", LAN, NULL),
		place("fd00:1::/64", LAN, NULL),
		place("fd00:8::/64", LAN, "fd00:1::60"),
		ours("fd00:1::1"),
		star("10.20.0.0/24", TUNNEL, true),
		star("10.21.0.0/24", TUNNEL, false),
		star("10.22.0.0/24", TUNNEL, false),
		star("172.16.0.0/12", PPP, false),
	};

	t->count = sizeof all / sizeof *all;
	memcpy(t->at, all, sizeof all);
	place_sort(t->at, t->count);
	return t;
}

static int set_up(void **state)
{
	*state = calloc(1, sizeof(struct table));
	return *state ? 0 : -1;
}

static int tear_down(void **state)
{
	free(*state);
	return 0;
}

static bool bypass(const struct table *t, const char *client, const char *server)
{
	struct addr c = address(client);
	struct addr s = address(server);

	return place_is_bypass(t->at, t->count, &c, &s);
}

static void test_the_best_place(void **state)
{
	const struct table *t = house(state);
	const struct addr inside = address("192.168.1.77");
	const struct addr own = address("192.168.1.1");
	const struct addr loopback = address("127.8.8.8");
	const struct addr far = address("8.8.8.8");

	assert_int_equal(place_of(t->at, t->count, &inside)->device, LAN);
	assert_int_equal(place_of(t->at, t->count, &far)->net.bits, 0);
	assert_true(place_is_ours(t->at, t->count, &own));
	assert_true(place_is_ours(t->at, t->count, &loopback));
	assert_false(place_is_ours(t->at, t->count, &inside));
	assert_null(place_of(t->at, 0, &own));
	assert_false(place_is_ours(NULL, 0, &own));
}

static void test_the_lower_metric_wins(void **state)
{
	struct place at[] = { place("10.0.0.0/8", WAN, NULL), place("10.0.0.0/8", LAN, NULL) };
	const struct addr a = address("10.1.1.1");

	(void)state;
	at[0].metric = 20;
	at[1].metric = 10;
	place_sort(at, 2);
	assert_int_equal(place_of(at, 2, &a)->device, LAN);
}

static void test_one_link(void **state)
{
	const struct table *t = house(state);

	assert_true(bypass(t, "192.168.1.7", "192.168.1.10"));
	assert_true(bypass(t, "192.168.1.10", "192.168.1.10"));
	assert_false(bypass(t, "198.51.100.7", "192.168.1.10"));
	assert_false(bypass(t, "8.8.8.8", "192.168.1.10"));
	/* IPv4 hosts know one network, those of IPv6 all that are announced */
	assert_false(bypass(t, "192.168.2.7", "192.168.1.10"));
	assert_true(bypass(t, "2001:db8:1::7", "fd00:1::10"));
	/* another family, this box, nobody knows */
	assert_false(bypass(t, "192.168.1.7", "fd00:1::10"));
	assert_false(bypass(t, "192.168.1.7", "192.168.1.1"));
	assert_false(place_is_bypass(NULL, 0, &(struct addr){ 0 }, &(struct addr){ 0 }));
}

static void test_other_routers(void **state)
{
	const struct table *t = house(state);

	/* the server's router is a neighbour of the client */
	assert_true(bypass(t, "192.168.1.7", "10.8.0.10"));
	assert_true(bypass(t, "fd00:1::7", "fd00:8::10"));
	assert_true(bypass(t, "192.168.1.7", "10.10.0.10"));
	assert_false(bypass(t, "192.168.2.7", "10.8.0.10"));
	assert_false(bypass(t, "198.51.100.7", "10.8.0.10"));
	/* behind one router, behind two, behind the server itself */
	assert_true(bypass(t, "10.8.0.7", "10.8.3.10"));
	assert_false(bypass(t, "10.9.0.7", "10.8.0.10"));
	assert_true(bypass(t, "10.8.0.7", "192.168.1.60"));
	/* the server's answer comes by us, as far as we know */
	assert_false(bypass(t, "10.8.0.7", "192.168.1.10"));
	/* two hosts of the internet */
	assert_true(bypass(t, "8.8.8.8", "9.9.9.9"));
}

static void test_links_without_neighbours(void **state)
{
	const struct table *t = house(state);

	/* our own network there: each reaches the others through us */
	assert_false(bypass(t, "10.20.0.7", "10.20.0.10"));
	/* one host may be the way to both */
	assert_true(bypass(t, "10.21.0.7", "10.21.0.10"));
	assert_false(bypass(t, "10.21.0.7", "10.22.0.10"));
	assert_true(bypass(t, "172.16.1.1", "172.17.1.1"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_the_best_place),
		cmocka_unit_test(test_the_lower_metric_wins),
		cmocka_unit_test(test_one_link),
		cmocka_unit_test(test_other_routers),
		cmocka_unit_test(test_links_without_neighbours),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
