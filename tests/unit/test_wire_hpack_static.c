/* The static table of HPACK: places that RFC 7541 appendix A gives. */
#include "unit.h"
#include "wire/hpack.h"

static void check(size_t index, const char *name, const char *value)
{
	struct hpack_field field = hpack_static(index);

	assert_true(hpack_string_is(&field.name, name));
	assert_true(hpack_string_is(&field.value, value));
	assert_int_equal(field.name.size, strlen(name));
	assert_int_equal(field.value.size, strlen(value));
}

static void test_places(void **state)
{
	(void)state;
	check(1, ":authority", "");
	check(2, ":method", "GET");
	check(3, ":method", "POST");
	check(4, ":path", "/");
	check(7, ":scheme", "https");
	check(8, ":status", "200");
	check(14, ":status", "500");
	check(15, "accept-charset", "");
	check(16, "accept-encoding", "gzip, deflate");
	check(24, "cache-control", "");
	check(32, "cookie", "");
	check(38, "host", "");
	check(46, "location", "");
	check(58, "user-agent", "");
	check(61, "www-authenticate", "");
}

/* From the 15th on each name is there once. */
static void test_names_differ(void **state)
{
	(void)state;
	for (size_t i = 15; i <= HPACK_STATIC_ENTRIES; i++) {
		for (size_t k = i + 1; k <= HPACK_STATIC_ENTRIES; k++)
			assert_false(
				span_equal(hpack_static(i).name.raw, hpack_static(k).name.raw));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_places),
		cmocka_unit_test(test_names_differ),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
