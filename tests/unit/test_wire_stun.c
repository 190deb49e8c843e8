/* STUN: real clients, RFC 5769, and what shares a port with it (RFC 7983). */
#include "wire/crc32.h"
#include "wire_hex.h"
#include "wire_samples.h"
#include "wire_udp_run.h"

static void check_seed(const char *file, struct span sample)
{
	struct udp_run run;

	print_message("%s\n", file);
	run_take(&run, sample);
	run_assert(&run, WIRE_ID_stun, sample_is(file, "near-") ? WIRE_NO : WIRE_YES, false, "");
}

static void test_seeds(void **state)
{
	(void)state;
	sample_each("fuzz_wire_stun", check_seed);
}

static enum wire_verdict ask(const char *hex)
{
	struct udp_run run = { .size = 0 };
	struct hex_bytes room;

	run_add(&run, hex_of(&room, hex));
	return run_ask(&run, WIRE_ID_stun);
}

#define COOKIE "2112a442"
#define REST   "000102030405060708090a0b"

static void test_header(void **state)
{
	(void)state;
	assert_int_equal(ask("00010000" COOKIE REST), WIRE_YES);
	assert_int_equal(ask("3fff0000" COOKIE REST), WIRE_YES);
	assert_int_equal(ask("40000000" COOKIE REST), WIRE_NO); /* TURN's ChannelData */
	assert_int_equal(ask("80010000" COOKIE REST), WIRE_NO); /* RTP */
	assert_int_equal(ask("00010000" COOKIE REST "00"), WIRE_NO);
	assert_int_equal(ask("00010004" COOKIE REST), WIRE_NO);
	assert_int_equal(ask("00010002" COOKIE REST "0000"), WIRE_NO);
	assert_int_equal(ask("000100002112a443" REST), WIRE_NO);
	assert_int_equal(ask("00010000" COOKIE), WIRE_NO);
	assert_int_equal(ask("00"), WIRE_NO);
	assert_int_equal(ask(""), WIRE_NO);
}

/* RFC 7983: what else comes to that port begins with 0x40 or more, or is DTLS, whose headers differ. */
static void test_first_byte(void **state)
{
	(void)state;
	for (unsigned first = 0; first < 256; first++) {
		char text[64];

		(void)snprintf(text, sizeof text, "%02x010000" COOKIE REST, first);
		assert_int_equal(ask(text), first < 0x40 ? WIRE_YES : WIRE_NO);
		assert_int_equal(wire_proto_at(WIRE_ID_stun)->begins((uint8_t)first), first < 0x40);
	}
}

/* Each fills what its length says, and the padding to four bytes, whatever that holds. */
static void test_attributes(void **state)
{
	(void)state;
	assert_int_equal(ask("00010004" COOKIE REST "80220000"), WIRE_YES);
	assert_int_equal(ask("00010008" COOKIE REST "8022000161ffffff"), WIRE_YES);
	assert_int_equal(ask("0001000c" COOKIE REST "802200046162636400000000"), WIRE_YES);
	assert_int_equal(ask("00010008" COOKIE REST "8022000561626364"), WIRE_NO);
	assert_int_equal(ask("00010008" COOKIE REST "8022ffff61626364"), WIRE_NO);
}

/* The last attribute, of four bytes, and right. */
static void test_fingerprint(void **state)
{
	char text[128];

	(void)state;
	for (unsigned wrong = 0; wrong < 2; wrong++) {
		struct hex_bytes room;
		uint32_t crc = crc32_of(hex_of(&room, "00010008" COOKIE REST)) ^ 0x5354554e;

		(void)snprintf(text, sizeof text, "00010008" COOKIE REST "80280004%08x",
			       crc ^ wrong);
		assert_int_equal(ask(text), wrong ? WIRE_NO : WIRE_YES);
		crc = crc32_of(hex_of(&room, "0001000c" COOKIE REST)) ^ 0x5354554e;
		(void)snprintf(text, sizeof text, "0001000c" COOKIE REST "80280004%08x80220000",
			       crc ^ wrong);
		assert_int_equal(ask(text), WIRE_NO);
	}
	assert_int_equal(ask("00010004" COOKIE REST "80280000"), WIRE_NO);
	assert_int_equal(ask("0001000c" COOKIE REST "802800080000000000000000"), WIRE_NO);
}

/* No bit of a message with a FINGERPRINT may be another one, but in the head of an attribute: that may
 * make it one in which there is none. */
static void check_every_bit(const char *file, struct span sample)
{
	struct udp_run run;
	size_t head = 2 + 20; /* of the next attribute */

	if (!sample_is(file, "rfc5769"))
		return;
	run_take(&run, sample);
	for (size_t at = 2; at < sample.size; at++) {
		if (at == head) {
			head += 4 + ((size_t)sample.data[at + 3] + 3) / 4 * 4;
			at += 3;
			continue;
		}
		for (unsigned bit = 0; bit < 8; bit++) {
			run.bytes[at] ^= (uint8_t)(1 << bit);
			assert_int_equal(run_ask(&run, WIRE_ID_stun), WIRE_NO);
			run.bytes[at] ^= (uint8_t)(1 << bit);
		}
	}
	assert_int_equal(run_ask(&run, WIRE_ID_stun), WIRE_YES);
}

static void test_every_bit(void **state)
{
	(void)state;
	sample_each("fuzz_wire_stun", check_every_bit);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_seeds),       cmocka_unit_test(test_header),
		cmocka_unit_test(test_first_byte),  cmocka_unit_test(test_attributes),
		cmocka_unit_test(test_fingerprint), cmocka_unit_test(test_every_bit),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
