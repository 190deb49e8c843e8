/* OpenVPN's first packet: real clients with every wrapping, and each field as it may not be. */
#include "wire/dns.h"
#include "wire/ike.h"
#include "wire_hex.h"
#include "wire_samples.h"
#include "wire_udp_run.h"

static void check_seed(const char *file, struct span sample)
{
	struct udp_run run;

	print_message("%s\n", file);
	run_take(&run, sample);
	run_assert(&run, WIRE_ID_openvpn, sample_is(file, "near-") ? WIRE_NO : WIRE_YES, false, "");
}

static void test_seeds(void **state)
{
	(void)state;
	sample_each("fuzz_wire_openvpn", check_seed);
}

/* A datagram of a reset: bytes that are neither zero nor anything else but where it counts. */
struct reset {
	uint8_t bytes[1200];
	size_t size;
};

static void put_be32(uint8_t *to, uint32_t value)
{
	for (size_t i = 0; i < 4; i++)
		to[i] = (uint8_t)(value >> (24 - 8 * i));
}

static struct reset reset_of(uint8_t opcode, size_t size)
{
	struct reset r = { .size = size };

	memset(r.bytes, 0x5a, size);
	r.bytes[0] = opcode;
	return r;
}

static struct reset plain(void)
{
	struct reset r = reset_of(0x38, 14);

	memset(r.bytes + 9, 0, 5);
	return r;
}

static struct reset authenticated(size_t digest)
{
	struct reset r = reset_of(0x38, 22 + digest);

	put_be32(r.bytes + 9 + digest, 1);
	memset(r.bytes + r.size - 5, 0, 5);
	return r;
}

static struct reset encrypted(uint32_t id)
{
	struct reset r = reset_of(0x38, 54);

	put_be32(r.bytes + 9, id);
	return r;
}

static struct reset with_key(uint32_t id, size_t key)
{
	struct reset r = reset_of(0x50, 54 + key);

	put_be32(r.bytes + 9, id);
	r.bytes[r.size - 2] = (uint8_t)(key >> 8);
	r.bytes[r.size - 1] = (uint8_t)key;
	return r;
}

static void expect(struct reset r, enum wire_verdict verdict)
{
	run_assert_one(span_of(r.bytes, r.size), WIRE_ID_openvpn, verdict);
}

/* With another byte there. */
static void expect_with(struct reset r, size_t at, uint8_t byte, enum wire_verdict verdict)
{
	r.bytes[at] = byte;
	expect(r, verdict);
}

static void test_plain(void **state)
{
	(void)state;
	expect(plain(), WIRE_YES);
	for (size_t at = 9; at < 14; at++)
		expect_with(plain(), at, 1, WIRE_NO);
	for (unsigned first = 0; first < 256; first++)
		expect_with(plain(), 0, (uint8_t)first, first == 0x38 ? WIRE_YES : WIRE_NO);
}

static void test_authenticated(void **state)
{
	static const size_t digests[] = { 16, 20, 24, 28, 32, 36, 48, 64 };

	(void)state;
	for (size_t i = 0; i < sizeof digests / sizeof *digests; i++) {
		struct reset r = authenticated(digests[i]);

		expect(r, WIRE_YES);
		expect_with(r, r.size - 5, 1, WIRE_NO);
		expect_with(r, r.size - 1, 1, WIRE_NO);
		expect_with(r, 9 + digests[i] + 3, 0, WIRE_NO); /* the packet id */
		expect_with(r, 9 + digests[i] + 3, 255, WIRE_YES);
		expect_with(r, 9 + digests[i] + 2, 1, WIRE_NO);
		expect_with(r, 0, 0x39, WIRE_NO);
	}
}

static void test_encrypted(void **state)
{
	(void)state;
	expect(encrypted(1), WIRE_YES);
	expect(encrypted(255), WIRE_YES);
	expect(encrypted(0), WIRE_NO);
	expect(encrypted(256), WIRE_NO);
	expect(encrypted(0x0f000001), WIRE_NO);
	expect(with_key(1, 290), WIRE_YES);
	expect(with_key(0x0f000001, 290), WIRE_YES);
	expect(with_key(0x0f0000ff, 299), WIRE_YES);
	expect(with_key(0x0e000001, 299), WIRE_NO);
	expect(with_key(0x0f000000, 299), WIRE_NO);
	expect(with_key(1, 289), WIRE_NO);
	expect(with_key(1, 1024), WIRE_YES);
	expect(with_key(1, 1025), WIRE_NO);
	expect_with(with_key(1, 299), 54 + 298, 0, WIRE_NO);
	expect_with(with_key(1, 299), 0, 0x38, WIRE_NO);
	expect(reset_of(0x50, 54), WIRE_NO);
}

/* Only these sizes, whatever the bytes are: of zeros, of ones, and of ids at every place. */
static void test_other_sizes(void **state)
{
	(void)state;
	for (size_t size = 0; size < 120; size++) {
		struct reset r = reset_of(0x38, size);

		expect(r, WIRE_NO);
		memset(r.bytes + 1, 0, sizeof r.bytes - 1);
		expect(r, WIRE_NO);
		memset(r.bytes + 1, 1, 8);
		expect(r, size == 14 ? WIRE_YES : WIRE_NO);
	}
}

/* No session has the id 0. */
static void test_no_session(void **state)
{
	struct reset cases[] = { plain(), authenticated(20), encrypted(1), with_key(1, 290) };

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		memset(cases[i].bytes + 1, 0, 8);
		expect(cases[i], WIRE_NO);
	}
}

/* A query of DNS of 54 bytes whose id begins with 0x38: its first label's length is where the id is. */
static void test_dns(void **state)
{
	struct reset r = encrypted(7);

	(void)state;
	memcpy(r.bytes + 1, "\0\1\0\0\1\0\0\0\0\0\0\7example", 19);
	r.bytes[20] = (uint8_t)(r.size - 26);
	memcpy(r.bytes + r.size - 5, "\0\0\1\0\1", 5);
	assert_true(dns_is_query(span_of(r.bytes, r.size)));
	expect(r, WIRE_NO);
	r.bytes[r.size - 1] = 0x77;
	expect(r, WIRE_YES);
}

/* What is encrypted, or of chance, where IKE has its header and one sealed payload. No reset has the size
 * of a message of STUN, which is a multiple of four. */
static void test_others(void **state)
{
	struct reset r = encrypted(1);

	(void)state;
	assert_int_not_equal(r.size % 4, 0);
	memcpy(r.bytes + 16, "\x2e\x20\x25\x08\0\0\0\1\0\0\0\x36\x21\0\0\x1a", 16);
	assert_true(ike_is_message(span_of(r.bytes, r.size)));
	expect(r, WIRE_NO);
	expect_with(r, 17, 0x21, WIRE_YES);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_seeds),         cmocka_unit_test(test_plain),
		cmocka_unit_test(test_authenticated), cmocka_unit_test(test_encrypted),
		cmocka_unit_test(test_other_sizes),   cmocka_unit_test(test_no_session),
		cmocka_unit_test(test_dns),           cmocka_unit_test(test_others),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
