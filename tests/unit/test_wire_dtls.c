/* DTLS, the whole recogniser: real clients, and hellos in pieces of every kind. */
#include "wire/dtls_record.h"
#include "wire_dtls.h"
#include "wire_samples.h"
#include "wire_udp_run.h"

static struct hello_bytes body;
static struct hello_bytes datagrams[DATAGRAMS_MOST];

static void assert_run(struct udp_run *run, enum wire_verdict verdict, bool is_sure,
		       const char *name)
{
	run_assert(run, WIRE_ID_dtls, verdict, is_sure, name);
}

static void check_seed(const char *file, struct span sample)
{
	struct udp_run run;

	print_message("%s\n", file);
	run_take(&run, sample);
	if (sample_is(file, "near-")) {
		assert_run(&run, WIRE_NO, false, "");
		return;
	}
	assert_run(&run, WIRE_YES, false, strstr(file, "-noname") ? "" : "a.seed.example");
	if (strstr(file, "-h3")) {
		assert_int_equal(run.hints.alpn_size, 3);
		assert_memory_equal(run.hints.alpn, "\2h3", 3);
	}
}

static void test_seeds(void **state)
{
	(void)state;
	sample_each("fuzz_wire_dtls", check_seed);
}

/* One datagram with one record that has these bytes of the hello. */
static void put_datagram(unsigned at, unsigned number, size_t from, size_t to)
{
	datagrams[at].size = 0;
	dtls_put_record(&datagrams[at], DTLS_BUILD_1_2, at, &body, number, from, to);
}

static void run_of(struct udp_run *run, const unsigned *order, size_t count)
{
	run->size = 0;
	for (size_t i = 0; i < count; i++)
		run_add(run, span_of(datagrams[order[i]].data, datagrams[order[i]].size));
}

static void open_hello(size_t padding)
{
	body.size = 0;
	dtls_hello(&body, DTLS_BUILD_1_2, 0, "a.seed.example", padding);
}

/* Every version, with cookies of every size. */
static void test_whole(void **state)
{
	static const unsigned versions[] = { DTLS_BUILD_1_0, DTLS_BUILD_1_2, DTLS_BUILD_BAD };
	struct udp_run run;

	(void)state;
	for (size_t cookie = 0; cookie < 256; cookie += cookie < 4 ? 1 : 36) {
		for (size_t i = 0; i < 3; i++) {
			body.size = datagrams[0].size = 0;
			dtls_hello(&body, versions[i], cookie, "a.b", 1);
			dtls_put_record(&datagrams[0], versions[i], 1, &body, cookie > 0, 0,
					body.size);
			run_of(&run, (const unsigned[]){ 0 }, 1);
			assert_run(&run, WIRE_YES, false, "a.b");
			assert_int_equal(run.hints.alpn_size, 5);
			assert_memory_equal(run.hints.alpn, "\4coap", 5);
		}
	}
}

/* Three pieces, in every order, with one of them twice, and garbage between: sure from the first on,
 * a name with the last. */
static void test_orders(void **state)
{
	static const unsigned orders[][3] = { { 0, 1, 2 }, { 0, 2, 1 }, { 1, 0, 2 },
					      { 1, 2, 0 }, { 2, 0, 1 }, { 2, 1, 0 } };
	struct udp_run run;

	(void)state;
	open_hello(500);
	put_datagram(0, 0, 0, 200);
	put_datagram(1, 0, 150, 400); /* they overlap */
	put_datagram(2, 0, 400, body.size);
	for (size_t i = 0; i < 6; i++) {
		run_of(&run, orders[i], 1);
		assert_run(&run, WIRE_MORE, true, "");
		run_add(&run, span_of(datagrams[orders[i][0]].data, datagrams[orders[i][0]].size));
		assert_run(&run, WIRE_MORE, true, "");
		run_add(&run, span_text("garbage"));
		run_add(&run, span_of(NULL, 0));
		run_add(&run, span_of(datagrams[orders[i][1]].data, datagrams[orders[i][1]].size));
		assert_run(&run, WIRE_MORE, true, "");
		run_add(&run, span_of(datagrams[orders[i][2]].data, datagrams[orders[i][2]].size));
		assert_run(&run, WIRE_YES, false, "a.seed.example");
	}
}

