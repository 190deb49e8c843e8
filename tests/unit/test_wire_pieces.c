/* Handshake bytes out of pieces: any order, any overlap, the first word counts, nothing beyond the room. */
#include <stdlib.h>

#include "unit.h"
#include "wire/pieces.h"

static struct pieces stream;
static uint8_t text[PIECES_ROOM + 300];

static void fill_text(void)
{
	for (size_t i = 0; i < sizeof text; i++)
		text[i] = (uint8_t)(i * 31 + i / 251);
}

static void put(size_t from, size_t to)
{
	pieces_put(&stream, from, span_of(text + from, to - from));
}

static void assert_whole(size_t size)
{
	assert_int_equal(stream.whole, size);
	assert_memory_equal(stream.bytes, text, size);
}

static void test_in_order(void **state)
{
	(void)state;
	fill_text();
	for (size_t step = 1; step <= 200; step += step < 8 ? 1 : 13) {
		pieces_open(&stream);
		for (size_t at = 0; at < 1000; at += step) {
			put(at, at + step);
			assert_whole(at + step);
		}
	}
}

static void test_backwards(void **state)
{
	(void)state;
	for (size_t step = 1; step <= 120; step += step < 8 ? 1 : 13) {
		pieces_open(&stream);
		for (size_t at = 200 * step; at > 0; at -= step) {
			assert_int_equal(stream.whole, 0);
			put(at - step, at);
		}
		assert_whole(200 * step);
	}
}

/* Of a byte that comes twice the first one counts, whatever the piece around it. */
static void test_first_wins(void **state)
{
	static uint8_t other[300];

	(void)state;
	memset(other, 0xee, sizeof other);
	for (size_t from = 0; from < 200; from += 7) {
		for (size_t size = 1; from + size <= 300; size += 11) {
			pieces_open(&stream);
			put(from, from + size);
			pieces_put(&stream, 0, span_of(other, sizeof other));
			assert_int_equal(stream.whole, 300);
			for (size_t i = 0; i < 300; i++)
				assert_int_equal(stream.bytes[i],
						 i >= from && i < from + size ? text[i] : 0xee);
		}
	}
}

/* Pieces by the dice, against a copy byte by byte. */
static void test_random(void **state)
{
	unsigned seed = 20240607;

	(void)state;
	for (unsigned round = 0; round < 300; round++) {
		static uint8_t bytes[2000];
		static bool there[2000];
		size_t whole = 0;

		memset(there, 0, sizeof there);
		pieces_open(&stream);
		for (unsigned i = 0; i < 60; i++) {
			uint8_t piece[250];
			size_t at = (size_t)(rand_r(&seed) % 1800);
			size_t size = (size_t)(rand_r(&seed) % 200);

			for (size_t k = 0; k < size; k++) {
				piece[k] = (uint8_t)rand_r(&seed);
				if (!there[at + k])
					bytes[at + k] = piece[k];
				there[at + k] = true;
			}
			pieces_put(&stream, at, span_of(piece, size));
			while (there[whole])
				whole++;
			assert_int_equal(stream.whole, whole);
			assert_memory_equal(stream.bytes, bytes, whole);
		}
	}
}

static void test_room(void **state)
{
	(void)state;
	pieces_open(&stream);
	pieces_put(&stream, UINT64_MAX, span_of(text, 300));
	pieces_put(&stream, PIECES_ROOM, span_of(text, 300));
	put(PIECES_ROOM - 1, PIECES_ROOM + 299);
	assert_int_equal(stream.whole, 0);
	put(0, PIECES_ROOM - 1);
	assert_whole(PIECES_ROOM);
	put(0, PIECES_ROOM + 300);
	assert_whole(PIECES_ROOM);
	pieces_put(&stream, 0, span_of(NULL, 0));
	assert_whole(PIECES_ROOM);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_in_order),   cmocka_unit_test(test_backwards),
		cmocka_unit_test(test_first_wins), cmocka_unit_test(test_random),
		cmocka_unit_test(test_room),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
