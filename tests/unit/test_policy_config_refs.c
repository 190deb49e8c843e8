/* Values that name sections and recognisers. */
#include "policy_conf.h"
#include "wire/wire.h"

#define DIVERTS  "[divert d]\ntcp = 1\n[divert e]\ntcp = 2\n[divert f]\ntcp = 3\n"
#define BACKENDS "[backend b]\nserver = 192.0.2.1:1\n[backend c]\nserver = 192.0.2.1:1\n"

static void test_targets(void **state)
{
	struct config *config =
		conf_good("[route r]\nbackend = c\n[route s]\nbackend = original\n"
			  "[divert d]\ntcp = 1\nsilent = b\nunknown = drop\n" BACKENDS);

	(void)state;
	assert_int_equal(config->routes[0].target.kind, TARGET_BACKEND);
	assert_int_equal(config->routes[0].target.backend, 1);
	assert_int_equal(config->routes[1].target.kind, TARGET_ORIGINAL);
	assert_int_equal(config->diverts[0].silent.kind, TARGET_BACKEND);
	assert_int_equal(config->diverts[0].silent.backend, 0);
	assert_int_equal(config->diverts[0].unknown.kind, TARGET_DROP);
	config_free(config);
}

/* What the file does not say is reject for tcp and drop for udp; what it says holds for both. */
static void test_unknown_of_udp(void **state)
{
	struct config *config = conf_good("[divert d]\nudp = 1\n"
					  "[divert e]\nudp = 2\nunknown = reject\n"
					  "[divert f]\nudp = 3\nunknown = b\n" BACKENDS);

	(void)state;
	assert_int_equal(config->diverts[0].unknown.kind, TARGET_REJECT);
	assert_int_equal(config->diverts[0].unknown_udp.kind, TARGET_DROP);
	assert_int_equal(config->diverts[1].unknown_udp.kind, TARGET_REJECT);
	assert_int_equal(config->diverts[2].unknown_udp.kind, TARGET_BACKEND);
	assert_int_equal(config->diverts[2].unknown_udp.backend, 0);
	config_free(config);
}

static void test_diverts(void **state)
{
	struct config *config = conf_good("[route r]\nbackend = drop\ndivert = f, d\n"
					  "[route s]\nbackend = drop\n"
					  "[route t]\nbackend = drop\ndivert = all\n" DIVERTS);

	(void)state;
	assert_int_equal(config->routes[0].diverts, 5);
	assert_int_equal(config->routes[1].diverts, 7);
	assert_int_equal(config->routes[2].diverts, 7);
	config_free(config);
}

static void test_protocols(void **state)
{
	struct config *config =
		conf_good(DIVERTS "[route r]\nbackend = drop\nprotocol = ssh tls\n");

	(void)state;
	assert_true(proto_set_has(&config->routes[0].protocols, WIRE_ID_ssh));
	assert_true(proto_set_has(&config->routes[0].protocols, WIRE_ID_tls));
	assert_false(proto_set_has(&config->routes[0].protocols, WIRE_ID_sslv2));
	config_free(config);
}

static void test_nearest(void **state)
{
	(void)state;
	conf_says("[divert web]\ntcp = 1\nunknown = wbe\n[backend web]\nserver = 192.0.2.1:1\n",
		  "t.conf:3: unknown: there is no backend `wbe` (did you mean `web`?)\n");
	conf_says("[divert web]\ntcp = 1\nunknown = wbe\n[backend a/b]\nserver = 192.0.2.1:1\n",
		  "t.conf:3: unknown: there is no backend `wbe` (did you mean `drop`?)\n"
		  "t.conf:4: [backend a/b] has a name with other characters than letters, digits, "
		  "`.`, `_` and `-`\n");
	conf_says("[route r]\nbackend = drop\ndivert = web\n",
		  "t.conf:3: divert: there is no divert `web`, nor any other\n");
	conf_says(DIVERTS "[route r]\nbackend = drop\nprotocol = sslv3, any\n",
		  "t.conf:9: protocol: there is no recogniser `sslv3` (did you mean `sslv2`?)\n"
		  "t.conf:9: protocol: `any` stands alone: remove it or the others\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_targets), cmocka_unit_test(test_unknown_of_udp),
		cmocka_unit_test(test_diverts), cmocka_unit_test(test_protocols),
		cmocka_unit_test(test_nearest),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
