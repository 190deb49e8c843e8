/* The key table itself: every row can be read, shown and freed, and its default is what is documented. */
#include <string.h>

#include "policy/config_dump.h"
#include "policy/config_values.h"
#include "policy_conf.h"

static void test_rows(void **state)
{
	const struct config_key *key;
	size_t i;

	(void)state;
	for (i = 0; (key = config_keys_at(i)) != NULL; i++) {
		assert_true(key->section < SECTION_KINDS);
		assert_non_null(key->type->parse);
		assert_non_null(key->type->print);
		assert_true(key->least <= key->most);
		assert_ptr_equal(config_keys_find(key->section, key->name), key); /* once only */
		assert_true(!(key->flags & KEY_LIST) || key->most > 0);
		assert_false(key->fallback && (key->flags & KEY_REQUIRED));
	}
	assert_true(i > 30);
	assert_null(config_keys_at(i));
	assert_null(config_keys_find(SECTION_ROUTE, "tcp"));
	assert_null(config_keys_find(SECTION_SHUNT, ""));
}

/* The defaults of the manual, in the order of the table. */
/* clang-format off */
static const char *const defaults[][2] = {
	{ "workers", "auto" },
	{ "sniffers", "1" },
	{ "log", "info" },
	{ "log_flows", "yes" },
	{ "log_format", "text" },
	{ "control", "/run/shunt/control.sock" },
	{ "control_group", "root" },
	{ "mark", "0x50000000/0xff000000" },
	{ "table", "1443" },
	{ "max_connections", "auto" },
	{ "drain", "1h" },
	{ "tcp", "443" }, /* given */
	{ "to", "local" },
	{ "interface", "any" },
	{ "from", "any" },
	{ "wait", "3s" },
	{ "sniff_bytes", "64k" },
	{ "silent", "reject" },
	{ "unknown", "reject" },
	{ "fail", "open" },
	{ "force", "no" },
	{ "handoff", "auto" },
	{ "divert", "all" },
	{ "protocol", "any" },
	{ "from", "any" },
	{ "to", "any" },
	{ "backend", "drop" },       /* given */
	{ "server", "192.0.2.1:1" }, /* given */
	{ "source", "client" },
	{ "connect_timeout", "3s" },
	{ "retries", "2" },
	{ "idle", "1h" },
	{ "handoff", "auto" },
};
/* clang-format on */

static int compare_default(const struct config_value *value, void *arg)
{
	size_t *at = arg;

	assert_true(*at < sizeof defaults / sizeof *defaults);
	assert_string_equal(value->key, defaults[*at][0]);
	assert_string_equal(value->text, defaults[*at][1]);
	++*at;
	return 0;
}

static void test_defaults(void **state)
{
	struct config *config = conf_good("[divert d]\ntcp = 443\n[route r]\nbackend = drop\n"
					  "[backend b]\nserver = 192.0.2.1:1\n");
	size_t at = 0;

	(void)state;
	assert_int_equal(config_each_value(config, compare_default, &at), 0);
	assert_int_equal(at, sizeof defaults / sizeof *defaults);

	/* and as the fields that the others read */
	assert_null(config->shunt.user);
	assert_int_equal(config->shunt.workers, 0);
	assert_int_equal(config->shunt.sniffers, 1);
	assert_int_equal(config->shunt.log, LOG_LEVEL_INFO);
	assert_true(config->shunt.log_flows);
	assert_false(config->shunt.log_json);
	assert_int_equal(config->shunt.mark.base, CONFIG_MARK_BASE);
	assert_int_equal(config->shunt.mark.mask, CONFIG_MARK_MASK);
	assert_int_equal(config->shunt.table, CONFIG_TABLE);
	assert_int_equal(config->shunt.max_connections, 0);
	assert_int_equal(config->shunt.drain_ms, 3600 * 1000);
	assert_int_equal(config->diverts[0].to_kind, TO_LOCAL);
	assert_int_equal(config->diverts[0].wait_ms, 3000);
	assert_int_equal(config->diverts[0].sniff_bytes, 65536);
	assert_int_equal(config->diverts[0].unknown.kind, TARGET_REJECT);
	assert_false(config->diverts[0].is_fail_closed);
	assert_false(config->diverts[0].force);
	assert_true(config->diverts[0].handoff);
	assert_int_equal(config->routes[0].diverts, 1);
	assert_true(proto_set_is_empty(&config->routes[0].protocols));
	assert_false(config->backends[0].is_source_router);
	assert_int_equal(config->backends[0].idle_ms, 3600000);
	assert_int_equal(config->backends[0].idle_udp_ms, 60000);
	config_free(config);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rows),
		cmocka_unit_test(test_defaults),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
