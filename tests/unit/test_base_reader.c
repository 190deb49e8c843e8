/* The reader: big-endian, bounded, sticky. */
#include "base/reader.h"
#include "unit.h"

static const uint8_t bytes[] = { 0x01, 0x02, 0x83, 0x04, 0xff, 0xfe, 0xfd, 0xfc, 0x09, 0x0a };

static void test_numbers(void **state)
{
	struct reader r = reader_of(span_of(bytes, sizeof bytes));

	(void)state;
	assert_int_equal(reader_u8(&r), 0x01);
	assert_int_equal(reader_be16(&r), 0x0283);
	assert_int_equal(reader_be24(&r), 0x04fffe);
	assert_int_equal(reader_be32(&r), 0xfdfc090a);
	assert_int_equal(reader_left(&r), 0);
	assert_false(r.short_read);
}

static void test_take_borrows(void **state)
{
	struct reader r = reader_of(span_of(bytes, sizeof bytes));
	struct span first = reader_take(&r, 4);
	struct span rest = reader_take(&r, 6);

	(void)state;
	assert_ptr_equal(first.data, bytes);
	assert_int_equal(first.size, 4);
	assert_ptr_equal(rest.data, bytes + 4);
	assert_int_equal(rest.size, 6);
	assert_int_equal(reader_take(&r, 0).size, 0);
	assert_false(r.short_read);
}

/* A read that would pass the end moves nothing, and neither does any later one. */
static void test_sticky(void **state)
{
	struct reader r = reader_of(span_of(bytes, 3));

	(void)state;
	assert_int_equal(reader_be16(&r), 0x0102);
	assert_int_equal(reader_be16(&r), 0);
	assert_true(r.short_read);
	assert_int_equal(r.at, 2);
	assert_int_equal(reader_left(&r), 0);
	assert_int_equal(reader_u8(&r), 0);
	assert_null(reader_take(&r, 1).data);
	assert_int_equal(reader_take(&r, 0).size, 0);
	assert_true(r.short_read);
}

static void test_huge_sizes(void **state)
{
	struct reader r = reader_of(span_of(bytes, 4));

	(void)state;
	assert_int_equal(reader_u8(&r), 1);
	assert_int_equal(reader_take(&r, SIZE_MAX).size, 0);
	assert_true(r.short_read);
}

static void test_empty(void **state)
{
	struct reader r = reader_of(span_of(NULL, 0));

	(void)state;
	assert_int_equal(reader_take(&r, 0).size, 0);
	assert_false(r.short_read);
	assert_int_equal(reader_be32(&r), 0);
	assert_true(r.short_read);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_numbers), cmocka_unit_test(test_take_borrows),
		cmocka_unit_test(test_sticky),  cmocka_unit_test(test_huge_sizes),
		cmocka_unit_test(test_empty),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
