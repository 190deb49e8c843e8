/* STUN by TCP: as it is, and in the frames of ICE. */
#include "wire/crc32.h"
#include "wire_steps.h"

#define COOKIE "2112a442"
#define REST   "000102030405060708090a0b"

/* Requests and indications of methods up to 0xff, and frames of up to 0x3ff bytes. */
static bool begins_stun(uint8_t byte)
{
	return byte <= 3;
}

static void test_first_byte(void **state)
{
	(void)state;
	sample_assert_first_bytes(WIRE_ID_stun, begins_stun);
}

static void check_seed(const char *file, struct span sample)
{
	steps_assert_seed(WIRE_ID_stun, file, sample);
}

static void test_seeds(void **state)
{
	(void)state;
	sample_each("fuzz_wire_stun_tcp", check_seed);
}

static void yes(const char *hex)
{
	steps_assert_hex(WIRE_ID_stun, hex, WIRE_YES);
}

static void no(const char *hex)
{
	steps_assert_hex(WIRE_ID_stun, hex, WIRE_NO);
}

static void test_types(void **state)
{
	char text[64];

	(void)state;
	for (unsigned type = 0; type < 0x10000; type++) {
		struct wire_hints hints;
		struct hex_bytes room;
		bool is_first = type < 0x400 && (type & 0x100) == 0 && (type & ~0x10u) != 0;

		(void)snprintf(text, sizeof text, "%04x0000" COOKIE REST, type);
		assert_int_equal(sample_ask(WIRE_ID_stun, hex_of(&room, text), &hints),
				 is_first ? WIRE_YES : WIRE_NO);
	}
	yes("00010000" COOKIE REST);
	yes("00110000" COOKIE REST);
	yes("000b0000" COOKIE REST);
	yes("02000000" COOKIE REST);
	no("01010000"); /* a response; as a frame of 257 bytes it has no type */
	no("0000");
	no("04");
}

static void test_header(void **state)
{
	(void)state;
	no("00010001");
	no("00010002");
	no("00010804");
	no("0001000020");
	no("0001000021"
	   "12a443");
}

/* The longest one, whose last attribute is not looked into. */
static void test_longest(void **state)
{
	static uint8_t bytes[20 + 2048 + 1];
	struct hex_bytes room;
	struct span in = hex_of(&room, "00010800" COOKIE REST "802207fc");

	(void)state;
	memcpy(bytes, in.data, in.size);
	steps_assert(WIRE_ID_stun, span_of(bytes, sizeof bytes), WIRE_YES, sizeof bytes - 1);
	assert_int_equal(wire_proto_at(WIRE_ID_stun)->tcp.most_bytes, sizeof bytes - 1);
	bytes[3] = 4;
	steps_assert(WIRE_ID_stun, span_of(bytes, sizeof bytes), WIRE_NO, 4);
}

static void test_attributes(void **state)
{
	(void)state;
	yes("00010004" COOKIE REST "80220000");
	yes("00010008" COOKIE REST "8022000161ffffff");
	yes("00010010" COOKIE REST "8022000461626364"
	    "8022000000060000");
	no("00010004" COOKIE REST "80220001");
	no("00010008" COOKIE REST "80220005");
	no("00010008" COOKIE REST "8022ff");
}

/* The last attribute, of four bytes, and right: told at its last byte. */
static void test_fingerprint(void **state)
{
	char text[128];
	struct hex_bytes room;

	(void)state;
	for (unsigned wrong = 0; wrong < 2; wrong++) {
		uint32_t crc = crc32_of(hex_of(&room, "00010008" COOKIE REST)) ^ 0x5354554e;

		(void)snprintf(text, sizeof text, "00010008" COOKIE REST "80280004%08x",
			       crc ^ wrong);
		steps_assert_hex(WIRE_ID_stun, text, wrong ? WIRE_NO : WIRE_YES);
		(void)snprintf(text, sizeof text, "001c00010008" COOKIE REST "80280004%08x",
			       crc ^ wrong);
		steps_assert_hex(WIRE_ID_stun, text, wrong ? WIRE_NO : WIRE_YES);
		crc = crc32_of(hex_of(&room, "0001000c" COOKIE REST)) ^ 0x5354554e;
		(void)snprintf(text, sizeof text, "0001000c" COOKIE REST "80280004%08x", crc);
		steps_assert_hex(WIRE_ID_stun, text, WIRE_NO);
	}
	no("00010008" COOKIE REST "80280003");
	no("00010008" COOKIE REST "80280005");
}

/* The size of the frame and that of the message agree. */
static void test_frames(void **state)
{
	(void)state;
	yes("0014"
	    "00010000" COOKIE REST);
	yes("0018"
	    "00010004" COOKIE REST "80220000");
	no("0014"
	   "00010004");
	no("0018"
	   "00010000");
	no("0010");
	no("0014"
	   "0101");
	no("0014"
	   "00010000"
	   "20");
	no("03fc"
	   "0001"
	   "03e9");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_first_byte),  cmocka_unit_test(test_seeds),
		cmocka_unit_test(test_types),       cmocka_unit_test(test_header),
		cmocka_unit_test(test_longest),     cmocka_unit_test(test_attributes),
		cmocka_unit_test(test_fingerprint), cmocka_unit_test(test_frames),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
