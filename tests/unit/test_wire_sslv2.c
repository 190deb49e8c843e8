/* The SSLv2-compatible hello: real ones of scanners, and every field wrong in turn. */
#include "wire_samples.h"

/* As RFC 5246 E.2 has it: length 46, TLS 1.0, 21 bytes of ciphers, no session id, 16 random bytes. */
static const uint8_t compatible[] = { 0x80, 46, 1, 3, 1, 0, 21, 0, 0, 0, 16 };

static bool has_high_bit(uint8_t byte)
{
	return byte >= 0x80;
}

static void test_first_byte(void **state)
{
	(void)state;
	sample_assert_first_bytes(WIRE_ID_sslv2, has_high_bit);
}

static void check_seed(const char *file, struct span sample)
{
	print_message("%s\n", file);
	sample_assert(WIRE_ID_sslv2, sample, sample_is(file, "near-") ? WIRE_NO : WIRE_YES);
}

static void test_seeds(void **state)
{
	(void)state;
	sample_each("fuzz_wire_sslv2", check_seed);
}

static void test_compatible(void **state)
{
	struct wire_hints hints;

	(void)state;
	sample_assert(WIRE_ID_sslv2, span_of(compatible, sizeof compatible), WIRE_YES);
	assert_int_equal(sample_ask(WIRE_ID_sslv2, span_of(compatible, 11), &hints), WIRE_YES);
	assert_int_equal(hints.name_size, 0);
	assert_int_equal(hints.alpn_size, 0);
	for (size_t size = 0; size < sizeof compatible; size++) {
		assert_int_equal(sample_ask(WIRE_ID_sslv2, span_of(compatible, size), &hints),
				 WIRE_MORE);
		assert_int_equal(hints.wanted, size < 5 ? size + 1 : (size + 1) / 2 * 2 + 1);
	}
}

/* Offset and new bytes; the smallest prefix that is refused; 0 when it is still good. */
struct change {
	size_t at;
	uint8_t bytes[2];
	size_t count;
	size_t refused_at;
};

static void check_change(const struct change *c)
{
	uint8_t hello[sizeof compatible];
	struct wire_hints hints;

	memcpy(hello, compatible, sizeof hello);
	memcpy(hello + c->at, c->bytes, c->count);
	sample_assert(WIRE_ID_sslv2, span_of(hello, sizeof hello),
		      c->refused_at ? WIRE_NO : WIRE_YES);
	if (!c->refused_at)
		return;
	assert_int_equal(sample_ask(WIRE_ID_sslv2, span_of(hello, c->refused_at), &hints), WIRE_NO);
	assert_int_equal(sample_ask(WIRE_ID_sslv2, span_of(hello, c->refused_at - 1), &hints),
			 WIRE_MORE);
}

static void test_each_field(void **state)
{
	static const struct change changes[] = {
		{ 0, { 0x00 }, 1, 1 },        /* a header of three bytes, never on a hello */
		{ 0, { 0x7f }, 1, 1 },        /* */
		{ 1, { 27 }, 1, 2 },          /* shorter than any hello */
		{ 1, { 45 }, 1, 7 },          /* not the sum of what is inside */
		{ 1, { 47 }, 1, 11 },         /* */
		{ 0, { 0xff, 0xff }, 2, 11 }, /* */
		{ 2, { 0 }, 1, 3 },           /* other messages; Thrift and memcached begin so */
		{ 2, { 4 }, 1, 3 },           /* */
		{ 3, { 1 }, 1, 4 },           /* other versions */
		{ 3, { 0x03, 0x04 }, 2, 5 },  /* */
		{ 3, { 0x00, 0x01 }, 2, 5 },  /* */
		{ 3, { 0x00, 0x03 }, 2, 5 },  /* */
		{ 3, { 0x00, 0x02 }, 2, 0 },  /* SSLv2 itself */
		{ 3, { 0x03, 0x00 }, 2, 0 },  /* SSLv3 */
		{ 3, { 0x03, 0x03 }, 2, 0 },  /* TLS 1.2 */
		{ 5, { 0, 0 }, 2, 7 },        /* no ciphers */
		{ 5, { 0, 20 }, 2, 7 },       /* not in threes */
		{ 5, { 0, 24 }, 2, 7 },       /* more than there is room for */
		{ 7, { 0, 1 }, 2, 9 },        /* a session id of another size */
		{ 7, { 0, 16 }, 2, 9 },       /* one that passes the end */
		{ 9, { 0, 15 }, 2, 11 },      /* a challenge too short, too long */
		{ 9, { 0, 33 }, 2, 11 },      /* */
		{ 9, { 1, 16 }, 2, 11 },      /* */
	};

	(void)state;
	for (size_t i = 0; i < sizeof changes / sizeof changes[0]; i++)
		check_change(&changes[i]);
}

/* The outer length right, so that it is the field itself that decides. */
static void test_limits(void **state)
{
	static const struct {
		uint8_t hello[11];
		enum wire_verdict verdict;
	} cases[] = {
		{ { 0x80, 62, 1, 0, 2, 0, 21, 0, 16, 0, 16 },
		  WIRE_YES }, /* SSLv2 with a session id */
		{ { 0x80, 28, 1, 3, 0, 0, 3, 0, 0, 0, 16 }, WIRE_YES }, /* the smallest there is */
		{ { 0x80, 45, 1, 3, 1, 0, 21, 0, 0, 0, 15 }, WIRE_NO },
		{ { 0x80, 62, 1, 3, 1, 0, 21, 0, 0, 0, 32 }, WIRE_YES },
		{ { 0x80, 63, 1, 3, 1, 0, 21, 0, 0, 0, 33 }, WIRE_NO },
		{ { 0x80, 61, 1, 3, 1, 0, 21, 0, 15, 0, 16 }, WIRE_NO },
		{ { 0xff, 0xfc, 1, 3, 1, 0x7f, 0xe3, 0, 0, 0, 16 }, WIRE_YES }, /* the largest */
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
		sample_assert(WIRE_ID_sslv2, span_of(cases[i].hello, 11), cases[i].verdict);
	assert_int_equal(wire_proto_at(WIRE_ID_sslv2)->tcp.most_bytes, 11);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_first_byte), cmocka_unit_test(test_seeds),
		cmocka_unit_test(test_compatible), cmocka_unit_test(test_each_field),
		cmocka_unit_test(test_limits),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
