/* Flows told piece by piece: when they are decided, and that it does not matter how they are cut. */
#include "sniff_court.h"

static const char conf[] = "[divert web]\n"
			   "tcp = 443\n"
			   "udp = 443\n"
			   "silent = original\n"
			   "[divert small]\n"
			   "tcp = 22\n"
			   "sniff_bytes = 64\n"
			   "unknown = drop\n"
			   "[route ssh]\n"
			   "divert = web\n"
			   "protocol = ssh\n"
			   "backend = shell\n"
			   "[route h2]\n"
			   "protocol = tls\n"
			   "alpn = h2\n"
			   "backend = drop\n"
			   "[route tls]\n"
			   "protocol = tls\n"
			   "backend = reject\n"
			   "[route quic]\n"
			   "protocol = quic\n"
			   "server_name = *.seed.example\n"
			   "backend = drop\n"
			   "[backend shell]\n"
			   "server = 192.0.2.1:22\n";

enum { WEB, SMALL };
enum { ROUTE_SSH, ROUTE_H2, ROUTE_TLS, ROUTE_QUIC };

static int setup(void **state)
{
	struct court *c = calloc(1, sizeof *c);

	assert_non_null(c);
	court_open(c, conf);
	*state = c;
	return 0;
}

static int teardown(void **state)
{
	court_close(*state);
	free(*state);
	return 0;
}

static void test_nothing_is_silent(void **state)
{
	struct replay r;

	court_begin(&r, *state, WEB, false, NULL, NULL);
	assert_int_equal(replay_end(&r), REPLAY_SILENT);
	assert_string_equal(replay_verdict_text(&r), "more");
	assert_string_equal(replay_route_text(&r, REPLAY_SILENT), "silent");
	assert_string_equal(replay_action_text(&r, REPLAY_SILENT), "original");
	assert_null(replay_backend_text(&r, REPLAY_SILENT));
	assert_int_equal(r.is.named, -1);
}

/* Empty segments are none, but they are counted. */
static void test_empty_pieces(void **state)
{
	struct replay r;

	court_begin(&r, *state, WEB, false, NULL, NULL);
	replay_add(&r, span_of(NULL, 0));
	replay_add(&r, span_of(NULL, 0));
	assert_int_equal(replay_end(&r), REPLAY_SILENT);
	court_begin(&r, *state, WEB, false, NULL, NULL);
	replay_add(&r, span_of(NULL, 0));
	replay_add(&r, span_text("SSH-2.0-"));
	assert_int_equal(replay_end(&r), ROUTE_SSH);
	assert_int_equal(r.decided, 2);
	assert_string_equal(replay_verdict_text(&r), "yes");
	assert_string_equal(replay_route_text(&r, ROUTE_SSH), "ssh");
	assert_string_equal(replay_action_text(&r, ROUTE_SSH), "backend");
	assert_string_equal(replay_backend_text(&r, ROUTE_SSH), "shell");
}

static void test_undecided_at_the_end(void **state)
{
	struct replay r;

	court_begin(&r, *state, WEB, false, NULL, NULL);
	replay_add(&r, span_text("SSH-2"));
	assert_int_equal(replay_end(&r), REPLAY_UNKNOWN);
	assert_int_equal(r.decided, 0);
	assert_true(r.wanted > 5);
	assert_string_equal(replay_verdict_text(&r), "more");
	assert_string_equal(replay_route_text(&r, REPLAY_UNKNOWN), "unknown");
	assert_string_equal(replay_action_text(&r, REPLAY_UNKNOWN), "reject");
}

static void test_nobody_knows_it(void **state)
{
	struct replay r;

	court_begin(&r, *state, SMALL, false, NULL, NULL);
	replay_add(&r, span_text("\xff"));
	assert_int_equal(replay_end(&r), REPLAY_UNKNOWN);
	assert_int_equal(r.decided, 1);
	assert_string_equal(replay_verdict_text(&r), "no");
	assert_string_equal(replay_action_text(&r, REPLAY_UNKNOWN), "drop");
}

/* With sniff_bytes it is decided, whatever comes; more is not looked at. */
static void test_sniff_bytes(void **state)
{
	uint8_t hello[4096];
	size_t size = court_seed("fuzz_wire_tls", "curl-7.88.1-h2", hello, sizeof hello);
	struct replay r;

	assert_true(size > 100);
	court_begin(&r, *state, SMALL, false, NULL, NULL);
	replay_add(&r, span_of(hello, 63));
	(void)replay_end(&r); /* what then happens is not the matter here */
	assert_int_equal(r.decided, 0);
	court_begin(&r, *state, SMALL, false, NULL, NULL);
	replay_add(&r, span_of(hello, 63));
	replay_add(&r, span_of(hello + 63, size - 63));
	replay_add(&r, span_of(hello, size));
	assert_int_equal(r.size, 64);
	assert_int_equal(replay_end(&r), REPLAY_UNKNOWN);
	assert_int_equal(r.decided, 2);
}

/* What the decision is made of comes at once or byte by byte. */
static void test_pieces_do_not_matter(void **state)
{
	uint8_t hello[4096];
	size_t size = court_seed("fuzz_wire_tls", "curl-7.88.1-h2", hello, sizeof hello);
	struct replay r;

	for (size_t step = 1; step <= size; step = step < 3 ? step + 1 : step * 2) {
		unsigned pieces = 0;

		court_begin(&r, *state, WEB, false, NULL, NULL);
		for (size_t at = 0; at < size; at += step, pieces++)
			replay_add(&r, span_of(hello + at, size - at < step ? size - at : step));
		replay_add(&r, span_text("later"));
		assert_int_equal(replay_end(&r), ROUTE_H2);
		assert_int_equal(r.decided, pieces);
		assert_string_equal(replay_action_text(&r, ROUTE_H2), "drop");
	}
}

