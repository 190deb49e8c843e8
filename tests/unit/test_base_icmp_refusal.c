/* Port unreachable: byte for byte, and how much is quoted. */
#include "base/checksum.h"
#include "base/icmp_refusal.h"
#include "unit.h"

static struct addr endpoint(const char *text)
{
	struct addr a;

	assert_int_equal(addr_parse(&a, text, true), 0);
	return a;
}

static void test_v4(void **state)
{
	/* RFC 792: type 3, code 3, checksum, unused; then the packet that could not be delivered */
	static const uint8_t told[] = { 3,    3,    0, 0,  0,   0,  0,   0,   0x45, 0,
					0,    31,   0, 0,  0,   0,  64,  17,  0,    0,
					192,  0,    2, 7,  198, 51, 100, 1,   0xc8, 0x7a,
					0x23, 0xf0, 0, 11, 0,   0,  'a', 'b', 'c' };
	struct addr from = endpoint("192.0.2.7:51322");
	struct addr to = endpoint("198.51.100.1:9200");
	uint8_t out[ICMP_REFUSAL_MOST_BYTES];
	size_t size = icmp_refusal_make(&from, &to, span_text("abc"), out);

	(void)state;
	assert_int_equal(size, sizeof told);
	assert_int_equal(checksum_end(checksum_add(0, out, size)), 0);
	assert_int_equal(checksum_end(checksum_add(0, out + 8, 20)), 0);
	memset(out + 2, 0, 2); /* the checksums, which are right */
	memset(out + 18, 0, 2);
	assert_memory_equal(out, told, sizeof told);
}

static void test_v6(void **state)
{
	struct addr from = endpoint("[2001:db8::7]:51322");
	struct addr to = endpoint("[2001:db8::1]:9200");
	uint8_t out[ICMP_REFUSAL_MOST_BYTES];
	size_t size = icmp_refusal_make(&from, &to, span_text("abc"), out);

	(void)state;
	assert_int_equal(size, 8 + 40 + 8 + 3);
	assert_memory_equal(out, "\x01\x04\0\0\0\0\0\0\x60\0\0\0\0\x0b\x11\x40", 16);
	assert_memory_equal(out + 16, from.bytes, 16);
	assert_memory_equal(out + 32, to.bytes, 16);
	assert_memory_equal(out + 48, "\xc8\x7a\x23\xf0\0\x0b\0\0abc", 11);
}

/* Its head only; what is said of its size is true all the same. */
static void test_a_large_datagram(void **state)
{
	static const uint8_t data[65507];
	struct addr from = endpoint("192.0.2.7:1");
	struct addr to = endpoint("198.51.100.1:2");
	uint8_t out[ICMP_REFUSAL_MOST_BYTES];
	size_t size = icmp_refusal_make(&from, &to, span_of(data, sizeof data), out);

	(void)state;
	assert_int_equal(size, 8 + 20 + 8 + ICMP_REFUSAL_QUOTED);
	assert_memory_equal(out + 10, "\xff\xff", 2);
	assert_memory_equal(out + 32, "\xff\xeb", 2);
}

static void test_an_empty_datagram(void **state)
{
	struct addr from = endpoint("192.0.2.7:1");
	struct addr to = endpoint("198.51.100.1:2");
	uint8_t out[ICMP_REFUSAL_MOST_BYTES];

	(void)state;
	assert_int_equal(icmp_refusal_make(&from, &to, span_of(NULL, 0), out), 8 + 20 + 8);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_v4),
		cmocka_unit_test(test_v6),
		cmocka_unit_test(test_a_large_datagram),
		cmocka_unit_test(test_an_empty_datagram),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