/* Pieces of one byte, of all sizes up to as many as may be held, and all in one datagram. */
static void test_piece_sizes(void **state)
{
	(void)state;
	open_hello(30);
	for (size_t size = 1; size <= body.size; size++) {
		struct udp_run run = { .size = 0 };
		size_t count = (body.size + size - 1) / size;

		datagrams[0].size = 0;
		for (size_t i = count; i > 0; i--)
			dtls_put_record(&datagrams[0], DTLS_BUILD_1_2, 0, &body, 0, (i - 1) * size,
					i == count ? body.size : i * size);
		run_add(&run, span_of(datagrams[0].data, datagrams[0].size));
		assert_int_equal(run_ask(&run, WIRE_ID_dtls), WIRE_YES);
		sample_assert_name(&run.hints, "a.seed.example");
	}
}

/* The second hello, with the server's cookie, while pieces of the first are still under way. */
static void test_second_hello(void **state)
{
	struct udp_run run;

	(void)state;
	open_hello(300);
	put_datagram(0, 0, 0, 200);
	put_datagram(1, 0, 200, body.size);
	body.size = 0;
	dtls_hello(&body, DTLS_BUILD_1_2, 32, "b.seed.example", 300);
	put_datagram(2, 1, 0, 200);
	put_datagram(3, 1, 200, body.size);
	run_of(&run, (const unsigned[]){ 0, 2 }, 2);
	assert_run(&run, WIRE_MORE, true, "");
	run_of(&run, (const unsigned[]){ 0, 2, 3 }, 3);
	assert_run(&run, WIRE_YES, false, "b.seed.example");
	run_of(&run, (const unsigned[]){ 2, 0, 1 }, 3);
	assert_run(&run, WIRE_YES, false, "a.seed.example");
	run_of(&run, (const unsigned[]){ 3, 2 }, 2);
	assert_run(&run, WIRE_YES, false, "b.seed.example");
}

/* A client that begins anew with another hello, again and again: the last two are told apart. */
static void test_many_hellos(void **state)
{
	struct udp_run run;

	(void)state;
	for (unsigned i = 0; i < 3; i++) {
		open_hello(100 + i);
		put_datagram(2 * i, 0, 0, 100);
		put_datagram(2 * i + 1, 0, 100, body.size);
	}
	run_of(&run, (const unsigned[]){ 0, 2, 4, 3 }, 4);
	assert_run(&run, WIRE_YES, false, "a.seed.example");
	run_of(&run, (const unsigned[]){ 0, 2, 4, 1 }, 4); /* that one was forgotten */
	assert_run(&run, WIRE_MORE, true, "");
}

/* What was said to be DTLS stays it, and one that is refused at once is nothing. */
static void test_bad_hellos(void **state)
{
	static const struct {
		size_t at;
		uint8_t byte;
	} bad[] = { { 0, 3 }, { 1, 0xfc }, { 34, 33 }, { 35, 0xff }, { 37, 1 }, { 40, 0 } };
	struct udp_run run;

	(void)state;
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		open_hello(100);
		body.data[bad[i].at] = bad[i].byte;
		put_datagram(0, 0, 0, body.size);
		run_of(&run, (const unsigned[]){ 0 }, 1);
		assert_run(&run, WIRE_NO, false, "");
		put_datagram(0, 0, 60, body.size);
		put_datagram(1, 0, 0, 60);
		run_of(&run, (const unsigned[]){ 0, 1 }, 2);
		assert_run(&run, WIRE_YES, false, "");
	}
}

