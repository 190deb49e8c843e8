/* Fields of a message that is not all there: each byte of each kind of field, and every number. */
#include "unit.h"
#include "wire/fields.h"

static bool is_digit(uint8_t byte)
{
	return byte >= '0' && byte <= '9';
}

/* The verdict, and what is wanted with MORE. */
static enum wire_verdict end(const struct fields *f, size_t *wanted)
{
	struct wire_hints hints = { .wanted = 0 };
	enum wire_verdict verdict = fields_end(f, &hints);

	assert_int_equal(verdict == WIRE_MORE, hints.wanted > 0);
	*wanted = hints.wanted;
	return verdict;
}

static void test_text(void **state)
{
	size_t wanted;

	(void)state;
	for (size_t size = 0; size <= 5; size++) {
		struct fields f = fields_of(span_of("HELF!", size));

		fields_text(&f, span_text("HELF"));
		assert_int_equal(end(&f, &wanted), size < 4 ? WIRE_MORE : WIRE_YES);
		assert_int_equal(wanted, size < 4 ? size + 1 : 0);
		assert_int_equal(f.at, size < 4 ? 0 : 4);
	}
	for (size_t differs = 0; differs < 4; differs++) {
		char text[] = "HELF";
		struct fields f = fields_of(span_of(text, differs + 1));

		text[differs] = 'X';
		fields_text(&f, span_text("HELF"));
		assert_int_equal(end(&f, &wanted), WIRE_NO);
	}
}

/* Whether some allowed number begins, in its first `size` bytes, as this one does. */
static bool begins_one(unsigned number, size_t size, bool is_le, unsigned least, unsigned most)
{
	for (unsigned other = least; other <= most; other++) {
		unsigned differ = other ^ number;

		if (size == 0 || (size == 1 && (is_le ? differ & 0xff : differ >> 8) == 0) ||
		    (size == 2 && differ == 0))
			return true;
	}
	return false;
}

static void check_number(unsigned number, bool is_le, unsigned least, unsigned most)
{
	const uint8_t high = (uint8_t)(number >> 8), low = (uint8_t)number;
	const uint8_t bytes[2] = { is_le ? low : high, is_le ? high : low };
	size_t wanted;

	for (size_t size = 0; size <= 2; size++) {
		struct fields f = fields_of(span_of(bytes, size));
		uint32_t value = (is_le ? fields_le : fields_be)(&f, 2, least, most);
		enum wire_verdict verdict = end(&f, &wanted);

		if (!begins_one(number, size, is_le, least, most))
			assert_int_equal(verdict, WIRE_NO);
		else
			assert_int_equal(verdict, size < 2 ? WIRE_MORE : WIRE_YES);
		assert_int_equal(value, verdict == WIRE_YES ? number : 0);
		assert_int_equal(wanted, verdict == WIRE_MORE ? size + 1 : 0);
	}
}

static void test_numbers(void **state)
{
	static const unsigned ranges[][2] = { { 0, 0 },     { 7, 7 },       { 0, 255 },
					      { 255, 256 }, { 12, 300 },    { 256, 511 },
					      { 300, 310 }, { 0, 65535 },   { 65535, 65535 },
					      { 511, 769 }, { 1000, 1003 }, { 0x1234, 0x1334 } };

	(void)state;
	for (size_t i = 0; i < sizeof ranges / sizeof ranges[0]; i++) {
		for (unsigned number = 0; number <= 65535; number += 1 + number / 700) {
			check_number(number, false, ranges[i][0], ranges[i][1]);
			check_number(number, true, ranges[i][0], ranges[i][1]);
		}
	}
}

static void test_numbers_of_each_size(void **state)
{
	const uint8_t bytes[] = { 0xfe, 0xdc, 0xba, 0x98 };

	(void)state;
	for (size_t size = 1; size <= 4; size++) {
		struct fields be = fields_of(span_of(bytes, sizeof bytes));
		struct fields le = be;

		assert_int_equal(fields_be(&be, size, 0, UINT32_MAX), 0xfedcba98 >> 8 * (4 - size));
		assert_int_equal(fields_le(&le, size, 0, UINT32_MAX),
				 0x98badcfe & (UINT32_MAX >> 8 * (4 - size)));
		assert_int_equal(be.at, size);
		assert_int_equal(le.at, size);
	}
}

