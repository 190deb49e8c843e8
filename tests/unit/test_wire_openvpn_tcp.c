/* OpenVPN by TCP: the sizes in front, each field byte by byte, and what another protocol has there. */
#include "wire/dns.h"
#include "wire_steps.h"

enum {
	PLAIN = 14,
	AUTH = 22,
	CRYPT = 54,
	KEY_LEAST = 290,
	KEY_MOST = 1024,
};

/* A stream that begins with a reset: where it does not count, bytes that fit nothing else. */
struct stream {
	uint8_t bytes[2 + CRYPT + KEY_MOST + 16];
	size_t size;
};

static struct stream stream_of(size_t size, uint8_t opcode)
{
	struct stream s = { .size = 2 + size };

	memset(s.bytes, 0x5a, sizeof s.bytes);
	s.bytes[0] = (uint8_t)(size >> 8);
	s.bytes[1] = (uint8_t)size;
	s.bytes[2] = opcode;
	return s;
}

static struct stream plain(void)
{
	struct stream s = stream_of(PLAIN, 0x38);

	memset(s.bytes + 11, 0, 5);
	return s;
}

static struct stream authenticated(size_t digest)
{
	struct stream s = stream_of(AUTH + digest, 0x38);

	memcpy(s.bytes + 11 + digest, "\0\0\0\1", 4);
	memset(s.bytes + s.size - 5, 0, 5);
	return s;
}

static struct stream encrypted(void)
{
	struct stream s = stream_of(CRYPT, 0x38);

	memcpy(s.bytes + 11, "\0\0\0\1", 4);
	return s;
}

static struct stream with_key(size_t key)
{
	struct stream s = stream_of(CRYPT + key, 0x50);

	memcpy(s.bytes + 11, "\x0f\0\0\1", 4);
	s.bytes[s.size - 2] = (uint8_t)(key >> 8);
	s.bytes[s.size - 1] = (uint8_t)key;
	return s;
}

/* Decided after so many bytes. */
static void expect(struct stream s, enum wire_verdict verdict, size_t decided)
{
	steps_assert(WIRE_ID_openvpn, span_of(s.bytes, s.size), verdict, decided);
}

static void expect_yes(struct stream s)
{
	expect(s, WIRE_YES, s.size);
}

/* With another byte there it is refused as soon as that is read. */
static void expect_no(struct stream s, size_t at, uint8_t byte)
{
	s.bytes[at] = byte;
	expect(s, WIRE_NO, at + 1);
}

static bool begins_openvpn(uint8_t byte)
{
	return byte <= 4;
}

static void test_first_byte(void **state)
{
	(void)state;
	sample_assert_first_bytes(WIRE_ID_openvpn, begins_openvpn);
}

static void check_seed(const char *file, struct span sample)
{
	steps_assert_seed(WIRE_ID_openvpn, file, sample);
}

static void test_seeds(void **state)
{
	(void)state;
	sample_each("fuzz_wire_openvpn_tcp", check_seed);
}

static void test_plain(void **state)
{
	(void)state;
	expect_yes(plain());
	for (size_t at = 11; at < 16; at++)
		expect_no(plain(), at, 1);
	for (unsigned opcode = 0; opcode < 256; opcode++) {
		if (opcode != 0x38)
			expect_no(plain(), 2, (uint8_t)opcode);
	}
}

static void test_authenticated(void **state)
{
	static const size_t digests[] = { 16, 20, 24, 28, 36, 48, 64 };

	(void)state;
	for (size_t i = 0; i < sizeof digests / sizeof *digests; i++) {
		struct stream s = authenticated(digests[i]);

		expect_yes(s);
		expect_no(s, 11 + digests[i], 1);
		expect_no(s, 11 + digests[i] + 2, 1);
		expect_no(s, 11 + digests[i] + 3, 0);
		expect_no(s, s.size - 5, 1);
		expect_no(s, s.size - 1, 1);
		expect_no(s, 2, 0x50);
	}
}

/* Of the same size as with a digest of 32 bytes: it is one or the other. */
static void test_encrypted(void **state)
{
	struct stream s = encrypted();

	(void)state;
	expect_yes(s);
	expect_yes(authenticated(32));
	s.bytes[11] = 1;
	expect(s, WIRE_NO, 11 + 32 + 1); /* where then a packet id should be */
	s = authenticated(32);
	s.bytes[s.size - 1] = 1;
	expect(s, WIRE_NO, s.size);
	s = encrypted();
	memcpy(s.bytes + s.size - 13, authenticated(32).bytes + s.size - 13, 13);
	expect_yes(s); /* both */
}

