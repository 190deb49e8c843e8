/* The Internet checksum: known packets, odd sizes, parts, and sums that carry. */
#include <arpa/inet.h>
#include <string.h>

#include "base/checksum.h"
#include "unit.h"

/* As RFC 1071 1 defines it: 16 bits at a time, the carry brought around at once. */
static uint16_t plainly(const uint8_t *bytes, size_t size)
{
	uint32_t sum = 0;

	for (size_t i = 0; i < size; i++) {
		sum += i % 2 ? bytes[i] : (uint32_t)bytes[i] << 8;
		sum = (sum & 0xffff) + (sum >> 16);
	}
	return (uint16_t)~sum;
}

static uint16_t checksum(const void *data, size_t size)
{
	return ntohs(checksum_end(checksum_add(0, data, size)));
}

/* RFC 1071 3: the words add up to ddf2. */
static void test_the_example_of_the_rfc(void **state)
{
	static const uint8_t words[] = { 0x00, 0x01, 0xf2, 0x03, 0xf4, 0xf5, 0xf6, 0xf7 };

	(void)state;
	assert_int_equal(checksum(words, sizeof words), 0xffff & ~0xddf2);
}

static void test_an_ip_header(void **state)
{
	static const uint8_t head[] = { 0x45, 0, 0,    0x73, 0, 0, 0x40, 0,    0x40, 0x11,
					0,    0, 0xc0, 0xa8, 0, 1, 0xc0, 0xa8, 0,    0xc7 };
	uint8_t whole[sizeof head];
	uint16_t sum = checksum_end(checksum_add(0, head, sizeof head));

	(void)state;
	assert_int_equal(sum, htons(0xb861));
	memcpy(whole, head, sizeof head);
	memcpy(whole + 10, &sum, sizeof sum);
	assert_int_equal(checksum(whole, sizeof whole), 0); /* how a receiver checks it */
}

/* A segment of TCP with one byte of data, behind its pseudo header (RFC 9293 3.1). */
static void test_a_segment_of_odd_size(void **state)
{
	static const uint8_t ends[] = { 198, 51, 100, 7, 192, 168, 1, 10 };
	static const uint8_t head[] = {
		0x9c, 0x40, 0x01, 0xbb, 0x11, 0x22, 0x33, 0x44, 0x55, 0x66,
		0x77, 0x88, 0x50, 0x18, 0x01, 0xf6, 0x00, 0x00, 0x00, 0x00
	};
	static const uint8_t data[] = { 0xa7 };
	uint32_t sum = 6 + sizeof head + sizeof data;

	(void)state;
	sum = checksum_add(sum, ends, sizeof ends);
	sum = checksum_add(sum, head, sizeof head);
	assert_int_equal(checksum_end(checksum_add(sum, data, sizeof data)), htons(0x6b97));
}

static void test_all_sizes(void **state)
{
	uint8_t bytes[130];

	(void)state;
	for (size_t i = 0; i < sizeof bytes; i++)
		bytes[i] = (uint8_t)(i * 77 + 13);
	for (size_t size = 0; size <= sizeof bytes; size++) {
		uint8_t exact[sizeof bytes];

		memcpy(exact, bytes, size);
		assert_int_equal(checksum(exact, size), plainly(bytes, size));
	}
	assert_int_equal(checksum(NULL, 0), 0xffff);
}

/* Wherever it is cut, at an even place: the parts make the whole. */
static void test_parts(void **state)
{
	uint8_t bytes[65];
	uint32_t sum;

	(void)state;
	memset(bytes, 0xfe, sizeof bytes);
	for (size_t cut = 0; cut < sizeof bytes; cut += 2) {
		sum = checksum_add(checksum_add(0, bytes, cut), bytes + cut, sizeof bytes - cut);
		assert_int_equal(ntohs(checksum_end(sum)), plainly(bytes, sizeof bytes));
	}
}

/* A sum that has no room left to carry into. */
static void test_carries(void **state)
{
	static uint8_t ones[65535];
	uint32_t sum = UINT32_MAX;

	(void)state;
	memset(ones, 0xff, sizeof ones);
	assert_int_equal(checksum(ones, sizeof ones - 1), 0);
	assert_int_equal(checksum(ones, sizeof ones), plainly(ones, sizeof ones));
	for (int i = 0; i < 4; i++)
		sum = checksum_add(sum, ones, sizeof ones - 1);
	assert_int_equal(checksum_end(sum), 0);
	/* 1 more than all ones is 1 */
	sum = checksum_add(UINT32_MAX, "\0\1", 2);
	assert_int_equal(ntohs(checksum_end(sum)), 0xfffe);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_the_example_of_the_rfc),
		cmocka_unit_test(test_an_ip_header),
		cmocka_unit_test(test_a_segment_of_odd_size),
		cmocka_unit_test(test_all_sizes),
		cmocka_unit_test(test_parts),
		cmocka_unit_test(test_carries),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
