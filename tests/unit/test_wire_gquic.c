/* Google's QUIC: every header it had, the sum over a packet, the name in a hello. */
#include "wire/fnv.h"
#include "wire/gquic.h"
#include "wire_udp_exact.h"

static void check_seed(const char *file, struct span sample)
{
	bool has_name = !strstr(file, "-noname") && !sample_is(file, "near-");
	const char *name = strstr(file, "-address") ? "192.0.2.1" : "a.seed.example";
	struct udp_run run;

	print_message("%s\n", file);
	run_take(&run, sample);
	run_assert(&run, WIRE_ID_gquic, sample_is(file, "near-") ? WIRE_NO : WIRE_YES, false,
		   has_name ? name : "");
}

static void test_seeds(void **state)
{
	(void)state;
	sample_each("fuzz_wire_gquic", check_seed);
}

/* The sum goes over each bit of a packet up to Q048. */
static void check_every_bit(const char *file, struct span sample)
{
	struct udp_run run;

	if (!sample_is(file, "made-q04"))
		return;
	run_take(&run, sample);
	for (size_t at = 2; at < sample.size; at += at < 64 ? 1 : 61) {
		run.bytes[at] ^= 0x10;
		assert_int_equal(run_ask(&run, WIRE_ID_gquic), WIRE_NO);
		run.bytes[at] ^= 0x10;
	}
	assert_int_equal(run_ask(&run, WIRE_ID_gquic), WIRE_YES);
}

static void test_every_bit(void **state)
{
	(void)state;
	sample_each("fuzz_wire_gquic", check_every_bit);
}

#define VERSION(a, b, c, d) ((uint32_t)(a) << 24 | (uint32_t)(b) << 16 | (uint32_t)(c) << 8 | (d))

static void test_versions(void **state)
{
	(void)state;
	for (unsigned n = 0; n < 100; n++) {
		unsigned tens = '0' + n / 10, ones = '0' + n % 10;

		assert_int_equal(gquic_is_version(VERSION('Q', '0', tens, ones)),
				 n >= 24 && n < 60);
		assert_int_equal(gquic_is_version(VERSION('T', '0', tens, ones)),
				 n >= 48 && n < 60);
		assert_false(gquic_is_version(VERSION('Q', '1', tens, ones)));
		assert_false(gquic_is_version(VERSION('R', '0', tens, ones)));
	}
	assert_false(gquic_is_version(VERSION('Q', '0', '4', '0' - 1)));
	assert_false(gquic_is_version(VERSION('Q', '0', '4', '9' + 1)));
	assert_false(gquic_is_version(0));
	assert_false(gquic_is_version(1));
}

/* A packet of this header, with what is behind it summed up, and who made it. */
static void ask_bytes(const char *who, struct span header, struct span frames,
		      enum wire_verdict verdict, const char *name)
{
	struct fnv sum = fnv_begin();
	struct udp_run run = { .size = 0 };
	uint8_t packet[2048];
	size_t size = header.size;

	fnv_add(&sum, header);
	fnv_add(&sum, frames);
	fnv_add(&sum, span_text(who));
	memcpy(packet, header.data, header.size);
	for (size_t i = 0; i < 12; i++)
		packet[size++] = (uint8_t)(sum.part[i / 4] >> i % 4 * 8);
	if (frames.size > 0)
		memcpy(packet + size, frames.data, frames.size);
	run_add(&run, span_of(packet, size + frames.size));
	run_assert(&run, WIRE_ID_gquic, verdict, false, name);
}

static void ask_by(const char *who, const char *header, const char *frames,
		   enum wire_verdict verdict, const char *name)
{
	struct hex_bytes first, rest;

	ask_bytes(who, exact_hex(&first, header), exact_hex(&rest, frames), verdict, name);
}

static void ask(const char *header, const char *frames, enum wire_verdict verdict, const char *name)
{
	ask_by("Client", header, frames, verdict, name);
}

#define CID   "05cad2cc06c4d0e4"
#define Q043  "51303433"
#define Q044  "51303434"
#define Q046  "51303436"
#define PLAIN "09" CID Q043 "01"

