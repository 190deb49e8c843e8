/* Single values: good ones as the fields hold them, at the limits and beyond. */
#include <string.h>

#include "policy_conf.h"

/* A configuration whose [shunt] holds one line, another its [divert], another its [backend]. */
static struct config *with(const char *shunt, const char *divert, const char *backend)
{
	char text[1000];

	(void)snprintf(
		text, sizeof text,
		"[shunt]\n%s\n[divert d]\ntcp = 1\n%s\n[backend b]\nserver = 192.0.2.1:1\n%s\n",
		shunt, divert, backend);
	return conf_good(text);
}

#define SHUNT_IS(line, field, value)                                                               \
	do {                                                                                       \
		struct config *config = with(line, "", "");                                        \
                                                                                                   \
		assert_int_equal(config->shunt.field, value);                                      \
		config_free(config);                                                               \
	} while (0)
#define DIVERT_IS(line, field, value)                                                              \
	do {                                                                                       \
		struct config *config = with("", line, "");                                        \
                                                                                                   \
		assert_int_equal(config->diverts[0].field, value);                                 \
		config_free(config);                                                               \
	} while (0)
#define BACKEND_IS(line, field, value)                                                             \
	do {                                                                                       \
		struct config *config = with("", "", line);                                        \
                                                                                                   \
		assert_int_equal(config->backends[0].field, value);                                \
		config_free(config);                                                               \
	} while (0)

static void test_numbers(void **state)
{
	(void)state;
	SHUNT_IS("workers = 64", workers, 64);
	SHUNT_IS("workers = auto", workers, 0);
	SHUNT_IS("sniffers = 16", sniffers, 16);
	SHUNT_IS("max_connections = 0x10", max_connections, 16);
	SHUNT_IS("table = 4294967294", table, 4294967294u);
	SHUNT_IS("table = 252", table, 252);
	BACKEND_IS("retries = 0", retries, 0);
	BACKEND_IS("retries = 64", retries, 64);
}

static void test_times_and_sizes(void **state)
{
	(void)state;
	DIVERT_IS("wait = 50ms", wait_ms, 50);
	DIVERT_IS("wait = 10m", wait_ms, 600000);
	DIVERT_IS("sniff_bytes = 64", sniff_bytes, 64);
	DIVERT_IS("sniff_bytes = 64k", sniff_bytes, 65536);
	BACKEND_IS("idle = 0", idle_ms, 0);
	BACKEND_IS("idle = 720h", idle_ms, 2592000000u);
	BACKEND_IS("idle = 0", idle_udp_ms, 0);
	BACKEND_IS("idle = 1h", idle_udp_ms, 3600000);
	BACKEND_IS("connect_timeout = 100ms", connect_timeout_ms, 100);
}

static void test_words(void **state)
{
	(void)state;
	SHUNT_IS("log = error", log, LOG_LEVEL_ERROR);
	SHUNT_IS("log = debug", log, LOG_LEVEL_DEBUG);
	SHUNT_IS("log_flows = no", log_flows, false);
	SHUNT_IS("log_format = json", log_json, true);
	DIVERT_IS("fail = closed", is_fail_closed, true);
	DIVERT_IS("force = yes", force, true);
	DIVERT_IS("handoff = never", handoff, false);
	BACKEND_IS("source = router", is_source_router, true);
	BACKEND_IS("handoff = never", handoff, false);
}

static void test_texts(void **state)
{
	struct config *config =
		with("user = _shunt-1\ncontrol = /a b\ncontrol_group = www.data", "", "");

	(void)state;
	assert_string_equal(config->shunt.user, "_shunt-1");
	assert_string_equal(config->shunt.control, "/a b");
	assert_string_equal(config->shunt.control_group, "www.data");
	config_free(config);
}

static void test_mark(void **state)
{
	struct config *config = with("mark = 0x01000000/0x01f00000", "", "");

	(void)state;
	assert_int_equal(config->shunt.mark.base, 0x01000000);
	assert_int_equal(config->shunt.mark.mask, 0x01f00000);
	config_free(config);
}

static void test_version(void **state)
{
	(void)state;
	SHUNT_IS("config_version = 1", config_version, 0x10000);
	SHUNT_IS("config_version = 1.0", config_version, 0x10000);
	conf_says("[shunt]\nconfig_version = 1.7\n[divert d]\ntcp = 1\n",
		  "t.conf:2: warning: config_version: 1.7 is newer than 1.0: newer keys are not "
		  "known here\n");
}

/* One line in [shunt], and the fault for it. */
static void refused(const char *line, const char *fault)
{
	char text[300];
	char expected[500];

	(void)snprintf(text, sizeof text, "[divert d]\ntcp = 1\n[shunt]\n%s\n", line);
	(void)snprintf(expected, sizeof expected, "t.conf:4: %s\n", fault);
	conf_says(text, expected);
}

static void test_refused(void **state)
{
	char line[200] = "control = /";

	(void)state;
	refused("config_version = 2", "config_version: 2 is newer than 1.0, the newest this "
				      "program reads: install a newer shunt");
	refused("config_version = 1.x", "config_version: `1.x` is not a version such as 1 or 1.0");
	refused("config_version = 0", "config_version: `0` is not a version such as 1 or 1.0");
	refused("config_version = 123456789", "config_version: `123456789` is not a version such "
					      "as 1 or 1.0");
	refused("workers = 65", "workers: `65` is not within 1 and 64");
	refused("sniffers = 17", "sniffers: `17` is not within 1 and 16");
	refused("workers = few", "workers: `few` is not a number or auto");
	refused("table = 4294967295", "table: `4294967295` is not within 1 and 4294967294");
	refused("table = 255", "table: 255 is one of the system's own, 253 to 255: choose another");
	refused("log = Info", "log: `Info` is none of: error warn info debug (did you mean "
			      "`info`?)");
	refused("user = abcdefghijklmnopqrstuvwxyz0123456",
		"user: `abcdefghijklmnopqrstuvwxyz0123456` cannot be the name of an account");
	refused("user = a:b", "user: `a:b` cannot be the name of an account");
	refused("mark = 0x1/0x1f",
		"mark: `0x1/0x1f` is not BASE/MASK with five or more mask bits side by side and "
		"the lowest four of them clear in BASE, such as 0x50000000/0xff000000");
	memset(line + strlen(line), 'x', 106);
	SHUNT_IS(line, control[106], 'x');
	strcat(line, "x");
	refused(line, "control: path longer than 107 bytes: choose a shorter one");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_numbers), cmocka_unit_test(test_times_and_sizes),
		cmocka_unit_test(test_words),   cmocka_unit_test(test_texts),
		cmocka_unit_test(test_mark),    cmocka_unit_test(test_version),
		cmocka_unit_test(test_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
