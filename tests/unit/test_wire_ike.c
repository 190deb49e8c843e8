/* IKE: real clients, both versions and ports, and what a message must not be. */
#include "wire/ike.h"
#include "wire_udp_exact.h"

static void test_seeds(void **state)
{
	(void)state;
	exact_assert_seeds("fuzz_wire_ike", WIRE_ID_ike, true);
}

static void yes(const char *hex)
{
	exact_assert(WIRE_ID_ike, hex, WIRE_YES);
}

static void no(const char *hex)
{
	exact_assert(WIRE_ID_ike, hex, WIRE_NO);
}

#define SPIS   "c0ffee0000000001 0000000000000000"
#define BOTH   "c0ffee0000000001 c0ffee0000000002"
#define MARKER "00000000"
#define NONCE  "000102030405060708090a0b0c0d0e0f"
/* a proposal of one transform, and the rest of IKE_SA_INIT behind its head */
#define OFFER   "22000014 0000001001010001 0300000803000001"
#define KE      "28000008 000e0000"
#define V2      OFFER KE "00000014" NONCE
#define V2_HEAD SPIS "21202208 00000000 0000004c"

static void test_v2(void **state)
{
	(void)state;
	yes(V2_HEAD V2);
	yes(MARKER V2_HEAD V2);
	no(MARKER MARKER V2_HEAD V2);
	no(V2_HEAD V2 "00");
	no(SPIS "21202208 00000000 0000004d" V2);
	no(SPIS "21202208 00000000 0100004c" V2);
	no(SPIS "21202208 00000001 0000004c" V2);
	yes(SPIS "21202218 00000000 0000004c" V2);
	/* a response; bits that are none; not of the one who began */
	no(SPIS "21202228 00000000 0000004c" V2);
	no(SPIS "21202209 00000000 0000004c" V2);
	no(SPIS "21202200 00000000 0000004c" V2);
	/* other versions and exchanges */
	no(SPIS "21302208 00000000 0000004c" V2);
	no(SPIS "21212208 00000000 0000004c" V2);
	no(SPIS "21202308 00000000 0000004c" V2);
	no(SPIS "21202608 00000000 0000004c" V2);
	/* an answered one, and one that nobody began */
	no(BOTH "21202208 00000000 0000004c" V2);
	no("0000000000000000 0000000000000000 21202208 00000000 0000004c" V2);
}

#define V2_WITH(next, size, rest) (SPIS next "202208 00000000 000000" size rest)

static void test_v2_payloads(void **state)
{
	(void)state;
	/* a cookie in front, a vendor behind; private and unknown types */
	yes(V2_WITH("29", "54", "21000008 00004006" V2));
	yes(V2_WITH("ff", "54", "21800008 00004006" V2));
	yes(V2_WITH("80", "54", "21800008 00004006" V2));
	yes(V2_WITH("36", "54", "21800008 00004006" V2));
	no(V2_WITH("7f", "54", "21000008 00004006" V2));
	no(V2_WITH("20", "54", "21000008 00004006" V2));
	no(V2_WITH("37", "54", "21000008 00004006" V2));
	no(V2_WITH("29", "54", "21010008 00004006" V2));
	no(V2_WITH("29", "50", "21000003" V2));
	yes(V2_WITH("29", "50", "21000004" V2));
	no(V2_WITH("29", "50", "21000005" V2));
	no(V2_WITH("29", "50", "2100ffff" V2));
	/* what must be there is not */
	no(V2_WITH("21", "44", "28000014 0000001001010001 0300000803000001 00000014" NONCE));
	no(V2_WITH("22", "38", KE "00000014" NONCE));
	no(V2_WITH("21", "38", OFFER "00000008 000e0000"));
	no(V2_WITH("00", "1c", ""));
	/* the last one is not the last one; what comes behind it is unknown */
	no(V2_WITH("21", "4c", OFFER KE "29000014" NONCE));
	yes(V2_WITH("21", "54", OFFER KE "29000014" NONCE "00000008 00004006"));
	no(V2_WITH("21", "54", OFFER KE "20000014" NONCE "00000008 00004006"));
	/* a nonce has 16 bytes or more */
	no(V2_WITH("21", "4b", OFFER KE "00000013 000102030405060708090a0b0c0d0e"));
	/* a session that is resumed: a nonce and a ticket */
	yes(SPIS "28202608 00000000 00000038 29000014" NONCE "00000008 00004012");
	no(SPIS "28202608 00000000 00000030 00000014" NONCE);
}