static void test_headers(void **state)
{
	(void)state;
	ask(PLAIN, "", WIRE_YES, "");
	ask("19" CID Q043 "0001", "", WIRE_YES, "");
	ask("29" CID Q043 "00000001", "", WIRE_YES, "");
	ask("39" CID Q043 "000000000001", "", WIRE_YES, "");
	ask("0d" CID Q043 "01", "", WIRE_YES, "");
	/* no version, no id, a reset, other bits */
	ask("08" CID Q043 "01", "", WIRE_NO, "");
	ask("01" CID Q043 "01", "", WIRE_NO, "");
	ask("0b" CID Q043 "01", "", WIRE_NO, "");
	ask("49" CID Q043 "01", "", WIRE_NO, "");
	ask("89" CID Q043 "01", "", WIRE_NO, "");
	/* a version of the other header, and none */
	ask("09" CID Q044 "01", "", WIRE_NO, "");
	ask("09" CID "00000001 01", "", WIRE_NO, "");
	ask("ff" Q044 "50" CID "00000001", "", WIRE_YES, "");
	ask("fe" Q044 "50" CID "00000001", "", WIRE_NO, "");
	ask("c3" Q044 "50" CID "00000001", "", WIRE_NO, "");
	ask("c3" Q046 "50" CID "00000001", "", WIRE_YES, "");
	ask("d3" Q046 "50" CID "00000001", "", WIRE_NO, "");
	ask("c3" Q046 "55" CID "00000001", "", WIRE_NO, "");
	ask("c3" Q043 "50" CID "00000001", "", WIRE_NO, "");
	exact_assert(WIRE_ID_gquic, PLAIN, WIRE_NO);
	exact_assert(WIRE_ID_gquic, "", WIRE_NO);
}

#define CHLO "43484c4f"
#define SNI  "534e4900"
#define VER  "56455200"

static void test_hello(void **state)
{
	(void)state;
	ask(PLAIN, "8001" CHLO "01000000" SNI "03000000 612e62", WIRE_YES, "a.b");
	ask(PLAIN, "a0010013" CHLO "01000000" SNI "03000000 612e62", WIRE_YES, "a.b");
	ask(PLAIN, "8001" CHLO "02000000" VER "04000000" SNI "07000000" Q043 "612e62", WIRE_YES,
	    "a.b");
	/* a name that no host can have; a value cut, or that ends before it begins; too many */
	ask(PLAIN, "8001" CHLO "01000000" SNI "03000000 610062", WIRE_YES, "");
	ask(PLAIN, "8001" CHLO "01000000" SNI "03000000 612e", WIRE_YES, "");
	ask(PLAIN, "8001" CHLO "02000000" VER "04000000" SNI "03000000" Q043 "612e62", WIRE_YES,
	    "");
	ask(PLAIN, "8001" CHLO "ffff0000" SNI "03000000 612e62", WIRE_YES, "");
	/* another stream, another frame, an offset, another message */
	ask(PLAIN, "8002" CHLO "01000000" SNI "03000000 612e62", WIRE_YES, "");
	ask(PLAIN, "0101" CHLO "01000000" SNI "03000000 612e62", WIRE_YES, "");
	ask(PLAIN, "840100" CHLO "01000000" SNI "03000000 612e62", WIRE_YES, "");
	ask(PLAIN, "8001 52454a00 01000000" SNI "03000000 612e62", WIRE_YES, "");
	ask(PLAIN, "8101" CHLO "01000000" SNI "03000000 612e62", WIRE_YES, "");
}

/* What changed from version to version. */
static void test_changes(void **state)
{
	(void)state;
	/* a byte of flags ahead of the frames */
	ask_by("", "0d" CID "51303333 01", "00 8001" CHLO "01000000" SNI "03000000 612e62",
	       WIRE_YES, "a.b");
	ask_by("", "0d" CID "51303334 01", "8001" CHLO "01000000" SNI "03000000 612e62", WIRE_YES,
	       "a.b");
	/* who made it is summed up as well */
	ask_by("", "0d" CID "51303335 01", "", WIRE_YES, "");
	ask_by("Client", "0d" CID "51303335 01", "", WIRE_NO, "");
	ask_by("", "0d" CID "51303336 01", "", WIRE_NO, "");
	ask_by("Client", "0d" CID "51303336 01", "", WIRE_YES, "");
	ask_by("Server", "0d" CID "51303336 01", "", WIRE_NO, "");
	/* the first one that is known, and the last one of each header */
	ask_by("", "0d" CID "51303234 01", "", WIRE_YES, "");
	ask_by("", "0d" CID "51303233 01", "", WIRE_NO, "");
	ask("ff 51303433 50" CID "00000001", "", WIRE_NO, "");
	ask("ff 51303435 50" CID "00000001", "", WIRE_YES, "");
	ask("c3 51303435 50" CID "00000001", "", WIRE_NO, "");
	ask("ff 51303436 50" CID "00000001", "", WIRE_NO, "");
	/* nothing is in clear */
	ask("c3 51303438 50" CID "00000001", "", WIRE_YES, "");
	ask("c3 51303439 50" CID "00000001", "", WIRE_NO, "");
	ask("c3 54303438 50" CID "00000001", "", WIRE_NO, "");
}

