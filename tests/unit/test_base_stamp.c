/* The arithmetic of TCP timestamps: whose clock is ahead, how far to jump, which option it is. */
#include "base/stamp.h"
#include "unit.h"

enum {
	HOUR_MS = 3600 * 1000,
	MOST_JUMPS = 2,
};

static const uint32_t clocks[] = { 0,          1,          77,         0x3fffffff, 0x7fffffff,
				   0x80000000, 0x80000001, 0xc0000000, 0xfffffffe, 0xffffffff };

static const uint32_t distances[] = {
	0,
	1,
	1000,
	STAMP_LEAST_AHEAD - 1,
	STAMP_LEAST_AHEAD,
	STAMP_LEAST_AHEAD + 1,
	0x3c000000,
	0x60000000,
	STAMP_MOST_AHEAD,
	STAMP_MOST_AHEAD + 1u,
	0x7fffffff,
	0x80000000,
	0x80000001,
	0x90000000,
	0xbfffffff,
	0xc0000000,
	0xc0000001,
	0xe0000000,
	0xfff00000,
	0xffffffff,
};

/* What RFC 7323 5 asks of the next segment: not older than the last one. */
static bool is_taken(uint32_t next, uint32_t last)
{
	return next - last < 0x80000000u;
}

static void test_ahead(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof clocks / sizeof *clocks; i++) {
		assert_true(stamp_is_ahead(clocks[i] + STAMP_LEAST_AHEAD, clocks[i]));
		assert_true(stamp_is_ahead(clocks[i] + STAMP_MOST_AHEAD, clocks[i]));
		assert_false(stamp_is_ahead(clocks[i] + STAMP_LEAST_AHEAD - 1, clocks[i]));
		assert_false(stamp_is_ahead(clocks[i] + STAMP_MOST_AHEAD + 1u, clocks[i]));
		assert_false(stamp_is_ahead(clocks[i], clocks[i]));
		assert_false(stamp_is_ahead(clocks[i] - 1, clocks[i]));
	}
}

/* Whatever the two clocks show: after two jumps at most theirs is ahead, and every jump is one that the end
 * which heard us takes, also when it heard nothing of us for days. */
static void jumps(uint32_t ours, uint32_t distance)
{
	const uint32_t theirs = ours + distance;
	uint32_t now = ours;
	int count = 0;

	while (stamp_jump(theirs, now)) {
		uint32_t next = now + stamp_jump(theirs, now);

		assert_true(is_taken(next, now));
		assert_true(is_taken(next, now - 5u * 24 * HOUR_MS));
		now = next;
		assert_in_range(++count, 1, MOST_JUMPS);
	}
	assert_true(stamp_is_ahead(theirs, now));
	assert_int_equal(count == 0, stamp_is_ahead(theirs, ours));
	/* it stands still while ours goes on, or ticks every microsecond, for two minutes */
	assert_true(is_taken(theirs, now + 120 * 1000));
	assert_true(is_taken(theirs + 120u * 1000 * 1000, now));
	/* from the other half of the circle that took one */
	if (distance >= 0x80000000u && distance < 0xc0000000u)
		assert_int_equal(count, 1);
}

static void test_jumps(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof clocks / sizeof *clocks; i++)
		for (size_t k = 0; k < sizeof distances / sizeof *distances; k++)
			jumps(clocks[i], distances[k]);
	for (uint32_t k = 0; k < 4096; k++)
		jumps(k * 2654435761u, k << 20 | (k * 2654435761u & 0xfffff));
}

static void test_since(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof clocks / sizeof *clocks; i++) {
		assert_true(stamp_is_since(clocks[i], clocks[i]));
		assert_true(stamp_is_since(clocks[i] + 1, clocks[i]));
		assert_true(stamp_is_since(clocks[i] + 0x7fffffff, clocks[i]));
		assert_false(stamp_is_since(clocks[i] - 1, clocks[i]));
	}
}

static bool found(const uint8_t *options, size_t size, struct stamp *out)
{
	*out = (struct stamp){ 7, 7 };
	return stamp_find(span_of(options, size), out);
}

static void test_find(void **state)
{
	static const uint8_t usual[] = { 1, 1, 8, 10, 0x80, 1, 2, 3, 0xff, 4, 5, 6 };
	static const uint8_t behind[] = { 2, 4, 5, 0xb4, 4, 2, 8, 10, 1, 2, 3, 4, 0, 0, 0, 0 };
	struct stamp s;

	(void)state;
	assert_true(found(usual, sizeof usual, &s));
	assert_int_equal(s.value, 0x80010203);
	assert_int_equal(s.echo, 0xff040506);
	assert_true(found(behind, sizeof behind, &s));
	assert_int_equal(s.value, 0x01020304);
	assert_int_equal(s.echo, 0);
	for (size_t size = 0; size < sizeof usual; size++) {
		assert_false(found(usual, size, &s));
		assert_int_equal(s.value, 7); /* left as it was */
	}
}

static void test_find_none(void **state)
{
	static const uint8_t ended[] = { 1, 0, 8, 10, 1, 2, 3, 4, 1, 2, 3, 4 };
	static const uint8_t endless[] = { 9, 0, 8, 10, 1, 2, 3, 4, 1, 2, 3, 4 };
	static const uint8_t wrong[] = { 8, 9, 1, 2, 3, 4, 1, 2, 3, 1, 1, 1 };
	static const uint8_t inside[] = { 5, 12, 8, 10, 1, 2, 3, 4, 1, 2, 3, 4 };
	struct stamp s;

	(void)state;
	assert_false(found(ended, sizeof ended, &s));
	assert_false(found(endless, sizeof endless, &s));
	assert_false(found(wrong, sizeof wrong, &s));
	assert_false(found(inside, sizeof inside, &s));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_ahead),     cmocka_unit_test(test_jumps),
		cmocka_unit_test(test_since),     cmocka_unit_test(test_find),
		cmocka_unit_test(test_find_none),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