/* A nonce has 256 bytes at most. */
static void test_v2_nonce(void **state)
{
	struct hex_bytes room;
	struct span front = exact_hex(&room, V2_WITH("21", "00", OFFER KE "00000000"));
	uint8_t message[60 + 257] = { 0 };

	(void)state;
	assert_int_equal(front.size, 60);
	memcpy(message, front.data, front.size);
	for (size_t size = 255; size <= 257; size++) {
		message[26] = (uint8_t)((60 + size) >> 8);
		message[27] = (uint8_t)(60 + size);
		message[58] = (uint8_t)((4 + size) >> 8);
		message[59] = (uint8_t)(4 + size);
		run_assert_one(span_of(message, 60 + size), WIRE_ID_ike,
			       size <= 256 ? WIRE_YES : WIRE_NO);
	}
}

#define V2_OFFER(sa) (SPIS "21202208 00000000 0000004c 22000014" sa KE "00000014" NONCE)

static void test_v2_offer(void **state)
{
	(void)state;
	yes(V2_OFFER("0000001001010001 0300000803000001"));
	yes(V2_OFFER("0200000801010000 0000000802010000"));
	no(V2_OFFER("0200001001010001 0300000803000001"));
	no(V2_OFFER("0100000801010000 0000000802010000"));
	no(V2_OFFER("0000000801010000 0000000802010000"));
	no(V2_OFFER("0000001001030001 0300000803000001"));
	no(V2_OFFER("0000001001010401 0300000803000001"));
	no(V2_OFFER("0000000701010001 0300000803000001"));
	no(V2_OFFER("0000001101010001 0300000803000001"));
}

#define SEALED "0000000000000000 0000000000000000 00"

static void test_v2_later(void **state)
{
	static const char *const exchanges[] = { "23", "24", "25", "2b", "2c" };
	char text[256];

	(void)state;
	for (size_t i = 0; i < sizeof exchanges / sizeof *exchanges; i++) {
		(void)snprintf(text, sizeof text,
			       MARKER BOTH "2e20%s08 00000001 00000031 24000015" SEALED,
			       exchanges[i]);
		yes(text);
	}
	yes(BOTH "2e202500 00000007 00000031 00000015" SEALED);
	no(BOTH "2e202520 00000007 00000031 00000015" SEALED);
	no(BOTH "2e202200 00000007 00000031 00000015" SEALED);
	no(BOTH "2e202600 00000007 00000031 00000015" SEALED);
	no(BOTH "2e202d00 00000007 00000031 00000015" SEALED);
	no(BOTH "2e202500 00000007 00000030 00000014 0000000000000000 0000000000000000");
	no(BOTH "2f202500 00000007 00000031 00000015" SEALED);
	no(BOTH "2e202500 00000007 00000031 00000014" SEALED);
	no(BOTH "2e202500 00000007 00000031 00010015" SEALED);
	no(SPIS "2e202508 00000007 00000031 00000015" SEALED);
	/* fragments: the first of one, the second of one, none of one */
	yes(BOTH "35202308 00000001 00000031 24000015 00010001 00000000000000000000000000");
	no(BOTH "35202308 00000001 00000031 24000015 00020001 00000000000000000000000000");
	no(BOTH "35202308 00000001 00000031 24000015 00000001 00000000000000000000000000");
	no(BOTH "35202308 00000001 00000030 24000014 00010001 000000000000000000000000");
}

#define SA "0000000c 00000001 00000001"

