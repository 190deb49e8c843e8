/* QUIC, the whole recogniser: real clients' flows, and verdicts on datagrams of every kind. */
#include "wire_quic_run.h"
#include "wire_samples.h"

static struct hello_bytes message;
static struct hello_bytes frames;
static struct hello_bytes datagram;

static void check_seed(const char *file, struct span sample)
{
	struct udp_run run = { .size = sample.size };

	print_message("%s\n", file);
	assert_true(sample.size <= sizeof run.bytes);
	memcpy(run.bytes, sample.data, sample.size);
	if (sample_is(file, "near-")) {
		quic_assert(&run, WIRE_NO, false, "");
		return;
	}
	quic_assert(&run, WIRE_YES, false,
		    sample_is(file, "rfc")    ? "example.com"
		    : strstr(file, "-noname") ? ""
					      : "a.seed.example");
	if (strstr(file, "-h3")) {
		assert_int_equal(run.hints.alpn_size, 3);
		assert_memory_equal(run.hints.alpn, "\2h3", 3);
	}
}

static void test_seeds(void **state)
{
	(void)state;
	sample_each("fuzz_wire_quic", check_seed);
}

/* One datagram with a hello for the name, as that client builds it. */
static void build_hello(struct quic_build *q, const char *name)
{
	run_hello(&message, name, 10);
	frames.size = 0;
	build_crypto(&frames, 0, span_of(message.data, message.size));
	datagram.size = 0;
	build_initial(&datagram, q, span_of(frames.data, frames.size), 1200);
}

static void test_versions(void **state)
{
	static const uint32_t versions[] = { BUILD_V1,   BUILD_V2,   0xff00001d, 0xff00001e,
					     0xff00001f, 0xff000020, 0xff000021, 0xff000022 };

	(void)state;
	for (size_t i = 0; i < sizeof versions / sizeof *versions; i++) {
		struct quic_build q = build_client(versions[i], "12345678");

		build_hello(&q, "a.b");
		quic_assert_one(&datagram, WIRE_YES, false, "a.b");
		q.is_bit_clear = true; /* RFC 9287 3: of no meaning where the version is known */
		build_hello(&q, "a.b");
		quic_assert_one(&datagram, WIRE_YES, false, "a.b");
	}
}

/* A first datagram of an unknown version is QUIC without a name, if it looks like a client's. */
static void test_other_versions(void **state)
{
	static const struct {
		uint32_t version;
		size_t dcid;
		size_t scid;
		enum wire_verdict verdict;
	} cases[] = {
		{ 0x1a2a3a4a, 8, 0, WIRE_YES },
		{ 0xfafafafa, 20, 20, WIRE_YES },
		{ 0x0a0a0a0a, 255, 255, WIRE_YES },
		{ 0x0a0a0a0a, 0, 0, WIRE_YES },
		{ 2, 255, 0, WIRE_YES },
		{ 0xff00001c, 1, 0, WIRE_YES },
		{ 0xfaceb002, 8, 8, WIRE_YES },
		{ 0xfaceb002, 7, 8, WIRE_NO },
		{ 0xfaceb002, 21, 8, WIRE_NO },
		{ 0xfaceb002, 20, 21, WIRE_NO },
		{ 0, 8, 8, WIRE_NO },
	};
	static const uint8_t id[255] = { 0 };

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct quic_build q = build_client(cases[i].version, "");

		q.dcid = span_of(id, cases[i].dcid);
		q.scid = span_of(id, cases[i].scid);
		datagram.size = 0;
		build_front(&datagram, &q, QUIC_INITIAL);
		hello_put_zeros(&datagram, 1200 - datagram.size);
		quic_assert_one(&datagram, cases[i].verdict, false, "");
		datagram.size--; /* too small for a server to answer */
		quic_assert_one(&datagram, WIRE_NO, false, "");
		datagram.size++;
		datagram.data[0] &= 0xbf; /* as RTP is */
		quic_assert_one(&datagram, WIRE_NO, false, "");
		datagram.data[0] = 0x7f; /* a short header */
		quic_assert_one(&datagram, WIRE_NO, false, "");
	}
}

/* Once it is QUIC of a known version, a datagram of an unknown one changes nothing. */
static void test_other_version_later(void **state)
{
	struct quic_build q = build_client(BUILD_V1, "12345678");
	struct quic_build other = build_client(0x1a2a3a4a, "12345678");
	struct udp_run run = { .size = 0 };

	(void)state;
	build_hello(&q, "a.b");
	datagram.size = 0;
	build_initial(&datagram, &q, span_of(frames.data, 0), 1200);
	run_add(&run, span_of(datagram.data, datagram.size));
	datagram.size = 0;
	build_front(&datagram, &other, QUIC_INITIAL);
	hello_put_zeros(&datagram, 1200);
	run_add(&run, span_of(datagram.data, datagram.size));
	quic_assert(&run, WIRE_MORE, true, "");
	build_hello(&q, "a.b");
	run_add(&run, span_of(datagram.data, datagram.size));
	quic_assert(&run, WIRE_YES, false, "a.b");
}

