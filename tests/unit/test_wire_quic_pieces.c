/*
 * QUIC hellos in pieces: every order of the datagrams, with doubles among them,
 * overlapping and contradicting pieces, other packets beside them, and clients that
 * begin anew.
 */
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <linux/seccomp.h>

#include "wire_quic_run.h"

enum {
	PIECES_MOST = 5, /* datagrams of a hello that is permuted */
};

static struct hello_bytes message;
static struct hello_bytes frames;
static struct hello_bytes datagrams[PIECES_MOST + 2];

static struct span bytes_of(const struct hello_bytes *b)
{
	return span_of(b->data, b->size);
}

/* One more CRYPTO frame of the message, from..to. */
static void put_crypto(size_t from, size_t to)
{
	build_crypto(&frames, from, span_of(message.data + from, to - from));
}

/* An Initial packet of all frames put since the last one. */
static void put_initial(struct hello_bytes *to, struct quic_build *q)
{
	build_initial(to, q, bytes_of(&frames), 1200);
	frames.size = 0;
}

/* The datagrams by these numbers, in this order. */
static void run_of(struct quic_run *run, const unsigned *order, size_t count)
{
	run->size = 0;
	for (size_t i = 0; i < count; i++)
		run_add(run, bytes_of(&datagrams[order[i]]));
}

/* The next order of these numbers; false behind the last one. */
static bool next_order(unsigned *order, size_t count)
{
	size_t i = count - 1;
	size_t j = count - 1;

	while (i > 0 && order[i - 1] >= order[i])
		i--;
	if (i == 0)
		return false;
	while (order[j] <= order[i - 1])
		j--;
	for (size_t a = i - 1, b = j; a < b; a = i++, b = --count) {
		unsigned kept = order[a];

		order[a] = order[b];
		order[b] = kept;
	}
	return true;
}

/* Cut the message at `cuts` places into frames that go round among `count` datagrams, with PING and
 * PADDING between and an overlap of up to 9 bytes at each cut. */
static void scatter(struct quic_build *q, size_t count, size_t cuts, unsigned *seed)
{
	static struct hello_bytes parts[PIECES_MOST];
	size_t at = 0;

	for (size_t i = 0; i < count; i++)
		parts[i].size = 0;
	for (size_t cut = 0; cut <= cuts; cut++) {
		struct hello_bytes *part = &parts[cut < count ? cut : (size_t)rand_r(seed) % count];
		size_t left = message.size - at;
		size_t size = cut == cuts
				      ? left
				      : (size_t)rand_r(seed) % (2 * left / (cuts + 1 - cut) + 1);
		size_t back = (size_t)rand_r(seed) % 10;

		if (back > at)
			back = at;
		hello_put_number(part, 1, (size_t)rand_r(seed) % 2); /* PADDING or PING */
		build_crypto(part, at - back, span_of(message.data + at - back, size + back));
		at += size;
	}
	for (size_t i = 0; i < count; i++) {
		datagrams[i].size = 0;
		build_initial(&datagrams[i], q, bytes_of(&parts[i]), 1200);
	}
}

/* The name is known; by all laws, which take their time, or just so. */
static void assert_name(struct quic_run *run, bool by_law)
{
	if (by_law)
		run_assert(run, WIRE_YES, false, "a.seed.example");
	assert_int_equal(run_ask(run), WIRE_YES);
	assert_int_equal(run->hints.name_size, 14);
	assert_memory_equal(run->hints.name, "a.seed.example", 14);
}

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
			struct quic_run run = { .size = 0 };

			q.token = span_text(round < 2 ? "" : "a token of some earlier day");
			run_hello(&message, "a.seed.example", 1900);
			scatter(&q, count, 3 * count + round, &seed);
			do {
				run_of(&run, order, count - 1);
				assert_int_equal(run_ask(&run), WIRE_MORE);
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
	struct quic_run run = { .size = 0 };
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
			assert_int_equal(run_ask(&run), WIRE_MORE);
	}
}

