/* Handshake bytes out of records: the same however they are cut. */
#include "unit.h"
#include "wire/tls_record.h"
#include "wire_hello.h"

static struct hello_bytes stream;

/* "abcdefgh" in records of that size. */
static struct tls_record open_letters(size_t record)
{
	struct tls_record r;

	stream.size = 0;
	hello_put_records(&stream, span_text("abcdefgh"), record);
	tls_record_open(&r, span_of(stream.data, stream.size));
	return r;
}

static void test_take_over_any_cut(void **state)
{
	(void)state;
	for (size_t record = 1; record <= 8; record++) {
		struct tls_record r = open_letters(record);
		char text[8];

		tls_record_take(&r, text, 3);
		tls_record_take(&r, text + 3, 0);
		tls_record_take(&r, text + 3, 5);
		assert_memory_equal(text, "abcdefgh", 8);
		assert_int_equal(r.verdict, WIRE_YES);
		assert_int_equal(r.taken, 8);
		assert_int_equal(r.at, stream.size);
		assert_int_equal(r.left, 0);
	}
}

static void test_skip_and_number(void **state)
{
	(void)state;
	for (size_t record = 1; record <= 8; record++) {
		struct tls_record r = open_letters(record);

		assert_int_equal(tls_record_number(&r, 1), 0x61);
		tls_record_skip(&r, 1);
		assert_int_equal(tls_record_number(&r, 4), 0x63646566);
		assert_int_equal(tls_record_number(&r, 2), 0x6768);
		assert_int_equal(r.verdict, WIRE_YES);
	}
}

/* What is not there is zero, and nothing works after it. */
static void test_short_is_sticky(void **state)
{
	struct tls_record r = open_letters(5);
	char text[12];

	(void)state;
	memset(text, 'x', sizeof text);
	tls_record_take(&r, text, sizeof text);
	assert_memory_equal(text, "abcdefgh\0\0\0\0", 12);
	assert_int_equal(r.verdict, WIRE_MORE);
	assert_int_equal(r.taken, 8);
	assert_int_equal(tls_record_number(&r, 1), 0);
	tls_record_require(&r, false);
	assert_int_equal(r.verdict, WIRE_MORE);
}

static void test_refused_is_sticky(void **state)
{
	struct tls_record r = open_letters(4);
	char text[8];

	(void)state;
	stream.data[9] = 0x17;
	tls_record_take(&r, text, sizeof text);
	assert_memory_equal(text, "abcd\0\0\0\0", 8);
	assert_int_equal(r.verdict, WIRE_NO);
	tls_record_require(&r, true);
	tls_record_skip(&r, 1);
	assert_int_equal(r.verdict, WIRE_NO);
	assert_int_equal(r.taken, 4);
}

static void test_require(void **state)
{
	struct tls_record r = open_letters(4);

	(void)state;
	tls_record_require(&r, true);
	assert_int_equal(r.verdict, WIRE_YES);
	tls_record_require(&r, false);
	assert_int_equal(r.verdict, WIRE_NO);
	assert_int_equal(tls_record_number(&r, 1), 0);
	assert_int_equal(r.taken, 0);
}

/* A length field of one byte, 4, in a block of `rest` bytes. */
static enum wire_verdict read_four(size_t rest, size_t least, size_t most)
{
	size_t before = rest;
	size_t length;
	struct tls_record r;

	stream.size = 0;
	hello_put_record(&stream, span_of("\4abcdefgh", 9), 1);
	tls_record_open(&r, span_of(stream.data, stream.size));
	length = tls_record_length(&r, 1, &rest, least, most);
	assert_int_equal(length, r.verdict == WIRE_YES ? 4 : 0);
	assert_int_equal(rest, r.verdict == WIRE_YES ? before - 5 : before);
	return r.verdict;
}

static void test_length(void **state)
{
	(void)state;
	assert_int_equal(read_four(9, 0, 8), WIRE_YES);
	assert_int_equal(read_four(5, 4, 4), WIRE_YES);
	assert_int_equal(read_four(9, 5, 8), WIRE_NO);
	assert_int_equal(read_four(9, 0, 3), WIRE_NO);
	assert_int_equal(read_four(4, 0, 8), WIRE_NO);
	assert_int_equal(read_four(0, 0, 8), WIRE_NO);
}

static void test_length_not_there_yet(void **state)
{
	struct tls_record r;
	size_t rest = 9;

	(void)state;
	stream.size = 0;
	hello_put_record(&stream, span_of("\0\4", 2), 1);
	tls_record_open(&r, span_of(stream.data, stream.size - 1));
	assert_int_equal(tls_record_length(&r, 2, &rest, 0, 8), 0);
	assert_int_equal(r.verdict, WIRE_MORE);
	assert_int_equal(rest, 9);
}

/* Never more than is certain: the fewest further records, each as full as can be. */
static void test_end(void **state)
{
	struct tls_record r = open_letters(4);

	(void)state;
	assert_int_equal(tls_record_end(&r, 0), 0);
	assert_int_equal(tls_record_end(&r, 1), 6);
	assert_int_equal(tls_record_end(&r, 16640), 16645);
	assert_int_equal(tls_record_end(&r, 16641), 16651);
	tls_record_skip(&r, 1);
	assert_int_equal(tls_record_end(&r, 0), 6);
	assert_int_equal(tls_record_end(&r, 3), 9);
	assert_int_equal(tls_record_end(&r, 4), 15);
	tls_record_skip(&r, 3);
	assert_int_equal(tls_record_end(&r, 1), 15);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_take_over_any_cut),
		cmocka_unit_test(test_skip_and_number),
		cmocka_unit_test(test_short_is_sticky),
		cmocka_unit_test(test_refused_is_sticky),
		cmocka_unit_test(test_require),
		cmocka_unit_test(test_length),
		cmocka_unit_test(test_length_not_there_yet),
		cmocka_unit_test(test_end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
