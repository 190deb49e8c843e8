/* RTP: a real sender, two packets of a source, RTCP with its sizes, and what is neither. */
#include "wire_udp_exact.h"

static void test_seeds(void **state)
{
	(void)state;
	exact_assert_seeds("fuzz_wire_rtp", WIRE_ID_rtp, false);
}

/* Two datagrams; a second one of NULL is not there yet. */
static void ask(const char *first, const char *second, enum wire_verdict expected)
{
	struct hex_bytes room;
	struct udp_run run = { .size = 0 };

	run_add(&run, exact_hex(&room, first));
	if (second)
		run_add(&run, exact_hex(&room, second));
	run_assert(&run, WIRE_ID_rtp, expected, false, "");
}

#define ONE "8000 0001 00000000 5eed5eed"
#define TWO "8000 0002 000000a0 5eed5eed ff"

static void test_headers(void **state)
{
	(void)state;
	for (unsigned first = 0; first < 256; first++)
		assert_int_equal(wire_proto_at(WIRE_ID_rtp)->begins((uint8_t)first),
				 first >= 0x80 && first < 0xc0);
	ask(ONE, NULL, WIRE_MORE);
	ask("", NULL, WIRE_NO);
	ask("8000 0001 00000000 5eed5e", NULL, WIRE_NO);
	ask("4000 0001 00000000 5eed5eed", NULL, WIRE_NO);
	ask("c000 0001 00000000 5eed5eed", NULL, WIRE_NO);
	ask("a000 0001 00000000 5eed5eed", NULL, WIRE_NO); /* padding of nothing */
	ask("a000 0001 00000000 5eed5eed 01", NULL, WIRE_MORE);
	ask("8200 0001 00000000 5eed5eed 00000001", NULL, WIRE_NO); /* two who contribute */
	ask("8200 0001 00000000 5eed5eed 00000001 00000002", NULL, WIRE_MORE);
	ask("9000 0001 00000000 5eed5eed bede0001", NULL, WIRE_NO); /* an extension */
	ask("9000 0001 00000000 5eed5eed bede0001 10aa0000", NULL, WIRE_MORE);
	for (unsigned type = 0; type < 256; type++) {
		char text[64];

		(void)snprintf(text, sizeof text, "80%02x 0001 00000000 5eed5eed", type);
		ask(text, NULL, (type & 0x7f) < 64 || (type & 0x7f) > 95 ? WIRE_MORE : WIRE_NO);
	}
}

static void test_second(void **state)
{
	(void)state;
	ask(ONE, TWO, WIRE_YES);
	ask(TWO, ONE, WIRE_YES);
	ask(ONE, ONE, WIRE_NO);
	ask(ONE, "8000 0011 00000000 5eed5eed", WIRE_YES); /* sixteen apart */
	ask(ONE, "8000 0012 00000000 5eed5eed", WIRE_NO);
	ask(ONE, "8000 fff1 00000000 5eed5eed", WIRE_YES);
	ask(ONE, "8000 fff0 00000000 5eed5eed", WIRE_NO);
	ask("8000 ffff 00000000 5eed5eed", "8000 0000 00000000 5eed5eed", WIRE_YES);
	ask(ONE, "8065 0002 00000000 5eed5eed", WIRE_YES); /* another type */
	ask(ONE, "8000 0002 00000000 5eed5eee", WIRE_NO);
	ask(ONE, "4000 0002 00000000 5eed5eed", WIRE_NO);
	ask(ONE, "", WIRE_NO);
}

#define RR    "80c9 0001 5eed5eed"
#define SR    "80c8 0006 5eed5eed 0000000000000000 00000000 00000000 00000000"
#define BLOCK "5eed5eee 00000000 00000000 00000000 00000000 00000000"
#define SDES  "81ca 0002 5eed5eed 01000000"

static void test_rtcp(void **state)
{
	(void)state;
	ask(RR SDES, NULL, WIRE_YES);
	ask(SR SDES, NULL, WIRE_YES);
	ask(ONE, RR SDES, WIRE_YES);
	ask(ONE, "80c9 0001 5eed5eee" SDES, WIRE_NO);
	ask(RR "80cf 0001 5eed5eed", NULL, WIRE_YES);
	ask(RR "80c8 0001 5eed5eed", NULL, WIRE_YES);
	ask("81c9 0007 5eed5eed" BLOCK SDES, NULL, WIRE_YES);
	ask("81c9 0006 5eed5eed" BLOCK SDES, NULL, WIRE_NO);
	ask("80c8 0005 5eed5eed 0000000000000000 00000000 00000000" SDES, NULL, WIRE_NO);
	ask(RR, NULL, WIRE_NO); /* alone */
	ask(SDES, NULL, WIRE_NO);
	ask(SDES RR, NULL, WIRE_NO); /* no report first */
	ask(RR SDES "00", NULL, WIRE_NO);
	ask(RR "81ca 0003 5eed5eed 01000000", NULL, WIRE_NO);
	ask(RR "81ca 0001 5eed5eed 01000000", NULL, WIRE_NO);
	ask(RR "41ca 0002 5eed5eed 01000000", NULL, WIRE_NO);
	ask(RR "81c7 0002 5eed5eed 01000000", NULL, WIRE_NO);
	ask(RR "81d0 0002 5eed5eed 01000000", NULL, WIRE_NO);
	ask("a0c9 0001 5eed5eed" SDES, NULL, WIRE_NO);
	ask("81c9 0001 5eed5eed" SDES, NULL, WIRE_NO); /* a block that is not there */
	ask("80c8 0001 5eed5eed" SDES, NULL, WIRE_NO);
	ask("80c9 0000" SDES, NULL, WIRE_NO);
}

static void test_dns(void **state)
{
	(void)state;
	ask("8000 0100 0001 0000 0000 0000 0161 00 0001 0001", NULL, WIRE_NO);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_seeds),  cmocka_unit_test(test_headers),
		cmocka_unit_test(test_second), cmocka_unit_test(test_rtcp),
		cmocka_unit_test(test_dns),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
