/* DNS: real clients, each field of header, question and record as it may be and as it may not. */
#include "wire/dns.h"
#include "wire_hex.h"
#include "wire_samples.h"
#include "wire_udp_run.h"

static void check_seed(const char *file, struct span sample)
{
	const char *name = strstr(file, "chaos") ? "version.bind" : "a.seed.example";
	struct udp_run run;

	print_message("%s\n", file);
	run_take(&run, sample);
	run_assert(&run, WIRE_ID_dns, sample_is(file, "near-") ? WIRE_NO : WIRE_YES, false,
		   strstr(file, "root") ? "" : name);
}

static void test_seeds(void **state)
{
	(void)state;
	sample_each("fuzz_wire_dns", check_seed);
}

static bool is_query(const char *hex)
{
	struct hex_bytes room;

	return dns_is_query(hex_of(&room, hex));
}

#define ONE    "0001000000000000" /* one question, no record */
#define QUERY  "abcd0100"
#define STATUS "abcd1000"
#define NOTIFY "abcd2400"
#define UPDATE "abcd2800"
#define NAME                                                                                       \
	"01610162"                                                                                 \
	"00" /* a.b */
#define A_IN NAME "00010001"

static void named(const char *hex, const char *name)
{
	struct udp_run run = { .size = 0 };
	struct hex_bytes room;

	run_add(&run, hex_of(&room, hex));
	run_assert(&run, WIRE_ID_dns, WIRE_YES, false, name);
}

/* Of the question; none that a host could not bear, nor one with a dot inside a label. */
static void test_name(void **state)
{
	(void)state;
	named(QUERY ONE A_IN, "a.b");
	named(QUERY ONE "0141024243"
			"00"
			"00010001",
	      "a.bc");
	named(QUERY ONE "00"
			"00020001",
	      "");
	named(QUERY ONE "03612e62"
			"00"
			"00010001",
	      "");
	named(QUERY ONE "03610062"
			"00"
			"00010001",
	      "");
}

static void test_flags(void **state)
{
	(void)state;
	for (unsigned flags = 0; flags < 0x10000; flags++) {
		unsigned opcode = flags >> 11 & 15;
		char text[64];

		(void)snprintf(text, sizeof text, "abcd%04x" ONE A_IN, flags);
		assert_int_equal(is_query(text),
				 (flags & 0x80cf) == 0 && (opcode == 0 || opcode == 2));
		(void)snprintf(text, sizeof text, "abcd%04x" ONE NAME "00060001", flags);
		assert_int_equal(is_query(text),
				 (flags & 0x80cf) == 0 && (opcode == 0 || opcode == 2 ||
							   opcode == 4 || opcode == 5));
	}
}

/* How many records may go with a question, of each kind of message. */
static void test_counts(void **state)
{
	(void)state;
	assert_false(is_query(QUERY "0000000000000000"));
	assert_false(is_query(QUERY "0002000000000000" A_IN A_IN));
#define ANY_A "000001000100000e100004c0000201"
	assert_false(is_query(QUERY "0001000100000000" A_IN ANY_A));
	assert_false(is_query(QUERY "0001000000010000" A_IN ANY_A));
	assert_true(is_query(QUERY "0001000000010000" NAME "00fb0001" ANY_A)); /* IXFR */
	assert_true(is_query(QUERY "0001000000000001" A_IN ANY_A));
	assert_true(is_query(QUERY "0001000000000003" A_IN ANY_A ANY_A ANY_A));
	assert_false(is_query(QUERY "0001000000000004" A_IN ANY_A ANY_A ANY_A ANY_A));
	assert_true(is_query(NOTIFY "0001000100000000" NAME "00060001" ANY_A));
	assert_false(is_query(NOTIFY "0001000200000000" NAME "00060001" ANY_A ANY_A));
	assert_false(is_query(NOTIFY "0001000000010000" NAME "00060001" ANY_A));
	assert_true(is_query(UPDATE "0001000100020004" NAME
				    "00060001" ANY_A ANY_A ANY_A ANY_A ANY_A ANY_A ANY_A));
	assert_false(is_query(UPDATE "0001000100020004" NAME
				     "00060001" ANY_A ANY_A ANY_A ANY_A ANY_A ANY_A));
	assert_true(is_query(NOTIFY "0001000000000003" NAME "00060001" ANY_A ANY_A ANY_A));
	assert_false(is_query(NOTIFY "0001000000000004" NAME "00060001" ANY_A ANY_A ANY_A ANY_A));
	assert_true(is_query(STATUS "0001000000000003" A_IN ANY_A ANY_A ANY_A));
	assert_false(is_query(STATUS "0001000000000004" A_IN ANY_A ANY_A ANY_A ANY_A));
	assert_false(is_query(STATUS "0001000100000000" A_IN ANY_A));
	assert_false(is_query(STATUS "0001000000010000" A_IN ANY_A));
	assert_false(is_query(QUERY "0001ffffffffffff" A_IN));
	assert_false(is_query(UPDATE "0001ffffffffffff" NAME "00060001"));
}