/* Datagrams of one byte, of none, and of no QUIC at all are refused at once. */
static void test_strangers(void **state)
{
	struct udp_run run = { .size = 0 };

	(void)state;
	run_add(&run, span_of(NULL, 0));
	quic_assert(&run, WIRE_NO, false, "");
	for (unsigned i = 0; i < 256; i++) {
		datagram.size = 0;
		hello_put_number(&datagram, 1, i);
		quic_assert_one(&datagram, WIRE_NO, false, "");
		while (datagram.size < 1300)
			hello_put_number(&datagram, 1, i);
		/* 0xcacacaca and its like are greased versions */
		quic_assert_one(&datagram, (i & 0xcf) == 0xca ? WIRE_YES : WIRE_NO, false, "");
	}
}

/* A client's Initial comes in 1200 bytes or more (RFC 9000 14.1): servers drop smaller ones. */
static void test_small_datagrams(void **state)
{
	struct quic_build q = build_client(BUILD_V1, "12345678");
	struct udp_run run = { .size = 0 };

	(void)state;
	build_hello(&q, "a.b");
	datagram.size = 0;
	build_initial(&datagram, &q, span_of(frames.data, frames.size), 1199);
	assert_int_equal(datagram.size, 1199);
	quic_assert_one(&datagram, WIRE_NO, false, "");
	hello_put_zeros(&datagram, 1); /* padding of the datagram does as well */
	quic_assert_one(&datagram, WIRE_YES, false, "a.b");
	datagram.size = 0;
	build_opaque(&datagram, &q, QUIC_0RTT, 50);
	run_add(&run, span_of(datagram.data, datagram.size));
	datagram.size = 0;
	build_initial(&datagram, &q, span_of(frames.data, frames.size), 1199);
	run_add(&run, span_of(datagram.data, datagram.size));
	quic_assert(&run, WIRE_MORE, true, "");
}

/* What cannot be the client's own choice (RFC 9000 7.2), but a server's in a Retry. */
static void test_connection_ids(void **state)
{
	static const char id[] = "12345678901234567890";

	(void)state;
	for (size_t size = 0; size <= 20; size++) {
		struct quic_build q = build_client(BUILD_V1, "");

		q.dcid = q.origin = span_of(id, size);
		build_hello(&q, "a.b");
		quic_assert_one(&datagram, size < 8 ? WIRE_NO : WIRE_YES, false, "a.b");
		q.token = span_text("given by the server");
		build_hello(&q, "a.b");
		quic_assert_one(&datagram, WIRE_YES, false, "a.b");
	}
}

static void test_first_kinds(void **state)
{
	static const uint32_t versions[] = { BUILD_V1, BUILD_V2 };

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		struct quic_build q = build_client(versions[i], "12345678");

		for (unsigned kind = 0; kind < 4; kind++) {
			static const enum wire_verdict verdicts[] = { WIRE_NO, WIRE_MORE, WIRE_YES,
								      WIRE_NO };

			datagram.size = 0;
			build_opaque(&datagram, &q, (enum quic_kind)kind, 1200);
			quic_assert_one(&datagram, verdicts[kind], true, "");
		}
	}
}

/* No byte of a packet may be another one: then no name is read, and mostly it is no QUIC. */
static void test_every_byte(void **state)
{
	struct quic_build q = build_client(BUILD_V1, "12345678");

	(void)state;
	build_hello(&q, "a.b");
	for (size_t at = 0; at < datagram.size; at++) {
		struct udp_run run = { .size = 0 };
		enum wire_verdict verdict;

		datagram.data[at] ^= 0x55;
		run_add(&run, span_of(datagram.data, datagram.size));
		verdict = quic_ask(&run);
		assert_true(verdict != WIRE_YES || run.hints.name_size == 0);
		if (at > 4)
			assert_int_equal(verdict, WIRE_NO);
		datagram.data[at] ^= 0x55;
	}
	for (size_t cut = 0; cut < datagram.size; cut++) {
		struct udp_run run = { .size = 0 };

		run_add(&run, span_of(datagram.data, cut));
		assert_int_equal(quic_ask(&run), WIRE_NO);
	}
}