/* A retransmission is cut otherwise: pieces of both sendings make one hello. */
static void test_cut_otherwise(void **state)
{
	struct quic_build q = build_client(BUILD_V1, "12345678");
	struct quic_run run = { .size = 0 };

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
	struct quic_run run = { .size = 0 };
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
	run_assert(&run, WIRE_YES, false, "aaaa.example");
	run_of(&run, (const unsigned[]){ 1, 0 }, 2);
	run_assert(&run, WIRE_YES, false, "bbbb.example");
	/* and within one packet */
	datagrams[0].size = 0;
	put_crypto(1, message.size);
	run_hello(&message, "aaaa.example", 10);
	put_crypto(0, message.size);
	put_initial(&datagrams[0], &q);
	run_of(&run, (const unsigned[]){ 0 }, 1);
	run_assert(&run, WIRE_YES, false, "bbbb.example");
}

/* 0-RTT of the same connection, before, between and behind the Initials: it is passed over. */
static void test_early_data(void **state)
{
	struct quic_build q = build_client(BUILD_V1, "12345678");
	unsigned order[] = { 0, 1, 2, 3 };
	struct quic_run run = { .size = 0 };
	unsigned seed = 5;

	(void)state;
	run_hello(&message, "a.seed.example", 1900);
	scatter(&q, 2, 9, &seed);
	datagrams[2].size = datagrams[3].size = 0;
	build_opaque(&datagrams[2], &q, QUIC_0RTT, 1100);
	build_opaque(&datagrams[3], &q, QUIC_0RTT, 60);
	do {
		run_of(&run, order, 4);
		run_assert(&run, WIRE_YES, false, "a.seed.example");
	} while (next_order(order, 4));
	run_of(&run, (const unsigned[]){ 3, 2 }, 2);
	run_assert(&run, WIRE_MORE, true, "");
}

/* Several packets in one datagram (RFC 9000 12.2), and what may lie behind them. */
static void test_coalesced(void **state)
{
	struct quic_build q = build_client(BUILD_V1, "12345678");
	struct quic_build other = build_client(BUILD_V1, "87654321");
	struct quic_run run = { .size = 0 };
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
		run_assert(&run, what < 3 ? WIRE_YES : WIRE_MORE, true, "a.seed.example");
	}
}

/* A Retry makes the client begin anew, to an id of the server's and with its token (RFC 9000 17.2.5):
 * pieces of before and after do not mix, and either of them may tell the name. */
static void test_retry(void **state)
{
	struct quic_build q = build_client(BUILD_V1, "12345678");
	struct quic_build again = build_client(BUILD_V1, "s");
	unsigned order[] = { 0, 1, 2, 3 };
	struct quic_run run = { .size = 0 };

	(void)state;
	again.token = span_text("the server's token");
	run_hello(&message, "aaaa.example", 1400);
	for (size_t i = 0; i < 4; i++)
		datagrams[i].size = 0;
	put_crypto(0, message.size - 30);
	put_initial(&datagrams[0], &q);
	put_crypto(message.size - 30, message.size);
	put_initial(&datagrams[1], &q);
	run_hello(&message, "bbbb.example", 1400);
	put_crypto(0, 30);
	put_initial(&datagrams[2], &again);
	put_crypto(30, message.size);
	put_initial(&datagrams[3], &again);
	do {
		unsigned place[4];

		for (unsigned i = 0; i < 4; i++)
			place[order[i]] = i;
		run_of(&run, order, 4);
		run_assert(&run, WIRE_YES, false,
			   (place[0] > place[1] ? place[0] : place[1]) <
					   (place[2] > place[3] ? place[2] : place[3])
				   ? "aaaa.example"
				   : "bbbb.example");
	} while (next_order(order, 4));
	run_of(&run, (const unsigned[]){ 0, 3 }, 2);
	run_assert(&run, WIRE_MORE, true, "");
}

/* Of three beginnings the oldest is given up; of a few dozen still no more than two are kept. */
static void test_many_beginnings(void **state)
{
	static const char *const ids[] = { "11111111", "22222222", "33333333" };
	struct quic_run run = { .size = 0 };

	(void)state;
	run_hello(&message, "a.seed.example", 1400);
	for (size_t i = 0; i < 3; i++) {
		struct quic_build q = build_client(BUILD_V1, ids[i]);

		datagrams[i].size = datagrams[i + 3].size = 0;
		put_crypto(0, message.size / 2);
		put_initial(&datagrams[i], &q);
		put_crypto(message.size / 2, message.size);
		put_initial(&datagrams[i + 3], &q);
	}
	run_of(&run, (const unsigned[]){ 0, 1, 2, 3 }, 4);
	run_assert(&run, WIRE_MORE, true, "");
	run_of(&run, (const unsigned[]){ 0, 1, 2, 3, 4 }, 5); /* 3 has begun once more */
	run_assert(&run, WIRE_MORE, true, "");
	run_of(&run, (const unsigned[]){ 0, 1, 2, 4 }, 4);
	run_assert(&run, WIRE_YES, false, "a.seed.example");
	run_of(&run, (const unsigned[]){ 0, 1, 2, 5 }, 4);
	run_assert(&run, WIRE_YES, false, "a.seed.example");
	run_of(&run, (const unsigned[]){ 0, 1, 4 }, 3);
	run_assert(&run, WIRE_YES, false, "a.seed.example");
	run_of(&run, (const unsigned[]){ 0, 1, 3 }, 3);
	run_assert(&run, WIRE_YES, false, "a.seed.example");
}