/* Found by halving, it is the first piece with which the judge is sure. */
static void test_the_piece_that_decides(void **state)
{
	static const char *const firsts[] = { "SSH-2.0-x and more", "SSH-3.0-x and more",
					      "\x16\x03\x01\x02",
					      "\x16\x03\x01\x02\x02\x02\x02\x02\x02\x02", "\x80" };
	struct court *c = *state;

	for (size_t i = 0; i < sizeof firsts / sizeof *firsts; i++) {
		struct span first = span_text(firsts[i]);
		struct judgement is = { .is_more = true };
		struct replay r;
		unsigned right = 0;

		court_begin(&r, c, WEB, false, NULL, NULL);
		for (size_t at = 0; at < first.size; at++)
			replay_add(&r, span_of(first.data + at, 1));
		while (is.is_more && right < first.size)
			judge_weigh(&c->judge, &r.q, span_of(first.data, ++right), &is);
		(void)replay_end(&r); /* when, not where */
		assert_int_equal(r.decided, is.is_more ? 0 : right);
	}
}

static void test_datagrams_that_nobody_knows(void **state)
{
	struct replay r;

	court_begin(&r, *state, WEB, true, NULL, NULL);
	replay_add(&r, span_text("SSH-2.0-"));
	replay_add(&r, span_text("SSH-2.0-"));
	assert_int_equal(replay_end(&r), REPLAY_UNKNOWN);
	assert_int_equal(r.decided, 1);
	assert_int_equal(r.bytes, 16);
	assert_string_equal(replay_verdict_text(&r), "no");
	assert_string_equal(replay_action_text(&r, REPLAY_UNKNOWN), "drop");
}

/* The first `count` of three datagrams of Chromium, whose hello takes two. */
static void begin_hello(struct replay *r, struct court *c, unsigned count)
{
	static uint8_t run[8192];
	size_t size = court_seed("fuzz_wire_quic", "chromium-156.0.8078.79-h3", run, sizeof run);
	struct datagrams d = datagrams_of(span_of(run, size));
	struct span datagram;

	court_begin(r, c, WEB, true, NULL, NULL);
	for (unsigned i = 0; i < count; i++) {
		assert_int_equal(datagrams_next(&d, &datagram), DATAGRAMS_ONE);
		replay_add(r, datagram);
	}
}

static void test_the_datagram_that_decides(void **state)
{
	struct replay r;

	begin_hello(&r, *state, 3);
	replay_add(&r, span_text("later"));
	replay_add(&r, span_text("and later"));
	assert_int_equal(replay_end(&r), ROUTE_QUIC);
	assert_int_equal(r.decided, 2);
	assert_int_equal(r.bytes, 3 * 1250 + 14);
	begin_hello(&r, *state, 1);
	assert_int_equal(replay_end(&r), REPLAY_UNKNOWN);
	assert_int_equal(r.decided, 0);
	assert_string_equal(replay_verdict_text(&r), "more");
	assert_int_equal(r.is.named, WIRE_ID_quic); /* it was sure but for the name */
	assert_int_equal(r.wanted, 1252 + 1);
}

/* With as many as are held it is decided, whatever is missing; an empty one is one, too. */
static void test_no_more_datagrams_than_are_held(void **state)
{
	static uint8_t large[DATAGRAMS_MOST_BYTES + 1];
	struct replay r;

	begin_hello(&r, *state, 1);
	for (unsigned i = 1; i < DATAGRAMS_MOST + 3; i++)
		replay_add(&r, span_of(NULL, 0));
	assert_int_equal(replay_end(&r), REPLAY_UNKNOWN);
	assert_int_equal(r.decided, DATAGRAMS_MOST);
	assert_int_equal(r.ends, DATAGRAMS_MOST);
	assert_int_equal(r.pieces, DATAGRAMS_MOST + 3);
	assert_int_equal(r.bytes, 1250);
	begin_hello(&r, *state, 1);
	replay_add(&r, span_of(large, DATAGRAMS_MOST_BYTES - 1250 + 1)); /* has no place */
	assert_int_equal(replay_end(&r), REPLAY_UNKNOWN);
	assert_int_equal(r.decided, 2);
	assert_int_equal(r.bytes, 1250);
	begin_hello(&r, *state, 0);
	replay_add(&r, span_of(large, sizeof large));
	assert_int_equal(replay_end(&r), REPLAY_UNKNOWN);
	assert_int_equal(r.decided, 1);
	assert_string_equal(replay_verdict_text(&r), "no");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_nothing_is_silent),
		cmocka_unit_test(test_empty_pieces),
		cmocka_unit_test(test_undecided_at_the_end),
		cmocka_unit_test(test_nobody_knows_it),
		cmocka_unit_test(test_sniff_bytes),
		cmocka_unit_test(test_pieces_do_not_matter),
		cmocka_unit_test(test_the_piece_that_decides),
		cmocka_unit_test(test_datagrams_that_nobody_knows),
		cmocka_unit_test(test_the_datagram_that_decides),
		cmocka_unit_test(test_no_more_datagrams_than_are_held),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
