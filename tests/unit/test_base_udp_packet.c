/* Datagrams with their IP headers, whole and cut off. */
#include <stdlib.h>

#include "base/udp_packet.h"
#include "unit.h"

/* 198.51.100.1:443 > 198.51.100.7:40000, four bytes; the second with an IP option. */
static const uint8_t v4[] = { 0x45, 0,    0,  32,  0,    0,    0x40, 0,   64, 17,   0,
			      0,    198,  51, 100, 1,    198,  51,   100, 7,  0x01, 0xbb,
			      0x9c, 0x40, 0,  12,  0xaa, 0xbb, 1,    2,   3,  4 };
static const uint8_t optional[] = { 0x46, 0,    0,    36,   0,   0,  0,    0,    64, 17, 0, 0,
				    198,  51,   100,  1,    198, 51, 100,  7,    1,  1,  1, 1,
				    0x01, 0xbb, 0x9c, 0x40, 0,   12, 0xaa, 0xbb, 1,  2,  3, 4 };
/* 2001:db8::1 port 443 > 2001:db8::7 port 40000. */
static const uint8_t v6[] = { 0x60, 0,    0,    0,    0,    12, 17, 64, 0x20, 1, 0x0d, 0xb8, 0,
			      0,    0,    0,    0,    0,    0,  0,  0,  0,    0, 1,    0x20, 1,
			      0x0d, 0xb8, 0,    0,    0,    0,  0,  0,  0,    0, 0,    0,    0,
			      7,    0x01, 0xbb, 0x9c, 0x40, 0,  12, 0,  0,    1, 2,    3,    4 };

static void expect(struct span packet, const char *from, const char *to)
{
	struct udp_packet p;
	struct addr end;

	assert_true(udp_packet_parse(packet, &p));
	assert_int_equal(addr_parse(&end, from, true), 0);
	assert_true(addr_equal(&p.from, &end));
	assert_int_equal(addr_parse(&end, to, true), 0);
	assert_true(addr_equal(&p.to, &end));
	assert_int_equal(p.whole, 4);
	assert_true(span_equal(p.head, span_of("\1\2\3\4", 4)));
}

static void test_whole(void **state)
{
	(void)state;
	expect(span_of(v4, sizeof v4), "198.51.100.1:443", "198.51.100.7:40000");
	expect(span_of(optional, sizeof optional), "198.51.100.1:443", "198.51.100.7:40000");
	expect(span_of(v6, sizeof v6), "[2001:db8::1]:443", "[2001:db8::7]:40000");
}

/* Any end: the headers must be there, the datagram may be cut. In memory of just that size. */
static void expect_cut(const uint8_t *bytes, size_t size)
{
	for (size_t cut = 0; cut <= size; cut++) {
		uint8_t *exact = malloc(cut + !cut);
		struct udp_packet p;

		assert_non_null(exact);
		memcpy(exact, bytes, cut);
		p.whole = 9;
		assert_int_equal(udp_packet_parse(span_of(exact, cut), &p), cut + 4 >= size);
		if (cut + 4 >= size)
			assert_int_equal(p.head.size, cut + 4 - size);
		else
			assert_int_equal(p.whole, 9);
		free(exact);
	}
}

static void test_cut(void **state)
{
	(void)state;
	expect_cut(v4, sizeof v4);
	expect_cut(optional, sizeof optional);
	expect_cut(v6, sizeof v6);
}

static void expect_refused(size_t at, uint8_t value)
{
	uint8_t bytes[sizeof v4];
	struct udp_packet p;

	memcpy(bytes, v4, sizeof v4);
	bytes[at] = value;
	assert_false(udp_packet_parse(span_of(bytes, sizeof bytes), &p));
}

static void test_refused(void **state)
{
	struct udp_packet p;
	uint8_t bytes[sizeof v6];

	(void)state;
	expect_refused(0, 0x55); /* version 5 */
	expect_refused(0, 0x44); /* a header that is too short */
	expect_refused(6, 0x20); /* more fragments */
	expect_refused(7, 1);    /* a later one */
	expect_refused(9, 6);    /* TCP */
	expect_refused(25, 7);   /* shorter than its header */
	memcpy(bytes, v6, sizeof v6);
	bytes[6] = 44; /* a fragment */
	assert_false(udp_packet_parse(span_of(bytes, sizeof bytes), &p));
}

/* What follows the datagram is not part of it. */
static void test_longer(void **state)
{
	uint8_t bytes[sizeof v4 + 8] = { 0 };
	struct udp_packet p;

	(void)state;
	memcpy(bytes, v4, sizeof v4);
	assert_true(udp_packet_parse(span_of(bytes, sizeof bytes), &p));
	assert_int_equal(p.head.size, 4);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_whole),
		cmocka_unit_test(test_cut),
		cmocka_unit_test(test_refused),
		cmocka_unit_test(test_longer),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