static void test_question(void **state)
{
	(void)state;
	assert_true(is_query(QUERY ONE "00"
				       "00020001")); /* the root */
	assert_false(is_query(QUERY ONE NAME "00000001"));
	assert_true(is_query(QUERY ONE NAME "00ff00ff"));
	assert_true(is_query(QUERY ONE NAME "00018001"));
	assert_true(is_query(QUERY ONE NAME "00100003"));
	assert_true(is_query(QUERY ONE NAME "00100004"));
	assert_true(is_query(QUERY ONE NAME "001000fe"));
	assert_false(is_query(QUERY ONE NAME "00010000"));
	assert_false(is_query(QUERY ONE NAME "00010002"));
	assert_false(is_query(QUERY ONE NAME "00010005"));
	assert_false(is_query(QUERY ONE A_IN "00")); /* not a byte more */
	assert_true(is_query(QUERY ONE "02ff00"
				       "00"
				       "00010001")); /* labels are of any bytes */
	assert_false(is_query(QUERY ONE "c00c"
					"00010001")); /* nothing to point to yet */
	assert_false(is_query(QUERY ONE "0161c00c"
					"00010001")); /* nor is there any need */
	assert_false(is_query(QUERY ONE "40"
					"00010001"));
	assert_false(is_query(QUERY ONE "4061"
					"00010001"));
	assert_false(is_query(QUERY ONE "8061"
					"00010001"));
}

/* Labels of up to 63 bytes, names of up to 255. */
static void test_long_names(void **state)
{
	(void)state;
	for (size_t size = 1; size < 300; size++) {
		uint8_t bytes[400] = { 0xab, 0xcd, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0 };
		size_t at = 12;

		for (size_t left = size - 1; left > 0;) {
			/* no label of nothing, and none that leaves but one byte */
			size_t label = left > 64 ? (left == 65 ? 62 : 63) : left - 1;

			bytes[at] = (uint8_t)label;
			memset(bytes + at + 1, 'a', label);
			at += 1 + label;
			left -= left > 1 ? 1 + label : 1;
		}
		memcpy(bytes + at, "\0\0\1\0\1", 5);
		if (size == 2) /* no such name: its label would be the root */
			continue;
		assert_int_equal(dns_is_query(span_of(bytes, at + 5)), size <= 255);
	}
}

/* A query for a.b, with so many additional records. */
static bool is_with(unsigned count, const char *records)
{
	char text[400];

	(void)snprintf(text, sizeof text, QUERY "000100000000%04x" A_IN "%s", count, records);
	return is_query(text);
}

#define EDNS "00002904d000008000" /* up to the size of its options */

static void test_edns(void **state)
{
	(void)state;
	assert_true(is_with(1, EDNS "0000"));
	assert_true(is_with(1, EDNS "000b000a000361626300080000"));
	assert_false(is_with(1, EDNS "0003000a00"));
	assert_false(is_with(1, EDNS "0005000a000261"));
	assert_false(is_with(1, EDNS "0001"));
	assert_false(is_with(1, EDNS "000100"));
	assert_false(is_with(1, "0161" EDNS "0000")); /* the root has it, and once */
	assert_false(is_with(2, EDNS "0000" EDNS "0000"));
}

/* Names that point back, and those that point to themselves, ahead, or into the header. */
static void test_records(void **state)
{
#define FIELDS "00010001000000000000"
	(void)state;
	assert_true(is_with(1, "00" FIELDS));
	assert_false(is_with(1, "00" FIELDS "00"));
	assert_false(is_with(2, "00" FIELDS));
	assert_false(is_with(1, "00000004d0000080000000")); /* type 0 */
	assert_true(is_with(1, "c00c" FIELDS));
	assert_true(is_with(1, "0178c00e" FIELDS));
	assert_false(is_with(1, "c015" FIELDS));
	assert_false(is_with(1, "c0ff" FIELDS));
	assert_false(is_with(1, "c000" FIELDS));
	assert_false(is_with(1, "c00b" FIELDS));
}

/* Two records, of which the first one has 300 bytes: may the other's name, at byte 328, be a pointer to
 * that place? */
static bool points_to(unsigned place)
{
	static uint8_t bytes[340];
	struct hex_bytes room;
	struct span head = hex_of(&room, QUERY "0001000000000002"
					       "0000020001"
					       "000001000100000000012c");

	memcpy(bytes, head.data, head.size);
	bytes[328] = (uint8_t)(0xc0 | place >> 8);
	bytes[329] = (uint8_t)place;
	bytes[331] = 1;
	return dns_is_query(span_of(bytes, sizeof bytes));
}

static void test_far_pointers(void **state)
{
	(void)state;
	for (unsigned place = 0; place < 0x4000; place++)
		assert_int_equal(points_to(place), place >= 12 && place < 328);
}

/* A whole message, and none of its beginnings. */
static void check_every_cut(const char *file, struct span sample)
{
	struct span message = span_of(sample.data + 2, sample.size - 2);

	if (sample_is(file, "near-"))
		return;
	for (size_t size = 0; size < message.size; size++)
		assert_false(dns_is_query(span_of(message.data, size)));
	assert_true(dns_is_query(message));
}

static void test_every_cut(void **state)
{
	(void)state;
	sample_each("fuzz_wire_dns", check_every_cut);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_seeds),        cmocka_unit_test(test_name),
		cmocka_unit_test(test_flags),        cmocka_unit_test(test_counts),
		cmocka_unit_test(test_question),     cmocka_unit_test(test_long_names),
		cmocka_unit_test(test_edns),         cmocka_unit_test(test_records),
		cmocka_unit_test(test_far_pointers), cmocka_unit_test(test_every_cut),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
