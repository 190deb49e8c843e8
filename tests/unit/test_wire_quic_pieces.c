/*
 * QUIC hellos in pieces: every order of the datagrams, with doubles among them,
 * overlapping and contradicting pieces, and other packets beside them.
 */
#include "wire_quic_pieces.h"

/* Whatever order they come in, the name is known when all of them are there, and not before. */
static void test_every_order(void **state)
{
	unsigned seed = 20240607;
	unsigned orders = 0;

	(void)state;
	for (size_t count = 1; count <= PIECES_MOST; count++) {
		for (unsigned round = 0; round < 4; round++) {
			struct quic_build q =
				build_client(round % 2 ? BUILD_V2 : BUILD_V1, "12345678");
			unsigned order[PIECES_MOST] = { 0, 1, 2, 3, 4 };
			struct udp_run run = { .size = 0 };

			q.token = span_text(round < 2 ? "" : "a token of some earlier day");
			run_hello(&message, "a.seed.example", 1900);
			scatter(&q, count, 3 * count + round, &seed);
			do {
				run_of(&run, order, count - 1);
				assert_int_equal(quic_ask(&run), WIRE_MORE);
				run_of(&run, order, count);
				assert_name(&run, orders++ % 16 == 0);
			} while (next_order(order, count));
		}
	}
	assert_int_equal(orders, 4 * (1 + 2 + 6 + 24 + 120));
}

/* Three datagrams and doubles of any of them: each row of five that holds all three tells the name. */
static void test_doubles(void **state)
{
	struct quic_build q = build_client(BUILD_V1, "12345678");
	struct udp_run run = { .size = 0 };
	unsigned seed = 1;

	(void)state;
	run_hello(&message, "a.seed.example", 1900);
	scatter(&q, 3, 20, &seed);
	for (unsigned row = 0; row < 243; row++) {
		unsigned order[5];
		unsigned seen = 0;

		for (unsigned i = 0, rest = row; i < 5; i++, rest /= 3) {
			order[i] = rest % 3;
			seen |= 1u << order[i];
		}
		run_of(&run, order, 5);
		if (seen == 7)
			assert_name(&run, row % 16 == 0);
		else
			assert_int_equal(quic_ask(&run), WIRE_MORE);
	}
}

/* A retransmission is cut otherwise: pieces of both sendings make one hello. */
static void test_cut_otherwise(void **state)
{
	struct quic_build q = build_client(BUILD_V1, "12345678");
	struct udp_run run = { .size = 0 };

	(void)state;
	run_hello(&message, "a.seed.example", 1500);
	for (size_t first = 1; first < message.size; first += 13) {
		for (size_t second = 1; second <= first; second += 101) {
			datagrams[0].size = datagrams[1].size = 0;
			put_crypto(0, first);
			put_initial(&datagrams[0], &q);
			put_crypto(second, message.size);
			put_initial(&datagrams[1], &q);
			run_of(&run, (const unsigned[]){ 0, 1 }, 2);
			assert_name(&run, false);
			run_of(&run, (const unsigned[]){ 1, 0 }, 2);
			assert_name(&run, false);
		}
	}
}

/* Where two pieces contradict each other the one that came first counts, as it does for servers. */
static void test_contradiction(void **state)
{
	struct quic_build q = build_client(BUILD_V1, "12345678");
	struct udp_run run = { .size = 0 };
	size_t half;

	(void)state;
	run_hello(&message, "aaaa.example", 10);
	half = message.size - 15; /* behind the name */
	datagrams[0].size = datagrams[1].size = 0;
	put_crypto(0, half);
	put_initial(&datagrams[0], &q);
	run_hello(&message, "bbbb.example", 10);
	put_crypto(1, message.size);
	put_initial(&datagrams[1], &q);
	run_of(&run, (const unsigned[]){ 0, 1 }, 2);
	quic_assert(&run, WIRE_YES, false, "aaaa.example");
	run_of(&run, (const unsigned[]){ 1, 0 }, 2);
	quic_assert(&run, WIRE_YES, false, "bbbb.example");
	/* and within one packet */
	datagrams[0].size = 0;
	put_crypto(1, message.size);
	run_hello(&message, "aaaa.example", 10);
	put_crypto(0, message.size);
	put_initial(&datagrams[0], &q);
	run_of(&run, (const unsigned[]){ 0 }, 1);
	quic_assert(&run, WIRE_YES, false, "bbbb.example");
}

/* 0-RTT of the same connection, before, between and behind the Initials: it is passed over. */
static void test_early_data(void **state)
{
	struct quic_build q = build_client(BUILD_V1, "12345678");
	unsigned order[] = { 0, 1, 2, 3 };
	struct udp_run run = { .size = 0 };
	unsigned seed = 5;

	(void)state;
	run_hello(&message, "a.seed.example", 1900);
	scatter(&q, 2, 9, &seed);
	datagrams[2].size = datagrams[3].size = 0;
	build_opaque(&datagrams[2], &q, QUIC_0RTT, 1100);
	build_opaque(&datagrams[3], &q, QUIC_0RTT, 60);
	do {
		run_of(&run, order, 4);
		quic_assert(&run, WIRE_YES, false, "a.seed.example");
	} while (next_order(order, 4));
	run_of(&run, (const unsigned[]){ 3, 2 }, 2);
	quic_assert(&run, WIRE_MORE, true, "");
}

/* Several packets in one datagram (RFC 9000 12.2), and what may lie behind them. */
static void test_coalesced(void **state)
{
	struct quic_build q = build_client(BUILD_V1, "12345678");
	struct quic_build other = build_client(BUILD_V1, "87654321");
	struct udp_run run = { .size = 0 };
	struct hello_bytes *d = &datagrams[0];

	(void)state;
	run_hello(&message, "a.seed.example", 300);
	for (unsigned what = 0; what < 6; what++) {
		size_t half = message.size / 2;

		d->size = 0;
		if (what == 0)
			build_opaque(d, &q, QUIC_0RTT, 100);
		if (what == 1)
			build_opaque(d, &q, QUIC_INITIAL, 100); /* which does not verify */
		put_crypto(half, message.size);
		build_initial(d, &q, bytes_of(&frames), 0);
		frames.size = 0;
		if (what == 2)
			build_opaque(d, &q, QUIC_HANDSHAKE, 100);
		if (what == 3)
			build_opaque(d, &other, QUIC_0RTT, 100); /* nothing behind it counts */
		if (what == 4)
			hello_put_zeros(d, 50); /* nor behind what is no packet */
		if (what == 5)
			hello_put(d, "\x4a short header", 15);
		put_crypto(0, half);
		build_initial(d, &q, bytes_of(&frames), 0);
		frames.size = 0;
		hello_put_zeros(d, d->size < 1200 ? 1200 - d->size : 0);
		run_of(&run, (const unsigned[]){ 0 }, 1);
		quic_assert(&run, what < 3 ? WIRE_YES : WIRE_MORE, true, "a.seed.example");
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_every_order),   cmocka_unit_test(test_doubles),
		cmocka_unit_test(test_cut_otherwise), cmocka_unit_test(test_contradiction),
		cmocka_unit_test(test_early_data),    cmocka_unit_test(test_coalesced),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
