/* CoAP: real clients, heads, options with their numbers and sizes, payloads. */
#include "wire_udp_exact.h"

static void yes(const char *hex)
{
	exact_assert(WIRE_ID_coap, hex, WIRE_YES);
}

static void no(const char *hex)
{
	exact_assert(WIRE_ID_coap, hex, WIRE_NO);
}

static void test_seeds(void **state)
{
	(void)state;
	exact_assert_seeds("fuzz_wire_coap", WIRE_ID_coap, false);
}

static void test_heads(void **state)
{
	uint8_t packet[14] = { 0 };

	(void)state;
	for (unsigned first = 0; first < 256; first++) {
		for (unsigned code = 0; code < 256; code++) {
			bool is_so = first >> 5 == 2 && (first & 15) <= 8;
			size_t size = 4 + (first & 15);

			packet[0] = (uint8_t)first;
			packet[1] = (uint8_t)code;
			if (size <= 12)
				run_assert_one(span_of(packet, size), WIRE_ID_coap,
					       is_so && ((code >= 1 && code <= 7) ||
							 (code == 0 && first == 0x40))
						       ? WIRE_YES
						       : WIRE_NO);
			assert_int_equal(wire_proto_at(WIRE_ID_coap)->begins((uint8_t)first),
					 is_so);
		}
	}
}

static void test_sizes(void **state)
{
	(void)state;
	yes("4001 1234");
	no("4001 12");
	no("40");
	no("");
	yes("4801 1234 0102030405060708");
	no("4801 1234 01020304050607");
	no("4901 1234 010203040506070809");
	yes("4000 1234"); /* a ping */
	no("4000 1234 00");
	no("4100 1234 00");
	no("5000 1234");
	no("6000 1234"); /* an acknowledgement, a reset */
	no("7000 1234");
	no("4045 1234"); /* an answer */
}

#define HEAD "4001 1234"

static void test_options(void **state)
{
	(void)state;
	yes(HEAD "b473656564"); /* Uri-Path: seed */
	yes(HEAD "b1610161");   /* twice */
	no(HEAD "b5736565");    /* cut short */
	yes(HEAD "31614161");   /* Uri-Host, Uri-Port */
	no(HEAD "30");          /* an empty host */
	no(HEAD "73010203");    /* a port of three bytes */
	yes(HEAD "50");         /* If-None-Match */
	no(HEAD "5100");        /* with a value */
	yes(HEAD "20");         /* elective ones may be unknown, */
	yes(HEAD "d0 0900");
	yes(HEAD "d0 09");         /* 22: likewise */
	no(HEAD "d0 0c");          /* 25: critical ones not */
	yes(HEAD "d1 0a 06");      /* 23, Block2 */
	no(HEAD "d4 0a 06060606"); /* of four bytes */
	yes(HEAD "e0 fdff");       /* 65292 */
	no(HEAD "e0 ffff");        /* beyond all */
	no(HEAD "f0");             /* reserved */
	no(HEAD "bf");
	no(HEAD "d0");
	no(HEAD "e000");
	yes(HEAD "bd 01 6162636465666768696a6b6c6d6e"); /* Uri-Path of 14 bytes */
	no(HEAD "bd 02 6162636465666768696a6b6c6d6e");
	no(HEAD "be 0000 61");
}

/* One option of that number, from 13 on, and size, from 269 on. */
static enum wire_verdict option(unsigned number, unsigned size)
{
	uint8_t packet[2048] = { 0x40, 1, 0x12, 0x34 };
	struct udp_run run = { .size = 0 };

	packet[4] = (uint8_t)((number < 269 ? 13 : 14) << 4 | 14);
	packet[5] = (uint8_t)(number < 269 ? number - 13 : (number - 269) >> 8);
	packet[6] = (uint8_t)(number - 269);
	packet[number < 269 ? 6 : 7] = (uint8_t)((size - 269) >> 8);
	packet[number < 269 ? 7 : 8] = (uint8_t)(size - 269);
	run_add(&run, span_of(packet, (number < 269 ? 8 : 9) + size));
	return run_ask(&run, WIRE_ID_coap);
}

