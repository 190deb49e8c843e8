/*
 * QUIC clients that begin anew, go on under a server's id, or have garbage between
 * their datagrams; and all of it with no system call.
 */
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <linux/seccomp.h>

#include "wire_quic_pieces.h"

/* A Retry makes the client begin anew, to an id of the server's and with its token (RFC 9000 17.2.5):
 * pieces of before and after do not mix, and either of them may tell the name. */
static void test_retry(void **state)
{
	struct quic_build q = build_client(BUILD_V1, "12345678");
	struct quic_build again = build_client(BUILD_V1, "s");
	unsigned order[] = { 0, 1, 2, 3 };
	struct udp_run run = { .size = 0 };

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
		quic_assert(&run, WIRE_YES, false,
			    (place[0] > place[1] ? place[0] : place[1]) <
					    (place[2] > place[3] ? place[2] : place[3])
				    ? "aaaa.example"
				    : "bbbb.example");
	} while (next_order(order, 4));
	run_of(&run, (const unsigned[]){ 0, 3 }, 2);
	quic_assert(&run, WIRE_MORE, true, "");
}

/* Of three beginnings the oldest is given up; of a few dozen still no more than two are kept. */
static void test_many_beginnings(void **state)
{
	static const char *const ids[] = { "11111111", "22222222", "33333333" };
	struct udp_run run = { .size = 0 };

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
	quic_assert(&run, WIRE_MORE, true, "");
	run_of(&run, (const unsigned[]){ 0, 1, 2, 3, 4 }, 5); /* 3 has begun once more */
	quic_assert(&run, WIRE_MORE, true, "");
	run_of(&run, (const unsigned[]){ 0, 1, 2, 4 }, 4);
	quic_assert(&run, WIRE_YES, false, "a.seed.example");
	run_of(&run, (const unsigned[]){ 0, 1, 2, 5 }, 4);
	quic_assert(&run, WIRE_YES, false, "a.seed.example");
	run_of(&run, (const unsigned[]){ 0, 1, 4 }, 3);
	quic_assert(&run, WIRE_YES, false, "a.seed.example");
	run_of(&run, (const unsigned[]){ 0, 1, 3 }, 3);
	quic_assert(&run, WIRE_YES, false, "a.seed.example");
}

/* A client that heard of the server sends to the server's id, under the keys of its own first one. */
static void test_server_id(void **state)
{
	struct quic_build q = build_client(BUILD_V1, "12345678");
	struct udp_run run = { .size = 0 };

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
	quic_assert(&run, WIRE_YES, false, "a.seed.example");
	run_of(&run, (const unsigned[]){ 1, 0 }, 2);
	quic_assert(&run, WIRE_NO, false, ""); /* whose keys these are nobody knows */
}

/* One datagram with packets of two versions (RFC 9368 2.3 has clients change it): each under its keys. */
static void test_two_versions(void **state)
{
	struct quic_build one = build_client(BUILD_V1, "12345678");
	struct quic_build two = build_client(BUILD_V2, "12345678");
	struct udp_run run = { .size = 0 };

	(void)state;
	run_hello(&message, "a.seed.example", 700);
	datagrams[0].size = 0;
	build_opaque(&datagrams[0], &one, QUIC_INITIAL, 100); /* does not verify */
	put_crypto(0, message.size);
	put_initial(&datagrams[0], &two);
	run_of(&run, (const unsigned[]){ 0 }, 1);
	quic_assert(&run, WIRE_YES, false, "a.seed.example");
}

/* What does not verify changes nothing of what did. */
static void test_garbage_between(void **state)
{
	struct quic_build q = build_client(BUILD_V1, "12345678");
	struct udp_run run = { .size = 0 };
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
		quic_assert(&run, WIRE_YES, false, "a.seed.example");
	}
}

#if !defined(__SANITIZE_ADDRESS__)
/* Behind the sniffer's walls there is no system call but read and write: a hello is read there. */
static void test_no_system_call(void **state)
{
	static struct udp_run run;
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
		(void)syscall(SYS_exit, quic_ask(&run) == WIRE_YES ? 0 : 1);
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
		cmocka_unit_test(test_retry),
		cmocka_unit_test(test_many_beginnings),
		cmocka_unit_test(test_server_id),
		cmocka_unit_test(test_garbage_between),
		cmocka_unit_test(test_two_versions),
#if !defined(__SANITIZE_ADDRESS__)
		cmocka_unit_test(test_no_system_call),
#endif
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
