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
		cmocka_unit_test(test_seeds),   cmocka_unit_test(test_heads),
		cmocka_unit_test(test_sizes),   cmocka_unit_test(test_options),
		cmocka_unit_test(test_payload), cmocka_unit_test(test_near_misses),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
