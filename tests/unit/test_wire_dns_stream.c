/* DNS over TCP: each field of size, header and question, and the sizes that are another's. */
#include "wire/dns.h"
#include "wire_steps.h"

static bool begins(uint8_t byte)
{
	return byte < 0x20;
}

static void test_first_byte(void **state)
{
	(void)state;
	sample_assert_first_bytes(WIRE_ID_dns, begins);
}

static void check_seed(const char *file, struct span sample)
{
	steps_assert_seed(WIRE_ID_dns, file, sample);
}

static void test_seeds(void **state)
{
	(void)state;
	sample_each("fuzz_wire_dns_tcp", check_seed);
}

static void yes(const char *hex)
{
	steps_assert_hex(WIRE_ID_dns, hex, WIRE_YES);
}

static void no(const char *hex)
{
	steps_assert_hex(WIRE_ID_dns, hex, WIRE_NO);
}

#define ID     "abcd"
#define QUERY  ID "0100"
#define NOTIFY ID "2400"
#define UPDATE ID "2800"
#define ONE    "0001000000000000"
#define NAME                                                                                       \
	"01610162"                                                                                 \
	"00" /* a.b */
#define A_IN NAME "00010001"

static void test_size(void **state)
{
	(void)state;
	yes("0011" QUERY ONE "00 00020001");
	yes("0015" QUERY ONE A_IN);
	no("0010");
	no("0014" QUERY ONE "0161 01"); /* a name that leaves no room for what is behind it */
	no("0011" QUERY ONE "01");
	no("0013" QUERY ONE "3f");
	no("0020" QUERY "0001000000000001"
	   "05");
	yes("0020" QUERY "0001000000000001"
	    "0361616100 00010001");
	no("0016" QUERY ONE A_IN);
	yes("1fff" UPDATE "0001000000000001" NAME "00060001");
	no("20");
	no("ff");
}

/* What SOCKS 4 and SOCKS 5 begin with. */
static void test_others(void **state)
{
	char hex[8];

	(void)state;
	for (unsigned size = 0x11; size <= 0x1fff; size++) {
		bool is_socks4 =
			size == 0x0401 || size == 0x0402 || size == 0x04f0 || size == 0x04f1;
		bool is_socks5 = size >= 0x0501 && size <= 0x050f;

		(void)snprintf(hex, sizeof hex, "%04x", size);
		steps_assert_hex(WIRE_ID_dns, hex, is_socks4 || is_socks5 ? WIRE_NO : WIRE_MORE);
	}
}

/* Those of a query; of an update there are none, of a notification there is one. */
static bool flags_fit(unsigned flags, bool is_authority)
{
	unsigned opcode = flags >> 11 & 15;

	if (flags & 0x80cf)
		return false;
	if (opcode == 4)
		return is_authority && (flags & 0x0300) == 0;
	if (opcode == 5)
		return is_authority && (flags & 0x0700) == 0;
	return opcode == 0 || opcode == 2;
}

static void test_flags(void **state)
{
	struct wire_hints hints;
	struct hex_bytes room;
	char hex[64];

	(void)state;
	for (unsigned flags = 0; flags < 0x10000; flags += flags < 0x3000 ? 1 : 97) {
		(void)snprintf(hex, sizeof hex, "0015" ID "%04x" ONE A_IN, flags);
		assert_int_equal(sample_ask(WIRE_ID_dns, hex_of(&room, hex), &hints),
				 flags_fit(flags, false) ? WIRE_YES : WIRE_NO);
		(void)snprintf(hex, sizeof hex, "0015" ID "%04x" ONE NAME "00060001", flags);
		assert_int_equal(sample_ask(WIRE_ID_dns, hex_of(&room, hex), &hints),
				 flags_fit(flags, true) ? WIRE_YES : WIRE_NO);
	}
	no("0015" ID "25");
	no("0015" ID "29");
	no("0015" ID "80");
	no("0015" ID "08");
	no("0015" ID "18");
	no("0015" ID "30");
	no("0015" ID "0001");
	no("0015" ID "0040");
	no("0015" ID "0080");
}

