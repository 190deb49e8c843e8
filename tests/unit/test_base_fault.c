/* Faults: the error passes through, the text is always terminated. */
#include <errno.h>
#include <string.h>

#include "base/fault.h"
#include "unit.h"

static void test_set(void **state)
{
	struct fault f = { 0 };

	(void)state;
	assert_int_equal(fault_set(&f, -EPERM, "table %s: %d", "inet shunt", 3), -EPERM);
	assert_int_equal(f.err, -EPERM);
	assert_string_equal(f.text, "table inet shunt: 3");
}

static void test_nobody_asks(void **state)
{
	(void)state;
	assert_int_equal(fault_set(NULL, -ENOMEM, "%s", "lost"), -ENOMEM);
}

static void test_cut(void **state)
{
	struct fault f;

	(void)state;
	memset(&f, 'x', sizeof f);
	assert_int_equal(fault_set(&f, -EINVAL, "%0*d", 3 * FAULT_TEXT_BYTES, 0), -EINVAL);
	assert_int_equal(strlen(f.text), FAULT_TEXT_BYTES - 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_set),
		cmocka_unit_test(test_nobody_asks),
		cmocka_unit_test(test_cut),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