/* What verifies but holds no readable hello is QUIC without a name: it is for a server to refuse it. */
static void test_bad_contents(void **state)
{
	static const struct {
		const char *what;
		size_t size;
	} contents[] = {
		{ "\x07\0\0", 3 },               /* NEW_TOKEN */
		{ "\x06\0\4\2\0\0\x30", 7 },     /* a ServerHello */
		{ "\x06\0\4\1\1\0\0", 7 },       /* longer than is held */
		{ "\x06\0\4\1\0\0\x28", 7 },     /* shorter than can be */
		{ "\x06\0\6\1\0\0\x30\2\0", 9 }, /* of version 2.0 */
		{ "\x06\0", 2 },                 /* cut */
	};

	(void)state;
	for (size_t i = 0; i < sizeof contents / sizeof *contents; i++) {
		struct quic_build q = build_client(BUILD_V1, "12345678");

		datagram.size = 0;
		build_initial(&datagram, &q, span_of(contents[i].what, contents[i].size),
			      contents[i].size == 2 ? 0 : 1200);
		hello_put_zeros(&datagram, datagram.size < 1200 ? 1200 - datagram.size : 0);
		quic_assert_one(&datagram, WIRE_YES, false, "");
	}
}

/* Two names in one hello: no server takes that (RFC 6066 3), so neither of them routes. */
static void test_two_names(void **state)
{
	struct quic_build q = build_client(BUILD_V1, "12345678");
	static struct hello_bytes extensions;

	(void)state;
	extensions.size = message.size = frames.size = datagram.size = 0;
	hello_put_server_name(&extensions, span_text("a.b"));
	hello_put_server_name(&extensions, span_text("c.d"));
	hello_put_message(&message, span_of(extensions.data, extensions.size));
	build_crypto(&frames, 0, span_of(message.data, message.size));
	build_initial(&datagram, &q, span_of(frames.data, frames.size), 1200);
	quic_assert_one(&datagram, WIRE_YES, false, "");
}

/* No more than may be held: after as many datagrams, or bytes, it is QUIC without a name. */
static void test_limits(void **state)
{
	struct quic_build q = build_client(BUILD_V1, "12345678");
	struct udp_run run = { .size = 0 };

	(void)state;
	run_hello(&message, "a.b", 3000);
	for (unsigned i = 0; i < DATAGRAMS_MOST; i++) {
		quic_assert(&run, WIRE_MORE, i > 0, "");
		frames.size = datagram.size = 0;
		build_crypto(&frames, 0, span_of(message.data, 100));
		build_initial(&datagram, &q, span_of(frames.data, frames.size), 1200);
		run_add(&run, span_of(datagram.data, datagram.size));
	}
	quic_assert(&run, WIRE_YES, false, "");
	run.size = 0;
	run_add(&run, span_of(datagram.data, datagram.size));
	for (unsigned i = 0; i < 2; i++) {
		datagram.size = 0;
		build_initial(&datagram, &q, span_of(NULL, 0), (DATAGRAMS_MOST_BYTES - 1200) / 2);
		run_add(&run, span_of(datagram.data, datagram.size));
		quic_assert(&run, WIRE_MORE, true, "");
	}
	memcpy(run.bytes + run.size, "\0\1\0", 3); /* one byte more than may be held */
	run.size += 3;
	quic_assert(&run, WIRE_YES, false, "");
	run.size = 0;
	memcpy(run.bytes, "\x60\1", 2); /* and a first one that is too large is none of QUIC */
	run.size = 2;
	quic_assert(&run, WIRE_NO, false, "");
}

/* The largest hello that can be held, and the smallest datagrams that can hold it. */
static void test_large_hello(void **state)
{
	struct quic_build q = build_client(BUILD_V1, "12345678");
	struct udp_run run = { .size = 0 };
	size_t at = 0;

	(void)state;
	run_hello(&message, "a.b", 22500);
	while (at < message.size) {
		size_t size = message.size - at < 1450 ? message.size - at : 1450;

		assert_int_equal(quic_ask(&run), WIRE_MORE);
		frames.size = datagram.size = 0;
		build_crypto(&frames, at, span_of(message.data + at, size));
		build_initial(&datagram, &q, span_of(frames.data, frames.size), 1200);
		run_add(&run, span_of(datagram.data, datagram.size));
		at += size;
	}
	quic_assert(&run, WIRE_YES, false, "a.b");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_seeds),          cmocka_unit_test(test_versions),
		cmocka_unit_test(test_other_versions), cmocka_unit_test(test_other_version_later),
		cmocka_unit_test(test_strangers),      cmocka_unit_test(test_small_datagrams),
		cmocka_unit_test(test_connection_ids), cmocka_unit_test(test_first_kinds),
		cmocka_unit_test(test_every_byte),     cmocka_unit_test(test_bad_contents),
		cmocka_unit_test(test_two_names),      cmocka_unit_test(test_limits),
		cmocka_unit_test(test_large_hello),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
