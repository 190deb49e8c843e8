/* The `force` key. */

#include <errno.h>
#include <string.h>

#include "firewall_ports.h"
#include "unit.h"

static struct config config_of(struct divert *d, struct port_range *ports)
{
	*ports = (struct port_range){ 440, 450 };
	memset(d, 0, sizeof *d);
	memcpy(d->name, "web", sizeof "web");
	d->tcp = (struct port_list){ ports, 1 };
	return (struct config){ .diverts = d, .divert_count = 1 };
}

static int compare(const struct config *config, const char *served, const char *own)
{
	struct addr a;
	struct addr b;
	char wan[] = "wan";
	struct host_interface at = { .name = wan, .index = 2, .addresses = { &b, 1 } };
	const struct firewall_box box = { .served = { &a, 1 },
					  .own = { &b, 1 },
					  .hosts = { &at, 1 } };
	struct fault fault = { 0 };
	int err;

	assert_int_equal(addr_parse(&a, served, true), 0);
	assert_int_equal(addr_parse(&b, own, false), 0);
	err = firewall_ports_compare(config, &box, &fault);
	if (err) {
		assert_non_null(strstr(fault.text, "divert web"));
		assert_non_null(strstr(fault.text, "port 443"));
		assert_non_null(strstr(fault.text, "force = yes"));
	}
	return err;
}

static void test_local_and_any(void **state)
{
	struct port_range ports;
	struct divert d;
	struct config config = config_of(&d, &ports);

	(void)state;
	assert_int_equal(compare(&config, "0.0.0.0:443", "192.0.2.1"), -EADDRINUSE);
	assert_int_equal(compare(&config, "[::]:443", "192.0.2.1"), -EADDRINUSE);
	assert_int_equal(compare(&config, "192.0.2.1:443", "192.0.2.1"), -EADDRINUSE);
	assert_int_equal(compare(&config, "0.0.0.0:439", "192.0.2.1"), 0);
	assert_int_equal(compare(&config, "0.0.0.0:451", "192.0.2.1"), 0);
	d.to_kind = TO_ANY;
	assert_int_equal(compare(&config, "0.0.0.0:443", "192.0.2.1"), -EADDRINUSE);
	d.to_kind = TO_TRANSIT;
	assert_int_equal(compare(&config, "0.0.0.0:443", "192.0.2.1"), 0);
}

static void test_force_and_interface(void **state)
{
	char *names[] = { (char[]){ "wan" } };
	struct port_range ports;
	struct divert d;
	struct config config = config_of(&d, &ports);

	(void)state;
	d.force = true;
	assert_int_equal(compare(&config, "0.0.0.0:443", "192.0.2.1"), 0);
	d.force = false;
	d.interface = (struct text_list){ names, 1 };
	assert_int_equal(compare(&config, "0.0.0.0:443", "192.0.2.1"), 0);
}

static int compare_udp(const struct config *config, const char *served)
{
	struct addr socket;
	struct addr own;
	const struct firewall_box box = { .served_udp = { &socket, 1 },
					  .own = { &own, 1 },
					  .chosen = { 32768, 60999 } };
	struct fault fault = { 0 };
	int err;

	assert_int_equal(addr_parse(&socket, served, true), 0);
	assert_int_equal(addr_parse(&own, "192.0.2.1", false), 0);
	err = firewall_ports_compare(config, &box, &fault);
	if (err)
		assert_non_null(strstr(fault.text, "serves UDP port"));
	return err;
}

static void test_datagrams(void **state)
{
	struct port_range ports[] = { { 440, 450 }, { 40000, 50000 } };
	struct divert d;
	struct config config = config_of(&d, ports);

	(void)state;
	d.udp = d.tcp;
	d.tcp.count = 0;
	assert_int_equal(compare_udp(&config, "0.0.0.0:443"), -EADDRINUSE);
	assert_int_equal(compare_udp(&config, "192.0.2.1:443"), -EADDRINUSE);
	assert_int_equal(compare_udp(&config, "[::]:443"), -EADDRINUSE);
	assert_int_equal(compare_udp(&config, "0.0.0.0:53"), 0);
	/* a socket of ours that bears a client's address */
	assert_int_equal(compare_udp(&config, "198.51.100.7:443"), 0);
	/* connections do not count, nor do datagrams for connections */
	assert_int_equal(compare(&config, "0.0.0.0:443", "192.0.2.1"), 0);
	/* a port that the kernel may have chosen, unless it is named */
	ports[1] = (struct port_range){ 40000, 50000 };
	d.udp.count = 2;
	assert_int_equal(compare_udp(&config, "0.0.0.0:45000"), 0);
	ports[1] = (struct port_range){ 45000, 45000 };
	assert_int_equal(compare_udp(&config, "0.0.0.0:45000"), -EADDRINUSE);
	d.force = true;
	assert_int_equal(compare_udp(&config, "0.0.0.0:443"), 0);
}