/* A client that heard of the server sends to the server's id, under the keys of its own first one. */
static void test_server_id(void **state)
{
	struct quic_build q = build_client(BUILD_V1, "12345678");
	struct quic_run run = { .size = 0 };

	(void)state;
	run_hello(&message, "a.seed.example", 1400);
	datagrams[0].size = datagrams[1].size = 0;
	put_crypto(0, 1000);
	put_initial(&datagrams[0], &q);
	q.dcid = span_text("srv");
	hello_put(&frames, "\2\0\0\0\0", 5); /* an ACK */
	put_crypto(1000, message.size);
	put_initial(&datagrams[1], &q);
	run_of(&run, (const unsigned[]){ 0, 1 }, 2);
	run_assert(&run, WIRE_YES, false, "a.seed.example");
	run_of(&run, (const unsigned[]){ 1, 0 }, 2);
	run_assert(&run, WIRE_NO, false, ""); /* whose keys these are nobody knows */
}

/* What does not verify changes nothing of what did. */
static void test_garbage_between(void **state)
{
	struct quic_build q = build_client(BUILD_V1, "12345678");
	struct quic_run run = { .size = 0 };
	unsigned seed = 9;

	(void)state;
	run_hello(&message, "a.seed.example", 1400);
	scatter(&q, 2, 4, &seed);
	for (unsigned what = 0; what < 5; what++) {
		struct hello_bytes *d = &datagrams[2];

		d->size = 0;
		if (what == 0)
			build_opaque(d, &q, QUIC_INITIAL, 1250);
		if (what == 1)
			hello_put_zeros(d, 1250);
		if (what == 2)
			build_opaque(d, &q, QUIC_RETRY, 100);
		if (what == 3)
			build_opaque(d, &q, QUIC_HANDSHAKE, 100);
		run_of(&run, (const unsigned[]){ 0, 2, 1 }, 3);
		run_assert(&run, WIRE_YES, false, "a.seed.example");
	}
}

#if !defined(__SANITIZE_ADDRESS__)
/* Behind the sniffer's walls there is no system call but read and write: a hello is read there. */
static void test_no_system_call(void **state)
{
	static struct quic_run run;
	struct quic_build q = build_client(BUILD_V2, "12345678");
	unsigned seed = 3;
	int status;
	pid_t child;

	(void)state;
	run_hello(&message, "a.seed.example", 1400);
	scatter(&q, 3, 9, &seed);
	run_of(&run, (const unsigned[]){ 2, 0, 1 }, 3);
	child = fork();
	assert_true(child >= 0);
	if (child == 0) {
		if (prctl(PR_SET_SECCOMP, SECCOMP_MODE_STRICT) != 0)
			_exit(2);
		(void)syscall(SYS_exit, run_ask(&run) == WIRE_YES ? 0 : 1);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	if (WIFEXITED(status) && WEXITSTATUS(status) == 2)
		skip(); /* a kernel without seccomp */
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 0);
}
#endif

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_every_order),
		cmocka_unit_test(test_doubles),
		cmocka_unit_test(test_cut_otherwise),
		cmocka_unit_test(test_contradiction),
		cmocka_unit_test(test_early_data),
		cmocka_unit_test(test_coalesced),
		cmocka_unit_test(test_retry),
		cmocka_unit_test(test_many_beginnings),
		cmocka_unit_test(test_server_id),
		cmocka_unit_test(test_garbage_between),
#if !defined(__SANITIZE_ADDRESS__)
		cmocka_unit_test(test_no_system_call),
#endif
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
