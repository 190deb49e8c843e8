/* Our mark bits: what may be configured, and the roles inside. */
#include <errno.h>

#include "base/mark.h"
#include "unit.h"

static void test_default(void **state)
{
	struct marks m;

	(void)state;
	assert_int_equal(marks_parse(&m, "0x50000000/0xff000000"), 0);
	assert_int_equal(m.base, 0x50000000);
	assert_int_equal(m.mask, 0xff000000);
	assert_int_equal(marks_role_mask(&m), 0x0f000000);
	assert_int_equal(marks_base_mask(&m), 0xf0000000);
	assert_int_equal(marks_of(&m, MARK_SNIFF), 0x51000000);
	assert_int_equal(marks_of(&m, MARK_BACKEND), 0x52000000);
	assert_int_equal(marks_of(&m, MARK_RELAY), 0x53000000);
	assert_int_equal(marks_of(&m, MARK_DIVERT), 0x5f000000);
}

static void test_elsewhere(void **state)
{
	struct marks m;

	(void)state;
	assert_int_equal(marks_parse(&m, "0x10/0x1f"), 0);
	assert_int_equal(marks_role_mask(&m), 0x0f);
	assert_int_equal(marks_of(&m, MARK_HANDED), 0x18);
	assert_int_equal(marks_parse(&m, "0x80000000/0xffffffff"), 0);
	assert_int_equal(marks_base_mask(&m), 0xfffffff0);
	assert_int_equal(marks_of(&m, MARK_DIVERT), 0x8000000f);
	assert_int_equal(marks_parse(&m, "1024/0x7c0"), 0);
	assert_int_equal(marks_of(&m, MARK_SNIFF), 0x440);
}

static void test_refused(void **state)
{
	static const char *const texts[] = {
		"",
		"/",
		"0x50000000",
		"0x50000000/",
		"/0xff000000",
		"0x50000000/0xff000000/",
		"0x50000000/0xff0000000",
		"0x150000000/0xff000000",
		"0x51000000/0xff000000", /* a role bit in the base */
		"0x50000001/0xff000000", /* a base bit outside */
		"0/0xff000000",          /* no base: unmarked packets would be ours */
		"0x10/0xf",              /* no room for roles and a base */
		"0x50000000/0xf0000000", /* too few bits */
		"0x50000000/0xf0f00000", /* not side by side */
		"0x50000000/0",
		"0x50000000 /0xff000000",
		"0x5000000000000000/0xff000000",
	};
	struct marks m = { 7, 7 };

	(void)state;
	for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
		assert_true(marks_parse(&m, texts[i]) < 0);
	assert_int_equal(m.base, 7);
	assert_int_equal(m.mask, 7);
}

/* Of all roles only the two of servers' sockets are the same under that mask, wherever the bits are. */
static void test_server_mask(void **state)
{
	static const char *const texts[] = { "0x50000000/0xff000000", "0x10/0x1f",
					     "0x80000000/0xffffffff", "1024/0x7c0" };
	struct marks m;

	(void)state;
	for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
		uint32_t mask;

		assert_int_equal(marks_parse(&m, texts[i]), 0);
		mask = marks_server_mask(&m);
		assert_int_equal(mask & ~m.mask, 0);
		for (unsigned role = 0; role < 16; role++) {
			bool is_server = role == MARK_BACKEND || role == MARK_BACKEND_BARE;
			uint32_t mark = marks_of(&m, (enum mark_role)role);

			assert_int_equal((mark & mask) == marks_of(&m, MARK_BACKEND), is_server);
			/* nor is another's mark taken for ours */
			assert_int_not_equal((mark & ~m.base) & mask, marks_of(&m, MARK_BACKEND));
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_default),
		cmocka_unit_test(test_elsewhere),
		cmocka_unit_test(test_refused),
		cmocka_unit_test(test_server_mask),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