/* Likewise of a size up to 12. */
static enum wire_verdict short_option(unsigned number, unsigned size)
{
	uint8_t packet[20] = { 0x40, 1, 0x12, 0x34 };
	size_t at = 4;
	struct udp_run run = { .size = 0 };

	packet[at++] = (uint8_t)((number < 13 ? number : number < 269 ? 13 : 14) << 4 | size);
	if (number >= 269)
		packet[at++] = (uint8_t)((number - 269) >> 8);
	if (number >= 13)
		packet[at++] = (uint8_t)(number - (number < 269 ? 13 : 269));
	run_add(&run, span_of(packet, at + size));
	return run_ask(&run, WIRE_ID_coap);
}

/* Those whose sizes have borders up to 12: number, least, most. */
static void test_short_options(void **state)
{
	static const unsigned expected[][3] = {
		{ 1, 0, 8 },    { 3, 1, 12 },   { 4, 1, 8 },     { 5, 0, 0 },    { 6, 0, 3 },
		{ 7, 0, 2 },    { 9, 0, 12 },   { 11, 0, 12 },   { 12, 0, 2 },   { 14, 0, 4 },
		{ 15, 0, 12 },  { 16, 1, 1 },   { 17, 0, 2 },    { 19, 0, 3 },   { 21, 0, 12 },
		{ 23, 0, 3 },   { 27, 0, 3 },   { 28, 0, 4 },    { 31, 0, 3 },   { 35, 1, 12 },
		{ 39, 1, 12 },  { 60, 0, 4 },   { 252, 1, 12 },  { 258, 0, 1 },  { 292, 0, 8 },
		{ 400, 0, 12 }, { 401, 13, 0 }, { 268, 0, 12 },  { 269, 13, 0 }, { 270, 0, 12 },
		{ 13, 13, 0 },  { 2049, 0, 2 }, { 2051, 13, 0 }, { 2053, 0, 2 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof expected / sizeof expected[0]; i++) {
		const unsigned *e = expected[i];

		for (unsigned size = 0; size <= 12; size++) {
			if (short_option(e[0], size) !=
			    (size >= e[1] && size <= e[2] ? WIRE_YES : WIRE_NO))
				fail_msg("option %u of %u bytes", e[0], size);
		}
	}
}

static void test_long_options(void **state)
{
	(void)state;
	assert_int_equal(option(35, 1034), WIRE_YES); /* Proxy-Uri */
	assert_int_equal(option(35, 1035), WIRE_NO);
	assert_int_equal(option(39, 269), WIRE_NO);
	assert_int_equal(option(21, 1500), WIRE_YES);
	assert_int_equal(option(300, 1500), WIRE_YES);
	assert_int_equal(option(65534, 269), WIRE_YES);
	yes("4001 1234 e0 fef1"); /* 65534 */
	no("4001 1234 e0 fef3");  /* 65536 */
	no("4001 1234 f1 00");
	no("4001 1234 bf 00");
}

static void test_payload(void **state)
{
	(void)state;
	yes("4002 1234 ff 00");
	yes("4002 1234 ff ff");
	no("4002 1234 ff");
	yes("4003 1234 b173 10 ff 6f6e"); /* Uri-Path, Content-Format, on */
	no("4003 1234 ff");
}

/* Others that begin so: uTP, and a DNS query whose bytes could be options. */
static void test_near_misses(void **state)
{
	(void)state;
	no("4100 1234 00000000 00000000 00100000 0001 0000");
	no("4001 0100 0001 0000 0000 0000 0161 00 0001 0001");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_seeds),         cmocka_unit_test(test_heads),
		cmocka_unit_test(test_sizes),         cmocka_unit_test(test_options),
		cmocka_unit_test(test_short_options), cmocka_unit_test(test_long_options),
		cmocka_unit_test(test_payload),       cmocka_unit_test(test_near_misses),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