/* The name behind 127 other tags, and behind 128. */
static void test_many_tags(void **state)
{
	uint8_t frames[2 + 8 + 129 * 8 + 3];
	struct hex_bytes first, tag;
	struct span header = exact_hex(&first, PLAIN);

	(void)state;
	for (size_t others = 127; others <= 128; others++) {
		size_t at = 10;

		memcpy(frames, exact_hex(&tag, "8001" CHLO "00000000").data, at);
		frames[6] = (uint8_t)(others + 1);
		for (size_t i = 0; i < others; i++, at += 8)
			memcpy(frames + at, exact_hex(&tag, VER "00000000").data, 8);
		memcpy(frames + at, exact_hex(&tag, SNI "03000000 612e62").data, 11);
		ask_bytes("Client", header, span_of(frames, at + 11), WIRE_YES,
			  others < 128 ? "a.b" : "");
	}
}

/* With ids of these sizes, no token, and that size of what is sealed. */
static void sealed(size_t dcid, size_t scid, uint8_t size, enum wire_verdict verdict)
{
	uint8_t packet[1200] = { 0xc3, 'T', '0', '5', '1' };

	packet[5] = (uint8_t)dcid;
	packet[6 + dcid] = (uint8_t)scid;
	packet[8 + dcid + scid] = size;
	run_assert_one(span_of(packet, sizeof packet), WIRE_ID_gquic, verdict);
}

static void test_sizes(void **state)
{
	(void)state;
	sealed(8, 0, 1, WIRE_YES);
	sealed(8, 0, 0, WIRE_NO);
	sealed(7, 0, 1, WIRE_NO);
	sealed(20, 20, 1, WIRE_YES);
	sealed(21, 0, 1, WIRE_NO);
	sealed(8, 21, 1, WIRE_NO);
}

/* With the header of today: as of QUIC, but the version. */
static void test_sealed(void **state)
{
	static uint8_t packet[1201] = { 0xc3, 'T', '0', '5', '1', 8, 1, 2,    3,
					4,    5,   6,   7,   8,   0, 0, 0x44, 0x9e };

	(void)state;
	run_assert_one(span_of(packet, 1200), WIRE_ID_gquic, WIRE_YES);
	run_assert_one(span_of(packet, 1200), WIRE_ID_quic, WIRE_NO);
	run_assert_one(span_of(packet, 1201), WIRE_ID_gquic, WIRE_YES);
	run_assert_one(span_of(packet, 1199), WIRE_ID_gquic, WIRE_NO);
	packet[17]--;
	run_assert_one(span_of(packet, 1199), WIRE_ID_gquic, WIRE_NO);
	run_assert_one(span_of(packet, 1200), WIRE_ID_gquic, WIRE_YES);
	packet[17] += 2;
	run_assert_one(span_of(packet, 1200), WIRE_ID_gquic, WIRE_NO);
	packet[17]--;
	packet[5] = 7; /* then its id ends in front of one of 8 bytes */
	run_assert_one(span_of(packet, 1200), WIRE_ID_gquic, WIRE_NO);
	packet[5] = 8;
	packet[0] = 0xd3;
	run_assert_one(span_of(packet, 1200), WIRE_ID_gquic, WIRE_NO);
	packet[0] = 0xc3;
	memcpy(packet + 1, "Q049", 4);
	run_assert_one(span_of(packet, 1200), WIRE_ID_gquic, WIRE_YES);
	memcpy(packet + 1, "Q048", 4);
	run_assert_one(span_of(packet, 1200), WIRE_ID_gquic, WIRE_NO);
	packet[1] = 'U';
	run_assert_one(span_of(packet, 1200), WIRE_ID_gquic, WIRE_NO);
	run_assert_one(span_of(packet, 1200), WIRE_ID_quic, WIRE_YES);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_seeds),    cmocka_unit_test(test_every_bit),
		cmocka_unit_test(test_versions), cmocka_unit_test(test_headers),
		cmocka_unit_test(test_hello),    cmocka_unit_test(test_sealed),
		cmocka_unit_test(test_changes),  cmocka_unit_test(test_many_tags),
		cmocka_unit_test(test_sizes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
