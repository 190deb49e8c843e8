/* Pieces of DTLS hellos: whatever may stand in a record's and a message's head, and what may not. */
#include "unit.h"
#include "wire/dtls_record.h"
#include "wire_dtls.h"

static struct hello_bytes body;
static struct hello_bytes datagram;

static void open_body(void)
{
	body.size = datagram.size = 0;
	dtls_hello(&body, DTLS_BUILD_1_2, 0, "a.b", 100);
}

/* How many pieces the datagram has; the last of them is left in *piece. */
static unsigned count(struct dtls_piece *piece)
{
	struct dtls_pieces pieces = dtls_pieces_of(span_of(datagram.data, datagram.size));
	unsigned seen = 0;

	while (dtls_pieces_next(&pieces, piece))
		seen++;
	assert_false(dtls_pieces_next(&pieces, piece)); /* nor later */
	return seen;
}

static void assert_piece(const struct dtls_piece *piece, size_t from, size_t to)
{
	assert_int_equal(piece->whole, body.size);
	assert_int_equal(piece->offset, from);
	assert_int_equal(piece->bytes.size, to - from);
	assert_memory_equal(piece->bytes.data, body.data + from, to - from);
}

static void test_one(void **state)
{
	static const unsigned versions[] = { DTLS_BUILD_1_0, DTLS_BUILD_1_2, DTLS_BUILD_BAD };
	struct dtls_piece piece;

	(void)state;
	for (size_t i = 0; i < sizeof versions / sizeof *versions; i++) {
		open_body();
		dtls_put_record(&datagram, versions[i], 0, &body, 1, 0, body.size);
		assert_int_equal(count(&piece), 1);
		assert_int_equal(piece.number, 1);
		assert_piece(&piece, 0, body.size);
	}
}

/* Several records in a datagram, several pieces in a record. */
static void test_many(void **state)
{
	struct dtls_pieces pieces;
	struct dtls_piece piece;
	size_t start;

	(void)state;
	open_body();
	start = dtls_open_record(&datagram, DTLS_BUILD_1_2, 0);
	dtls_put_piece(&datagram, &body, 0, 50, 60);
	dtls_put_piece(&datagram, &body, 0, 0, 50);
	hello_close(&datagram, start, 2);
	dtls_put_record(&datagram, DTLS_BUILD_1_2, 1, &body, 0, 60, body.size);
	pieces = dtls_pieces_of(span_of(datagram.data, datagram.size));
	assert_true(dtls_pieces_next(&pieces, &piece));
	assert_piece(&piece, 50, 60);
	assert_true(dtls_pieces_next(&pieces, &piece));
	assert_piece(&piece, 0, 50);
	assert_true(dtls_pieces_next(&pieces, &piece));
	assert_piece(&piece, 60, body.size);
	assert_false(dtls_pieces_next(&pieces, &piece));
}

/* Behind what is no piece nothing counts: early data of 1.3, encrypted records, garbage. */
static void test_behind(void **state)
{
	static const char *const tails[] = { "\x2f\1\2\3\4\5\6\7\x8\x9\xa\xb\xc\xd\xe\xf",
					     "\x17\xfe\xfd\0\1\0\0\0\0\0\0\0\4abcd", "x", "" };
	struct dtls_piece piece;

	(void)state;
	for (size_t i = 0; i < sizeof tails / sizeof *tails; i++) {
		open_body();
		dtls_put_record(&datagram, DTLS_BUILD_1_2, 0, &body, 0, 0, body.size);
		hello_put(&datagram, tails[i], i == 1 ? 17 : strlen(tails[i]));
		dtls_put_record(&datagram, DTLS_BUILD_1_2, 1, &body, 0, 0, body.size);
		assert_int_equal(count(&piece), i < 3 ? 1 : 2);
	}
}

/* A byte of the head of record or message with which it is no piece of a hello. */
static void test_heads(void **state)
{
	static const struct {
		size_t at;
		uint8_t byte;
	} bad[] = {
		{ 0, 23 },              /* application data */
		{ 0, 25 },              /* a record with a connection id */
		{ 0, 0x2c },            /* an encrypted one of 1.3 */
		{ 1, 3 },               /* TLS */
		{ 2, 0xfe },            /* no version */
		{ 3, 1 },               /* another epoch, of whose keys nothing is known */
		{ 4, 1 },    { 5, 1 },  /* a record number that no hello has */
		{ 8, 1 },    { 11, 2 }, /* a record longer than the datagram */
		{ 13, 2 },              /* a ServerHello */
		{ 14, 1 },              /* longer than is held */
		{ 17, 1 },              /* message numbers */
		{ 18, 2 },   { 19, 1 }, /* an offset behind its end */
		{ 21, 1 },              /* one with which it passes its end */
		{ 22, 1 },              /* more bytes than there are */
		{ 24, 0 },              /* none */
	};
	struct dtls_piece piece;

	(void)state;
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		open_body();
		dtls_put_record(&datagram, DTLS_BUILD_1_2, 0, &body, 0, 0, body.size);
		assert_int_equal(count(&piece), 1);
		assert_int_not_equal(datagram.data[bad[i].at], bad[i].byte);
		datagram.data[bad[i].at] = bad[i].byte;
		assert_int_equal(count(&piece), 0);
	}
}

static void test_cuts(void **state)
{
	struct dtls_piece piece;
	size_t whole;

	(void)state;
	open_body();
	dtls_put_record(&datagram, DTLS_BUILD_1_2, 0, &body, 0, 0, body.size);
	whole = datagram.size;
	for (datagram.size = 0; datagram.size < whole; datagram.size++)
		assert_int_equal(count(&piece), 0);
	assert_int_equal(count(&piece), 1);
}

/* The least hello there can be, and the largest that is held. */
static void test_sizes(void **state)
{
	static const struct {
		size_t size;
		unsigned seen;
	} cases[] = { { DTLS_HELLO_LEAST - 1, 0 },
		      { DTLS_HELLO_LEAST, 1 },
		      { DTLS_HELLO_MOST, 1 },
		      { DTLS_HELLO_MOST + 1, 0 } };
	struct dtls_piece piece;

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		body.size = datagram.size = 0;
		hello_put_zeros(&body, cases[i].size);
		dtls_put_record(&datagram, DTLS_BUILD_1_2, 0, &body, 0, cases[i].size - 10,
				cases[i].size);
		assert_int_equal(count(&piece), cases[i].seen);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_one),    cmocka_unit_test(test_many),
		cmocka_unit_test(test_behind), cmocka_unit_test(test_heads),
		cmocka_unit_test(test_cuts),   cmocka_unit_test(test_sizes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