/* How many records may follow, and that there is room for them. */
static void test_counts(void **state)
{
	(void)state;
	no("0015" QUERY "0002");
	no("0015" QUERY "01");
	no("0015" QUERY "0000");
	no("0100" QUERY "0001000100000000");
	no("0100" QUERY "0001000000020000");
	no("0100" QUERY "0001000000000004");
	yes("0100" QUERY "0001000000000003" A_IN);
	yes("0100" QUERY "0001000000010000" NAME "00fb0001");
	no("0100" QUERY "0001000000010000" NAME "0001");
	yes("0100" NOTIFY "0001000100000000" NAME "00060001");
	no("0100" NOTIFY "0001000100000000" NAME "0001");
	no("0100" NOTIFY "0001000200000000");
	yes("0036" UPDATE "0001000100010001" NAME "00060001");
	no("0035" UPDATE "0001000100010001"
	   "0161 01");
	no("0031" UPDATE "0001000100010001");
	no("1fff" UPDATE "0001ffffffffffff");
	no("0100" UPDATE ONE NAME "00060001"); /* nothing fills it */
}

static void test_question(void **state)
{
	(void)state;
	no("0015" QUERY ONE "40");
	no("0015" QUERY ONE "c0");
	no("0015" QUERY ONE NAME "0000");
	no("0015" QUERY ONE NAME "00010000");
	no("0015" QUERY ONE NAME "00010002");
	no("0015" QUERY ONE NAME "000181");
	yes("0015" QUERY ONE NAME "00018001");
	yes("0015" QUERY ONE NAME "00ff00ff");
}

/* A name of up to 255 bytes. */
static void test_long_names(void **state)
{
	static uint8_t bytes[300] = { 1, 9, 0xab, 0xcd, 1, 0, 0, 1 };
	struct wire_hints hints;

	(void)state;
	for (unsigned last = 60; last <= 63; last++) {
		size_t at = 14;

		for (unsigned label = 0; label < 4; label++) {
			size_t size = label == 3 ? last : 63;

			bytes[at] = (uint8_t)size;
			memset(bytes + at + 1, 'a', size);
			at += 1 + size;
		}
		memcpy(bytes + at, "\0\0\1\0\1", 5);
		bytes[0] = (uint8_t)((at + 3) >> 8);
		bytes[1] = (uint8_t)(at + 3);
		sample_assert(WIRE_ID_dns, span_of(bytes, at + 5), last <= 61 ? WIRE_YES : WIRE_NO);
		if (last > 61)
			continue;
		assert_int_equal(sample_ask(WIRE_ID_dns, span_of(bytes, at + 5), &hints), WIRE_YES);
		assert_int_equal(hints.name_size, 3 * 64 + last);
	}
}

static void named(const char *hex, const char *name)
{
	struct wire_hints hints;
	struct hex_bytes room;

	yes(hex);
	assert_int_equal(sample_ask(WIRE_ID_dns, hex_of(&room, hex), &hints), WIRE_YES);
	sample_assert_name(&hints, name);
}

static void test_name(void **state)
{
	(void)state;
	named("0015" QUERY ONE A_IN, "a.b");
	named("0015" QUERY ONE "01410142 00 00010001", "a.b");
	named("0011" QUERY ONE "00 00020001", "");
	named("0015" QUERY ONE "03612e62 00 00010001", ""); /* a label with a dot */
	named("0015" QUERY ONE "03612062 00 00010001", "");
	named("0015" QUERY ONE "035f612d 00 00010001", "_a-");
}

static void check_name(const char *file, struct span sample)
{
	struct wire_hints hints;

	if (sample_is(file, "near-"))
		return;
	assert_int_equal(sample_ask(WIRE_ID_dns, sample, &hints), WIRE_YES);
	sample_assert_name(&hints, strstr(file, "-noname") ? "" : "a.seed.example");
}

static void test_names_of_seeds(void **state)
{
	(void)state;
	sample_each("fuzz_wire_dns_tcp", check_name);
}

static bool begins_stream(const char *hex)
{
	struct hex_bytes room;

	return dns_stream_begins(hex_of(&room, hex));
}

/* What other recognisers ask. */
static void test_stream_begins(void **state)
{
	(void)state;
	assert_true(begins_stream("002a38cd 0100" ONE));
	assert_true(begins_stream("002a38cd 0100"));
	assert_true(begins_stream("002a38cd 0100" ONE "ffff"));
	assert_false(begins_stream("002a38cd 8100"));
	assert_false(begins_stream("002a38cd 0100 0002"));
	assert_false(begins_stream("0010"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_first_byte),    cmocka_unit_test(test_seeds),
		cmocka_unit_test(test_size),          cmocka_unit_test(test_others),
		cmocka_unit_test(test_flags),         cmocka_unit_test(test_counts),
		cmocka_unit_test(test_question),      cmocka_unit_test(test_long_names),
		cmocka_unit_test(test_name),          cmocka_unit_test(test_names_of_seeds),
		cmocka_unit_test(test_stream_begins),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
