/* Sections as the key table sees them. */
#include "policy/config_object.h"
#include "policy_conf.h"

static void test_objects(void **state)
{
	struct config *config = conf_good("[divert d]\ntcp = 1\n[divert e]\ntcp = 2\n"
					  "[route r]\nbackend = b\n"
					  "[backend b]\nserver = 192.0.2.1:1\n");

	(void)state;
	assert_int_equal(config_object_count(config, SECTION_SHUNT), 1);
	assert_int_equal(config_object_count(config, SECTION_DIVERT), 2);
	assert_int_equal(config_object_count(config, SECTION_ROUTE), 1);
	assert_int_equal(config_object_count(config, SECTION_BACKEND), 1);
	assert_ptr_equal(config_object(config, SECTION_SHUNT, 0), &config->shunt);
	assert_ptr_equal(config_object(config, SECTION_DIVERT, 1), &config->diverts[1]);
	assert_ptr_equal(config_object_shown(config, SECTION_ROUTE, 0), &config->routes[0]);
	assert_ptr_equal(config_object_shown(config, SECTION_BACKEND, 0), &config->backends[0]);
	assert_null(config_object_name(config, SECTION_SHUNT, 0));
	assert_string_equal(config_object_name(config, SECTION_DIVERT, 1), "e");
	assert_int_equal(config_object_find(config, SECTION_DIVERT, "e"), 1);
	assert_int_equal(config_object_find(config, SECTION_ROUTE, "e"), -1);
	assert_int_equal(config_object_find(config, SECTION_BACKEND, "b"), 0);
	assert_int_equal(config_object_find(config, SECTION_SHUNT, "shunt"), -1);
	config_free(config);
}

static void test_new(void **state)
{
	const size_t counts[SECTION_KINDS] = { 0, 1, 0, 2 };
	struct config *config = config_object_new(counts);

	(void)state;
	assert_non_null(config);
	assert_int_equal(config->divert_count, 1);
	assert_int_equal(config->route_count, 0);
	assert_int_equal(config->backend_count, 2);
	config_free(config);
	config_free(NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_objects),
		cmocka_unit_test(test_new),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