static void test_bytes(void **state)
{
	struct fields f = fields_of(span_text("123x"));
	size_t wanted;

	(void)state;
	assert_memory_equal(fields_bytes(&f, 2, is_digit).data, "12", 2);
	assert_int_equal(fields_bytes(&f, 2, is_digit).size, 0);
	assert_int_equal(end(&f, &wanted), WIRE_NO);
	f = fields_of(span_text("123"));
	assert_int_equal(fields_bytes(&f, 9, is_digit).size, 0);
	assert_int_equal(end(&f, &wanted), WIRE_MORE);
	assert_int_equal(wanted, 4);
	f = fields_of(span_of(NULL, 0));
	assert_int_equal(fields_bytes(&f, 0, is_digit).size, 0);
	assert_int_equal(end(&f, &wanted), WIRE_YES);
}

/* Up to three digits and a dot: the verdict, and how many digits. */
static void check_until(const char *text, enum wire_verdict expected, size_t size)
{
	struct fields f = fields_of(span_text(text));
	struct span digits = fields_until(&f, '.', 3, is_digit);
	size_t wanted;

	assert_int_equal(end(&f, &wanted), expected);
	assert_int_equal(wanted, expected == WIRE_MORE ? strlen(text) + 1 : 0);
	assert_int_equal(digits.size, size);
	assert_int_equal(f.at, expected == WIRE_YES ? size + 1 : 0);
	assert_true(size == 0 || digits.data == f.in.data);
}

static void test_until(void **state)
{
	(void)state;
	check_until(".", WIRE_YES, 0);
	check_until("1.", WIRE_YES, 1);
	check_until("123.", WIRE_YES, 3);
	check_until("12.x.", WIRE_YES, 2);
	check_until("", WIRE_MORE, 0);
	check_until("1", WIRE_MORE, 0);
	check_until("123", WIRE_MORE, 0);
	check_until("1234", WIRE_NO, 0);
	check_until("1234.", WIRE_NO, 0);
	check_until("x.", WIRE_NO, 0);
	check_until("1x", WIRE_NO, 0);
}

/* Bytes of any value are waited for all at once. */
static void test_take(void **state)
{
	struct fields f = fields_of(span_text("abcde"));
	size_t wanted;

	(void)state;
	assert_memory_equal(fields_take(&f, 3).data, "abc", 3);
	assert_int_equal(fields_take(&f, 2).size, 2);
	assert_int_equal(end(&f, &wanted), WIRE_YES);
	assert_int_equal(fields_take(&f, 0).size, 0);
	assert_int_equal(end(&f, &wanted), WIRE_YES);
	assert_int_equal(fields_take(&f, 7).size, 0);
	assert_int_equal(end(&f, &wanted), WIRE_MORE);
	assert_int_equal(wanted, 12);
}

/* Behind a NO, and behind a MORE, nothing is read, and nothing changes the verdict. */
static void test_it_is_sticky(void **state)
{
	static const char *const texts[] = { "x2222222222222222", "1" };

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		struct fields f = fields_of(span_text(texts[i]));
		enum wire_verdict verdict;
		size_t wanted;

		(void)fields_bytes(&f, 2, is_digit);
		verdict = end(&f, &wanted);
		assert_int_equal(verdict, i ? WIRE_MORE : WIRE_NO);
		fields_text(&f, span_text("2"));
		assert_int_equal(fields_be(&f, 1, 9, 9), 0);
		assert_int_equal(fields_le(&f, 4, 9, 9), 0);
		assert_int_equal(fields_take(&f, 3).size, 0);
		assert_int_equal(fields_bytes(&f, 3, is_digit).size, 0);
		assert_int_equal(fields_until(&f, '2', 3, is_digit).size, 0);
		fields_require(&f, false);
		assert_int_equal(end(&f, &wanted), verdict);
		assert_int_equal(wanted, i ? 2 : 0);
		assert_int_equal(f.at, 0);
	}
}

static void test_require(void **state)
{
	struct fields f = fields_of(span_text("1"));
	size_t wanted;

	(void)state;
	fields_require(&f, true);
	assert_int_equal(end(&f, &wanted), WIRE_YES);
	fields_require(&f, false);
	assert_int_equal(end(&f, &wanted), WIRE_NO);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_text),
		cmocka_unit_test(test_numbers),
		cmocka_unit_test(test_numbers_of_each_size),
		cmocka_unit_test(test_bytes),
		cmocka_unit_test(test_until),
		cmocka_unit_test(test_take),
		cmocka_unit_test(test_it_is_sticky),
		cmocka_unit_test(test_require),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
