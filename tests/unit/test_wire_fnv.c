/* FNV-1a of 128 bits: published values, and pieces of what is summed up. */
#include "unit.h"
#include "wire/fnv.h"

static void assert_fnv(const struct fnv *f, uint32_t a, uint32_t b, uint32_t c, uint32_t d)
{
	const uint32_t expected[] = { d, c, b, a };

	for (size_t i = 0; i < 4; i++)
		assert_int_equal(f->part[i], expected[i]);
}

static void test_values(void **state)
{
	struct fnv f = fnv_begin();

	(void)state;
	fnv_add(&f, span_of(NULL, 0));
	assert_fnv(&f, 0x6c62272e, 0x07bb0142, 0x62b82175, 0x6295c58d);
	fnv_add(&f, span_text("a"));
	assert_fnv(&f, 0xd228cb69, 0x6f1a8caf, 0x78912b70, 0x4e4a8964);
	f = fnv_begin();
	fnv_add(&f, span_text("foobar"));
	assert_fnv(&f, 0x343e1662, 0x793c64bf, 0x6f0d3597, 0xba446f18);
}

static void test_pieces(void **state)
{
	struct fnv f = fnv_begin();

	(void)state;
	fnv_add(&f, span_text("foo"));
	fnv_add(&f, span_text(""));
	fnv_add(&f, span_text("bar"));
	assert_fnv(&f, 0x343e1662, 0x793c64bf, 0x6f0d3597, 0xba446f18);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_values),
		cmocka_unit_test(test_pieces),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