static void test_v1(void **state)
{
	(void)state;
	yes(SPIS "01100200 00000000 00000028" SA);
	yes(MARKER SPIS "01100200 00000000 00000028" SA);
	no(SPIS "01100200 00000000 00000028" SA "00");
	no(SPIS "01100201 00000000 00000028" SA);
	no(SPIS "01100200 00000001 00000028" SA);
	no(SPIS "01100100 00000000 00000028" SA);
	no(SPIS "04100200 00000000 00000028" SA);
	no(BOTH "01100200 00000000 00000028" SA);
	/* the domain and the situation */
	no(SPIS "01100200 00000000 00000028 0000000c 00000002 00000001");
	no(SPIS "01100200 00000000 00000028 0000000c 00000001 00000000");
	yes(SPIS "01100200 00000000 00000028 0000000c 00000001 00000007");
	no(SPIS "01100200 00000000 00000028 0000000c 00000001 00000008");
	no(SPIS "01100200 00000000 00000024 00000008 00000001");
	/* aggressive mode has a key, a nonce and who it is */
	no(SPIS "01100400 00000000 00000028" SA);
	yes(SPIS
	    "01100400 00000000 00000034 0400000c 00000001 00000001 0a000004 05000004 00000004");
	no(SPIS "01100400 00000000 00000034 0400000c 00000001 00000001 0a000004 0d000004 00000004");
	no(SPIS "01100400 00000000 00000034 0400000c 00000001 00000001 0a800004 05000004 00000004");
	no(SPIS "01100400 00000000 00000034 0400000c 00000001 00000001 0a010004 05000004 00000004");
	no(SPIS "01100400 00000000 00000034 0d00000c 00000001 00000001 0a000004 05000004 00000004");
	no(SPIS "01100400 00000000 00000034 0400000c 00000001 00000001 0d000004 05000004 00000004");
}

#define BLOCK "0001020304050607"

static void test_v1_later(void **state)
{
	(void)state;
	yes(MARKER BOTH "05100201 00000000 00000024" BLOCK);
	yes(BOTH "08100401 00000000 00000024" BLOCK);
	yes(BOTH "08102001 12345678 00000024" BLOCK);
	yes(BOTH "08100503 12345678 00000024" BLOCK);
	yes(BOTH "08100601 12345678 00000024" BLOCK);
	yes(BOTH "08102101 12345678 00000024" BLOCK);
	/* with no number, or one too many; not encrypted; no whole block; no block; no exchange */
	no(BOTH "08102001 00000000 00000024" BLOCK);
	no(BOTH "05100201 00000001 00000024" BLOCK);
	no(BOTH "08102000 12345678 00000024" BLOCK);
	no(BOTH "08102002 12345678 00000024" BLOCK);
	no(BOTH "08102009 12345678 00000024" BLOCK);
	no(BOTH "08102001 12345678 00000025" BLOCK "00");
	no(BOTH "08102001 12345678 0000001c");
	no(BOTH "08102201 12345678 00000024" BLOCK);
	no(BOTH "05102001 12345678 00000024" BLOCK);
	no(BOTH "00100201 00000000 00000024" BLOCK);
	yes(BOTH "15100201 00000000 00000024" BLOCK);
	no(BOTH "16100201 00000000 00000024" BLOCK);
	yes(BOTH "01100201 00000000 00000024" BLOCK);
	no(BOTH "7f100201 00000000 00000024" BLOCK);
	yes(BOTH "80100201 00000000 00000024" BLOCK);
	yes(BOTH "84100201 00000000 00000024" BLOCK);
	/* fragments */
	yes(BOTH "84100200 00000000 00000025 00000009 00010101 55");
	no(BOTH "84100200 00000000 00000025 00000009 00010001 55");
	no(BOTH "84100200 00000000 00000025 00000009 00010102 55");
	no(BOTH "84100200 00000000 00000025 00000008 00010101 55");
	no(BOTH "84100200 00000000 00000024 00000008 00010101");
}

#define FILL "000102030405060708090a0b0c0d0e0f101112131415161718191a1b"

/* What the first bytes can be of others. */
static void test_others(void **state)
{
	(void)state;
	no("ff"); /* a keepalive, and ESP */
	no("c0ffee00 00000001 000102030405060708090a0b0c0d0e0f");
	/* it fits STUN as well, which has an attribute there; with another cookie it does not */
	no("00010028 2112a442 0000000000000002 2e202508 00060024 0000003c 00000020" FILL);
	yes("00010028 2112a443 0000000000000002 2e202508 00060024 0000003c 00000020" FILL);
	/* it fits a question of DNS as well, which has a label where the header is */
	no("55550100 00010000 00000000 1f 00000000 08 10 20 01 12345678 00000034 00000000 0000000000000000 0000 00 0001 0001 00");
	assert_false(ike_is_message(span_of(NULL, 0)));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_seeds),       cmocka_unit_test(test_v2),
		cmocka_unit_test(test_v2_payloads), cmocka_unit_test(test_v2_offer),
		cmocka_unit_test(test_v2_later),    cmocka_unit_test(test_v1),
		cmocka_unit_test(test_v1_later),    cmocka_unit_test(test_others),
		cmocka_unit_test(test_v2_nonce),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
