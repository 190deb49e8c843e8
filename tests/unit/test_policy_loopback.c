/* Servers on loopback addresses. */
#include "policy/loopback.h"
#include "policy_conf.h"

static struct addr endpoint(const char *text)
{
	struct addr a;

	assert_int_equal(addr_parse(&a, text, true), 0);
	return a;
}

static void test_each_once(void **state)
{
	struct config *config =
		conf_good("[divert d]\ntcp = 1\n[route r]\nbackend = a\n[route s]\nbackend = b\n"
			  "[route t]\nbackend = c\n"
			  "[backend a]\nserver = 127.0.0.1:7001, 192.0.2.1:7001, [::1]:7001\n"
			  "[backend b]\nserver = 127.0.0.1:7001, 127.0.0.2:7001, 127.0.0.1:7002\n"
			  "[backend c]\nsource = router\nserver = 127.0.0.1:7003\n");
	struct addr found[LOOPBACK_SERVERS_MOST];
	struct addr a = endpoint("127.0.0.2:7001");
	struct addr b = endpoint("127.0.0.1:7003");

	(void)state;
	assert_int_equal(loopback_servers(found, config), 4);
	assert_true(loopback_holds(found, 4, &a));
	assert_false(loopback_holds(found, 4, &b));
	assert_false(loopback_holds(found, 0, &a));
	config_free(config);
}

static void test_so_many_and_no_more(void **state)
{
	char text[4096] = "[divert d]\ntcp = 1\n[route r]\nbackend = a\n[backend a]\n";
	struct addr found[LOOPBACK_SERVERS_MOST];
	struct config *config;
	size_t size = strlen(text);

	(void)state;
	for (int i = 0; i < LOOPBACK_SERVERS_MOST + 3; i++)
		size += (size_t)snprintf(text + size, sizeof text - size, "server = 127.0.0.1:%d\n",
					 7000 + i);
	config = conf_good(text);
	assert_int_equal(loopback_servers(found, config), LOOPBACK_SERVERS_MOST);
	assert_int_equal(found[LOOPBACK_SERVERS_MOST - 1].port, 7000 + LOOPBACK_SERVERS_MOST - 1);
	config_free(config);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_each_once),
		cmocka_unit_test(test_so_many_and_no_more),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
