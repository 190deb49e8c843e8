/* ICMP errors about TCP segments: read strictly, and written for another sender. */
#include "base/checksum.h"
#include "base/icmp_error.h"
#include "unit.h"

/* 203.0.113.9 says that the segment 198.51.100.1:443 > 198.51.100.7:40000 needs 1300 bytes at most. */
static const uint8_t v4[] = {
	0x45, 0xc0, 0x02, 0x40, 0x12, 0x34, 0,    0,    61,   1,    0x11, 0x22, 203,  0,
	113,  9,    198,  51,   100,  1,    3,    4,    0xaa, 0xbb, 0,    0,    0x05, 0x14,
	0x45, 0xb8, 5,    0xdc, 0x43, 0x21, 0x40, 0,    60,   6,    0x33, 0x44, 198,  51,
	100,  1,    198,  51,   100,  7,    0x01, 0xbb, 0x9c, 0x40, 0x11, 0x22, 0x33, 0x44,
};

/* The same by 2001:db8::9 of 2001:db8:1::1 > 2001:db8:1::7. */
static const uint8_t v6[] = {
	0x60, 0,    0,    0,    4, 0xd8, 58, 61, 0x20, 1,    0x0d, 0xb8, 0,    0,    0,    0,
	0,    0,    0,    0,    0, 0,    0,  9,  0x20, 1,    0x0d, 0xb8, 0,    1,    0,    0,
	0,    0,    0,    0,    0, 0,    0,  1,  2,    0,    0xaa, 0xbb, 0,    0,    0x05, 0x14,
	0x6b, 0x81, 0x23, 0x45, 5, 0xb4, 6,  60, 0x20, 1,    0x0d, 0xb8, 0,    1,    0,    0,
	0,    0,    0,    0,    0, 0,    0,  1,  0x20, 1,    0x0d, 0xb8, 0,    1,    0,    0,
	0,    0,    0,    0,    0, 0,    0,  7,  0x01, 0xbb, 0x9c, 0x40, 0x11, 0x22, 0x33, 0x44,
};

static const struct span samples[] = { { v4, sizeof v4 }, { v6, sizeof v6 } };

static struct addr endpoint(const char *text)
{
	struct addr a;

	assert_int_equal(addr_parse(&a, text, true), 0);
	return a;
}

static void expect_addr(const struct addr *a, const char *text)
{
	struct addr expected = endpoint(text);

	assert_true(addr_equal(a, &expected));
}

static void test_ipv4(void **state)
{
	char text[ADDR_TEXT_BYTES];
	struct icmp_error e;

	(void)state;
	assert_true(icmp_error_parse(samples[0], &e));
	assert_string_equal(addr_text_host(&e.hop, text), "203.0.113.9");
	expect_addr(&e.from, "198.51.100.1:443");
	expect_addr(&e.to, "198.51.100.7:40000");
	assert_int_equal(e.seq, 0x11223344);
	assert_int_equal(e.type, 3);
	assert_int_equal(e.code, 4);
	assert_int_equal(e.rest, 1300);
}

static void test_ipv6(void **state)
{
	char text[ADDR_TEXT_BYTES];
	struct icmp_error e;

	(void)state;
	assert_true(icmp_error_parse(samples[1], &e));
	assert_string_equal(addr_text_host(&e.hop, text), "2001:db8::9");
	expect_addr(&e.from, "[2001:db8:1::1]:443");
	expect_addr(&e.to, "[2001:db8:1::7]:40000");
	assert_int_equal(e.seq, 0x11223344);
	assert_int_equal(e.type, 2);
	assert_int_equal(e.rest, 1300);
}

static void test_short_ones(void **state)
{
	struct icmp_error e = { .seq = 7 };

	(void)state;
	assert_false(icmp_error_parse((struct span){ NULL, 0 }, &e));
	for (size_t i = 0; i < 2; i++)
		for (size_t size = 1; size < samples[i].size; size++)
			assert_false(icmp_error_parse(span_of(samples[i].data, size), &e));
	assert_int_equal(e.seq, 7);
}

static void test_what_it_is_not(void **state)
{
	static const struct {
		size_t sample;
		size_t at;
		uint8_t value;
	} wrong[] = {
		{ 0, 0, 0x46 },  /* IP options */
		{ 0, 0, 0x55 },  /* no such version */
		{ 0, 7, 1 },     /* a later fragment */
		{ 0, 9, 6 },     /* not ICMP */
		{ 0, 20, 8 },    /* an echo request */
		{ 0, 20, 5 },    /* a redirect */
		{ 0, 28, 0x46 }, /* options in the quote */
		{ 0, 28, 0x60 }, /* of the other family */
		{ 0, 34, 0x1f }, /* the quote is of a later fragment */
		{ 0, 37, 17 },   /* and not of TCP */
		{ 1, 0, 0x70 },  /* no such version */
		{ 1, 6, 1 },     /* ICMPv4 */
		{ 1, 40, 128 },  /* an echo request */
		{ 1, 40, 0 },    /* reserved */
		{ 1, 48, 0x45 }, /* of the other family */
		{ 1, 54, 44 },   /* a fragment */
	};
	uint8_t packet[ICMP_ERROR_MOST_BYTES];
	struct icmp_error e;

	(void)state;
	for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
		const struct span good = samples[wrong[i].sample];

		memcpy(packet, good.data, good.size);
		packet[wrong[i].at] = wrong[i].value;
		assert_false(icmp_error_parse(span_of(packet, good.size), &e));
	}
}

/* What was made reads as what was asked for, and its checksums are right. */
static void test_made(void **state)
{
	static const char *const servers[] = { "192.168.1.10:8443", "[fd00:1::10]:8443" };
	static const size_t heads[] = { 20, 40 };
	uint8_t packet[ICMP_ERROR_MOST_BYTES];
	struct icmp_error e;
	struct icmp_error made;

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		const struct addr server = endpoint(servers[i]);
		size_t size;
		uint32_t sum = 0;

		assert_true(icmp_error_parse(samples[i], &e));
		size = icmp_error_make(&e, &server, 0x55667788, packet);
		assert_int_equal(size, samples[i].size);
		assert_true(icmp_error_parse(span_of(packet, size), &made));
		assert_true(addr_equal(&made.hop, &e.hop) && addr_equal(&made.to, &e.to));
		assert_true(addr_equal(&made.from, &server));
		assert_int_equal(made.seq, 0x55667788);
		assert_int_equal(made.type, e.type);
		assert_int_equal(made.code, e.code);
		assert_int_equal(made.rest, e.rest);
		if (i == 0) {
			assert_int_equal(checksum_end(checksum_add(0, packet, 20)), 0);
			assert_int_equal(checksum_end(checksum_add(0, packet + 28, 20)), 0);
		} else {
			sum = checksum_add(58 + (uint32_t)size - 40, packet + 8, 32);
		}
		assert_int_equal(
			checksum_end(checksum_add(sum, packet + heads[i], size - heads[i])), 0);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_ipv4),       cmocka_unit_test(test_ipv6),
		cmocka_unit_test(test_short_ones), cmocka_unit_test(test_what_it_is_not),
		cmocka_unit_test(test_made),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