static void test_with_key(void **state)
{
	(void)state;
	expect_yes(with_key(KEY_LEAST));
	expect_yes(with_key(299));
	expect_yes(with_key(KEY_MOST));
	expect_no(with_key(299), 2, 0x38);
	expect_no(with_key(299), 11, 0x0e);
	expect_no(with_key(299), 12, 1);
	expect_no(with_key(299), 14, 0);
	expect_no(with_key(299), 2 + CRYPT + 297, 2);
	expect_no(with_key(299), 2 + CRYPT + 298, 0);
	expect(with_key(KEY_LEAST - 1), WIRE_NO, 2);
	expect(stream_of(CRYPT + KEY_MOST + 1, 0x50), WIRE_NO, 2);
}

/* Only a few sizes are those of a reset: all others are refused by their two bytes, or one. */
static void test_sizes(void **state)
{
	unsigned left = 0;

	(void)state;
	for (size_t size = 0; size <= UINT16_MAX; size++) {
		const uint8_t bytes[] = { (uint8_t)(size >> 8), (uint8_t)size };
		struct wire_hints hints;
		enum wire_verdict verdict = sample_ask(WIRE_ID_openvpn, span_of(bytes, 2), &hints);

		assert_int_not_equal(verdict, WIRE_YES);
		left += verdict == WIRE_MORE;
	}
	assert_int_equal(left, 1 + 8 + KEY_MOST - KEY_LEAST + 1 - 2);
	expect(stream_of(0x0401, 0x50), WIRE_NO, 2); /* SOCKS 4 */
	expect(stream_of(0x0402, 0x50), WIRE_NO, 2);
	expect_yes(with_key(0x0400 - CRYPT));
	expect_yes(with_key(0x0403 - CRYPT));
}

static void test_no_session(void **state)
{
	struct stream cases[] = { plain(), authenticated(20), encrypted(), with_key(290) };

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		memset(cases[i].bytes + 3, 0, 8);
		expect(cases[i], WIRE_NO, 11);
	}
}

/* The header of a query of DNS, whatever follows; or one byte of it is not. */
static void test_dns(void **state)
{
	struct stream s = encrypted();

	(void)state;
	memcpy(s.bytes + 4, "\1\0\0\1\0\0\0\0\0\0", 10);
	s.bytes[14] = 1; /* the packet id: a label's length */
	assert_true(dns_stream_begins(span_of(s.bytes, s.size)));
	expect(s, WIRE_NO, s.size);
	s.bytes[5] = 0x80;
	expect_yes(s);
}

static unsigned count_owners(const struct stream *s)
{
	struct wire_hints hints;
	unsigned owners = 0;

	for (unsigned id = 0; id < WIRE_IDS; id++) {
		if (wire_proto_at(id)->tcp.probe && !wire_proto_at(id)->is_weak)
			owners += sample_ask(id, span_of(s->bytes, s->size), &hints) != WIRE_NO;
	}
	return owners;
}

/* What is of chance may be what others have there: they refuse it for its size, or for what follows. */
static void test_others(void **state)
{
	static const struct {
		size_t at;
		struct span bytes;
	} likenesses[] = {
		{ 4, { (const uint8_t *)"\x21\x12\xa4\x42", 4 } },    /* STUN */
		{ 4, { (const uint8_t *)"\xffSMB\x72\0\0\0\0", 9 } }, /* SMB */
		{ 8, { (const uint8_t *)"\0\0\0\0\xdd\7\0", 8 } },    /* MongoDB */
		{ 4, { (const uint8_t *)"\0\x12\0\3\0\0\0\1", 8 } },  /* Kafka */
		{ 4, { (const uint8_t *)"\5\0\0\0", 5 } },            /* Cassandra */
	};

	(void)state;
	for (size_t i = 0; i < sizeof likenesses / sizeof *likenesses; i++) {
		struct stream streams[] = { authenticated(20), with_key(0x0300 - CRYPT),
					    with_key(0x0410 - CRYPT) };

		for (size_t j = 0; j < sizeof streams / sizeof *streams; j++) {
			struct stream *s = &streams[j];

			memcpy(s->bytes + likenesses[i].at, likenesses[i].bytes.data,
			       likenesses[i].bytes.size);
			if (j > 0)
				memcpy(s->bytes + 11, "\0\0\0\1", 4);
			expect_yes(*s);
			assert_int_equal(count_owners(s), 1);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_first_byte), cmocka_unit_test(test_seeds),
		cmocka_unit_test(test_plain),      cmocka_unit_test(test_authenticated),
		cmocka_unit_test(test_encrypted),  cmocka_unit_test(test_with_key),
		cmocka_unit_test(test_sizes),      cmocka_unit_test(test_no_session),
		cmocka_unit_test(test_dns),        cmocka_unit_test(test_others),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