/* Two names in one hello: no server takes that (RFC 6066 3), so neither of them routes. */
static void test_two_names(void **state)
{
	static struct hello_bytes two;
	struct udp_run run;
	size_t extensions;

	(void)state;
	body.size = two.size = 0;
	dtls_hello(&body, DTLS_BUILD_1_2, 0, NULL, 0);
	hello_put(&two, body.data, 42);
	extensions = hello_open(&two, 2);
	hello_put_server_name(&two, span_text("a.b"));
	hello_put_server_name(&two, span_text("c.d"));
	hello_close(&two, extensions, 2);
	body = two;
	put_datagram(0, 0, 0, body.size);
	run_of(&run, (const unsigned[]){ 0 }, 1);
	assert_run(&run, WIRE_NO, false, "");
	put_datagram(0, 0, 0, 50);
	put_datagram(1, 0, 50, body.size);
	run_of(&run, (const unsigned[]){ 0, 1 }, 2);
	assert_run(&run, WIRE_YES, false, "");
}

/* No extensions at all: DTLS 1.0 allowed it. */
static void test_no_extensions(void **state)
{
	struct udp_run run;

	(void)state;
	body.size = 0;
	dtls_hello(&body, DTLS_BUILD_1_0, 0, NULL, 0);
	body.size = 42;
	put_datagram(0, 0, 0, body.size);
	run_of(&run, (const unsigned[]){ 0 }, 1);
	assert_run(&run, WIRE_YES, false, "");
	assert_int_equal(run.hints.alpn_size, 0);
}

/* After as many datagrams, or bytes, as may be held it is DTLS without a name. */
static void test_limits(void **state)
{
	struct udp_run run = { .size = 0 };

	(void)state;
	open_hello(3000);
	put_datagram(0, 0, 0, 100);
	for (unsigned i = 0; i < DATAGRAMS_MOST; i++) {
		assert_run(&run, WIRE_MORE, i > 0, "");
		run_add(&run, span_of(datagrams[0].data, datagrams[0].size));
	}
	assert_run(&run, WIRE_YES, false, "");
	run.size = 0;
	memcpy(run.bytes, "\x60\1", 2); /* a first one that is too large */
	run.size = 2;
	assert_run(&run, WIRE_NO, false, "");
}

/* The largest hello that can be held. */
static void test_large_hello(void **state)
{
	struct udp_run run = { .size = 0 };

	(void)state;
	open_hello(23000);
	assert_true(body.size < DTLS_HELLO_MOST);
	for (unsigned i = 0; i < 15; i++) {
		size_t from = body.size * i / 15;

		put_datagram(i, 0, from, body.size * (i + 1) / 15);
		run_add(&run, span_of(datagrams[i].data, datagrams[i].size));
	}
	assert_run(&run, WIRE_YES, false, "a.seed.example");
}

static void test_strangers(void **state)
{
	(void)state;
	run_assert_one(span_of(NULL, 0), WIRE_ID_dtls, WIRE_NO);
	for (unsigned i = 0; i < 256; i++) {
		uint8_t bytes[200];

		memset(bytes, (int)i, sizeof bytes);
		run_assert_one(span_of(bytes, sizeof bytes), WIRE_ID_dtls, WIRE_NO);
		run_assert_one(span_of(bytes, 1), WIRE_ID_dtls, WIRE_NO);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_seeds),         cmocka_unit_test(test_whole),
		cmocka_unit_test(test_orders),        cmocka_unit_test(test_piece_sizes),
		cmocka_unit_test(test_second_hello),  cmocka_unit_test(test_many_hellos),
		cmocka_unit_test(test_bad_hellos),    cmocka_unit_test(test_two_names),
		cmocka_unit_test(test_no_extensions), cmocka_unit_test(test_limits),
		cmocka_unit_test(test_large_hello),   cmocka_unit_test(test_strangers),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