static void expect_shared(const struct config *config, size_t count, const char *text)
{
	struct addr a[2];
	const struct firewall_box box = { .served = { a, count } };
	struct fault note = { 0 };

	assert_int_equal(addr_parse(&a[0], "0.0.0.0:443", true), 0);
	assert_int_equal(addr_parse(&a[1], "[::]:444", true), 0);
	firewall_ports_shared(config, &box, &note);
	assert_string_equal(note.text, text);
}

static void test_a_named_interface_is_said(void **state)
{
	char *names[] = { (char[]){ "wan" }, (char[]){ "vlan*" } };
	struct port_range ports;
	struct divert d;
	struct config config = config_of(&d, &ports);

	(void)state;
	expect_shared(&config, 1, "");
	d.interface = (struct text_list){ names, 2 };
	expect_shared(&config, 1,
		      "divert web takes port 443 on interface wan, which this box itself serves on "
		      "0.0.0.0");
	expect_shared(&config, 2,
		      "divert web takes port 443 on interface wan, which this box itself serves on "
		      "0.0.0.0, and 1 more");
	expect_shared(&config, 0, "");
	d.to_kind = TO_TRANSIT;
	expect_shared(&config, 2, "");
	d.to_kind = TO_LOCAL;
	d.force = true;
	expect_shared(&config, 2, "");
}

static void test_prefixes(void **state)
{
	struct port_range ports;
	struct prefix prefix;
	struct divert d;
	struct config config = config_of(&d, &ports);

	(void)state;
	assert_int_equal(prefix_parse(&prefix, "192.0.2.0/24"), 0);
	d.to_kind = TO_PREFIXES;
	d.to = (struct prefix_list){ &prefix, 1 };
	assert_int_equal(compare(&config, "192.0.2.1:443", "203.0.113.1"), -EADDRINUSE);
	assert_int_equal(compare(&config, "192.0.3.1:443", "192.0.2.1"), 0);
	/* an any-address stands for all of the box's */
	assert_int_equal(compare(&config, "0.0.0.0:443", "192.0.2.1"), -EADDRINUSE);
	assert_int_equal(compare(&config, "[::]:443", "192.0.2.1"), -EADDRINUSE);
	assert_int_equal(compare(&config, "0.0.0.0:443", "203.0.113.1"), 0);
}

static void test_addresses_of_an_interface(void **state)
{
	char *wan[] = { (char[]){ "wan" } };
	char *lan[] = { (char[]){ "lan" } };
	struct port_range ports;
	struct divert d;
	struct config config = config_of(&d, &ports);

	(void)state;
	d.to_kind = TO_PREFIXES;
	d.to_interface = (struct text_list){ wan, 1 };
	assert_int_equal(compare(&config, "192.0.2.1:443", "192.0.2.1"), -EADDRINUSE);
	assert_int_equal(compare(&config, "[2001:db8::1]:443", "2001:db8::1"), -EADDRINUSE);
	assert_int_equal(compare(&config, "192.0.2.2:443", "192.0.2.1"), 0);
	/* what listens to all will listen to those that come */
	assert_int_equal(compare(&config, "0.0.0.0:443", "192.0.2.1"), -EADDRINUSE);
	assert_int_equal(compare(&config, "[::]:443", "192.0.2.1"), -EADDRINUSE);
	assert_int_equal(compare(&config, "0.0.0.0:439", "192.0.2.1"), 0);
	/* nothing is known of an interface that is not there */
	d.to_interface = (struct text_list){ lan, 1 };
	assert_int_equal(compare(&config, "192.0.2.1:443", "192.0.2.1"), 0);
	assert_int_equal(compare(&config, "0.0.0.0:443", "192.0.2.1"), -EADDRINUSE);
	d.force = true;
	assert_int_equal(compare(&config, "0.0.0.0:443", "192.0.2.1"), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_local_and_any),
		cmocka_unit_test(test_force_and_interface),
		cmocka_unit_test(test_datagrams),
		cmocka_unit_test(test_a_named_interface_is_said),
		cmocka_unit_test(test_prefixes),
		cmocka_unit_test(test_addresses_of_an_interface),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
