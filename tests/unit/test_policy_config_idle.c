/* `idle`: one key, a default for each transport. */
#include <stdlib.h>
#include <string.h>

#include "policy/config_dump.h"
#include "policy_conf.h"

#define BACKEND "[backend b]\nserver = 192.0.2.1:1\n"

static void expect_idle(const char *line, uint32_t tcp_ms, uint32_t udp_ms)
{
	char text[200];
	struct config *config;

	(void)snprintf(text, sizeof text, "[divert d]\nudp = 1\nunknown = b\n" BACKEND "%s\n",
		       line);
	config = conf_good(text);
	assert_int_equal(config->backends[0].idle_ms, tcp_ms);
	assert_int_equal(config->backends[0].idle_udp_ms, udp_ms);
	config_free(config);
}

static void test_read(void **state)
{
	(void)state;
	expect_idle("", 3600 * 1000, 60 * 1000);
	expect_idle("idle = 1h", 3600 * 1000, 3600 * 1000); /* said, even if it is a default */
	expect_idle("idle = 60s", 60 * 1000, 60 * 1000);
	expect_idle("idle = 250ms", 250, 250);
	expect_idle("idle = 0", 0, 0);
}

/* What the file leaves to the defaults is shown where it is one value: else it is left out, and
 * comes back so. */
static void test_shown(void **state)
{
	static const struct {
		const char *divert;
		const char *line;
		const char *shown; /* NULL: not at all */
	} cases[] = {
		{ "tcp = 1", "", "\nidle = 1h\n" },
		{ "tcp = 1", "idle = 60s", "\nidle = 1m\n" },
		{ "udp = 1", "", NULL },
		{ "tcp = 1\nudp = 1", "", NULL },
		{ "tcp = 1\nudp = 1", "idle = 1h", "\nidle = 1h\n" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		char text[200];
		struct config *config;
		char *shown;
		size_t size;

		(void)snprintf(text, sizeof text, "[divert d]\n%s\nunknown = b\n" BACKEND "%s\n",
			       cases[i].divert, cases[i].line);
		config = conf_good(text);
		assert_int_equal(config_dump(&shown, &size, config), 0);
		if (cases[i].shown)
			assert_non_null(strstr(shown, cases[i].shown));
		else
			assert_null(strstr(shown, "idle"));
		free(shown);
		config_free(config);
	}
}

static void test_bad(void **state)
{
	(void)state;
	conf_says("[divert d]\ntcp = 1\nunknown = b\n" BACKEND "idle = soon\n",
		  "t.conf:6: idle: `soon` is not a time such as 500ms, 3s, 5m or 1h\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_read),
		cmocka_unit_test(test_shown),
		cmocka_unit_test(test_bad),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
