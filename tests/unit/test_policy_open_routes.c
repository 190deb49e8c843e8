/* Which routes are open, and that a closed one does not match. */
#include <string.h>

#include "policy/open_routes.h"
#include "policy/route_index.h"
#include "policy_conf.h"
#include "wire/wire.h"

/* Monday, 1 June 2026, 10:00 UTC. */
#define MONDAY_TEN ((time_t)1780308000)

static void test_flags(void **state)
{
	struct config *config = conf_good("[divert d]\ntcp = 1\n"
					  "[route always]\nbackend = drop\n"
					  "[route now]\nwhen = mon 08:00-18:00\nbackend = drop\n"
					  "[route later]\nwhen = mon 11:00-12:00\nbackend = drop\n"
					  "[route forever]\nwhen = 00:00-24:00\nbackend = drop\n");
	uint64_t open = UINT64_MAX;

	(void)state;
	assert_true(open_routes_change(config));
	assert_int_equal(open_routes_words(config), 1);
	assert_int_equal(open_routes_at(&open, config, MONDAY_TEN), MONDAY_TEN + 3600);
	assert_int_equal(open & 15, 11);
	open = 0;
	assert_int_equal(open_routes_at(&open, config, MONDAY_TEN + 3600), MONDAY_TEN + 2 * 3600);
	assert_int_equal(open, 15);
	assert_int_equal(open_routes_at(&open, config, MONDAY_TEN + 8 * 3600),
			 MONDAY_TEN + (7 * 24 - 2) * 3600);
	assert_int_equal(open, 9);
	config_free(config);
}

static void test_never(void **state)
{
	struct config *config = conf_good("[divert d]\ntcp = 1\n[route r]\nbackend = drop\n");
	uint64_t open = 0;

	(void)state;
	assert_false(open_routes_change(config));
	assert_int_equal(open_routes_at(&open, config, MONDAY_TEN), -1);
	assert_int_equal(open, 1);
	config_free(config);
}

/* Beyond 64 routes there is a second word. */
static void test_many(void **state)
{
	char text[70 * 80] = "[divert d]\ntcp = 1\n";
	struct config *config;
	uint64_t open[2] = { 0, 0 };

	(void)state;
	for (int i = 0; i < 70; i++) {
		size_t used = strlen(text);

		(void)snprintf(
			text + used, sizeof text - used,
			"[route r%d]\nserver_name = r%d.example\nwhen = %s\nbackend = drop\n", i, i,
			i % 2 ? "mon 08:00-18:00" : "tue 08:00-18:00");
	}
	config = conf_good(text);
	assert_int_equal(open_routes_words(config), 2);
	assert_int_equal(open_routes_at(open, config, MONDAY_TEN), MONDAY_TEN + 8 * 3600);
	assert_int_equal(open[0], UINT64_C(0xaaaaaaaaaaaaaaaa));
	assert_int_equal(open[1], 0x2a);
	config_free(config);
}

/* The route that wins at that hour; "-" when none does. */
static const char *winner(const struct config *config, time_t now)
{
	uint64_t open = 0;
	struct route_query query = {
		.protocol = -1,
		.client = { .family = AF_INET, .bytes = { 192, 0, 2, 7 } },
		.to = { .family = AF_INET, .bytes = { 203, 0, 113, 1 } },
		.open = &open,
	};
	struct route_index *index;
	int route;

	(void)open_routes_at(&open, config, now);
	assert_int_equal(route_index_new(&index, config), 0);
	route = route_index_find(index, &query);
	route_index_free(index);
	return route < 0 ? "-" : config->routes[route].name;
}

/* `when` is one more key: with it a route beats one without, while it is open. */
static void test_route(void **state)
{
	struct config *config =
		conf_good("[divert d]\ntcp = 1\n[route any]\nbackend = drop\n"
			  "[route office]\nwhen = mon-fri 08:00-18:00\nbackend = reject\n");

	(void)state;
	assert_string_equal(winner(config, MONDAY_TEN), "office");
	assert_string_equal(winner(config, MONDAY_TEN + 10 * 3600), "any");
	config_free(config);
	config = conf_good("[divert d]\ntcp = 1\n"
			   "[route office]\nwhen = mon-fri 08:00-18:00\nbackend = reject\n");
	assert_string_equal(winner(config, MONDAY_TEN), "office");
	assert_string_equal(winner(config, MONDAY_TEN - 3 * 3600), "-");
	config_free(config);
}

/* With a `when` it is no route for everything: each flow must be asked about. */
static void test_conditional(void **state)
{
	struct config *config =
		conf_good("[divert d]\ntcp = 1\n"
			  "[route office]\nwhen = mon-fri 08:00-18:00\nbackend = reject\n");
	struct route_index *index;

	(void)state;
	assert_int_equal(route_index_new(&index, config), 0);
	assert_int_equal(route_index_unconditional(index, 0, WIRE_TCP), -1);
	route_index_free(index);
	config_free(config);
}

static int set_zone(void **state)
{
	(void)state;
	(void)setenv("TZ", "UTC0", 1); /* fails only without memory */
	tzset();
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_flags),       cmocka_unit_test(test_never),
		cmocka_unit_test(test_many),        cmocka_unit_test(test_route),
		cmocka_unit_test(test_conditional),
	};

	return cmocka_run_group_tests(tests, set_zone, NULL);
}
