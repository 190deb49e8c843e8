/* Lists that know no capacity. */
#include <stdlib.h>

#include "policy/list.h"
#include "unit.h"

static void test_growth(void **state)
{
	unsigned *at = NULL;

	(void)state;
	for (size_t count = 0; count < 1000; count++) {
		at = list_room(at, count, sizeof *at);
		assert_non_null(at);
		at[count] = (unsigned)count;
	}
	for (size_t i = 0; i < 1000; i++)
		assert_int_equal(at[i], i);
	free(at);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_growth),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
