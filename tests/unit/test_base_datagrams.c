/* Datagrams side by side: what was put comes out, cut runs say nothing of what is cut, limits hold. */
#include "base/datagrams.h"
#include "unit.h"

static uint8_t room[DATAGRAMS_ROOM];
static uint8_t payload[DATAGRAMS_MOST_BYTES + 1];

static void test_put_and_next(void **state)
{
	static const size_t sizes[] = { 0, 1, 255, 256, 1200, 0, 9000 };
	struct datagrams d;
	struct span one;
	size_t size = 0;

	(void)state;
	for (size_t i = 0; i < sizeof payload; i++)
		payload[i] = (uint8_t)(i * 7);
	for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++)
		assert_true(datagrams_put(room, &size, span_of(payload + i, sizes[i])));
	d = datagrams_of(span_of(room, size));
	for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
		assert_int_equal(datagrams_next(&d, &one), DATAGRAMS_ONE);
		assert_true(span_equal(one, span_of(payload + i, sizes[i])));
	}
	assert_int_equal(datagrams_next(&d, &one), DATAGRAMS_END);
	assert_int_equal(d.wanted, size + 1);
	assert_int_equal(d.count, 7);
	assert_int_equal(d.at, size);
}

/* Every cut of a run of two: the whole ones come out, and it is said when more can be. */
static void test_every_cut(void **state)
{
	size_t size = 0;

	(void)state;
	assert_true(datagrams_put(room, &size, span_of(payload, 3)));
	assert_true(datagrams_put(room, &size, span_of(payload, 300)));
	for (size_t cut = 0; cut <= size; cut++) {
		struct datagrams d = datagrams_of(span_of(room, cut));
		struct span one;
		unsigned count = 0;

		while (datagrams_next(&d, &one) == DATAGRAMS_ONE)
			count++;
		assert_int_equal(count, cut < 5 ? 0 : cut < size ? 1 : 2);
		if (cut < 2 || (cut >= 5 && cut < 7) || cut == size)
			assert_int_equal(d.wanted, cut + 1);
		else
			assert_int_equal(d.wanted, cut < 5 ? 5 : size);
	}
}

static void test_most_datagrams(void **state)
{
	struct datagrams d;
	struct span one;
	size_t size = 0;

	(void)state;
	for (unsigned i = 0; i < DATAGRAMS_MOST; i++)
		assert_true(datagrams_put(room, &size, span_of(NULL, 0)));
	assert_false(datagrams_put(room, &size, span_of(NULL, 0)));
	assert_int_equal(size, DATAGRAMS_MOST * DATAGRAMS_HEAD_BYTES);
	d = datagrams_of(span_of(room, size));
	for (unsigned i = 0; i < DATAGRAMS_MOST; i++)
		assert_int_equal(datagrams_next(&d, &one), DATAGRAMS_ONE);
	assert_int_equal(datagrams_next(&d, &one), DATAGRAMS_FULL);
}

static void test_most_bytes(void **state)
{
	struct datagrams d;
	struct span one;
	size_t size = 0;

	(void)state;
	assert_false(datagrams_put(room, &size, span_of(payload, DATAGRAMS_MOST_BYTES + 1)));
	assert_int_equal(size, 0);
	assert_true(datagrams_put(room, &size, span_of(payload, DATAGRAMS_MOST_BYTES - 1)));
	assert_false(datagrams_put(room, &size, span_of(payload, 2)));
	assert_int_equal(size, 2 + DATAGRAMS_MOST_BYTES - 1);
	assert_true(datagrams_put(room, &size, span_of(payload, 1)));
	for (unsigned i = 2; i < DATAGRAMS_MOST; i++)
		assert_true(datagrams_put(room, &size, span_of(NULL, 0)));
	assert_int_equal(size, DATAGRAMS_ROOM);
	/* one whose size alone is there is known to be too large */
	room[0] = 0x60;
	room[1] = 0x01;
	d = datagrams_of(span_of(room, 2));
	assert_int_equal(datagrams_next(&d, &one), DATAGRAMS_FULL);
	assert_int_equal(datagrams_next(&d, &one), DATAGRAMS_FULL);
}

/* One that has no place ends the run: what was there before comes out, then that it is full. */
static void test_put_size(void **state)
{
	static const size_t sizes[] = { DATAGRAMS_MOST_BYTES, 65535 };

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		struct datagrams d;
		struct span one;
		size_t size = 0;

		assert_true(datagrams_put(room, &size, span_of(payload, 9)));
		assert_false(datagrams_put(room, &size, span_of(payload, DATAGRAMS_MOST_BYTES)));
		datagrams_put_size(room, &size, sizes[i]);
		assert_int_equal(size, 13);
		d = datagrams_of(span_of(room, size));
		assert_int_equal(datagrams_next(&d, &one), DATAGRAMS_ONE);
		assert_int_equal(datagrams_next(&d, &one), DATAGRAMS_FULL);
	}
}

/* With DATAGRAMS_ROOM bytes there, whatever they are, there is nothing left to wait for. */
static void test_room_is_final(void **state)
{
	(void)state;
	for (unsigned byte = 0; byte < 256; byte++) {
		struct datagrams d = datagrams_of(span_of(room, DATAGRAMS_ROOM));
		enum datagrams_step step;
		struct span one;

		memset(room, (int)byte, sizeof room);
		do
			step = datagrams_next(&d, &one);
		while (step == DATAGRAMS_ONE);
		assert_int_equal(step, DATAGRAMS_FULL);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_put_and_next),   cmocka_unit_test(test_every_cut),
		cmocka_unit_test(test_most_datagrams), cmocka_unit_test(test_most_bytes),
		cmocka_unit_test(test_room_is_final),  cmocka_unit_test(test_put_size),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
