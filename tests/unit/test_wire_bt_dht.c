/* The hash table of BitTorrent: aria2, other queries, and bencoding of every kind. */
#include "wire_udp_exact.h"

static void test_seeds(void **state)
{
	(void)state;
	exact_assert_seeds("fuzz_wire_bt_dht", WIRE_ID_bt_dht, true);
}

static void yes(const char *text)
{
	run_assert_one(span_text(text), WIRE_ID_bt_dht, WIRE_YES);
}

static void no(const char *text)
{
	run_assert_one(span_text(text), WIRE_ID_bt_dht, WIRE_NO);
}

#define ID    "2:id20:abcdefghijklmnopqrst"
#define FRONT "d1:ad" ID "e1:q4:ping"
#define PING  FRONT "1:t2:aa1:y1:qe"

static void test_query(void **state)
{
	(void)state;
	yes(PING);
	no(PING "e");
	no(PING PING);
	no("l1:ad" ID "e1:q4:ping1:t2:aa1:y1:qe");
	/* in any order, with more */
	yes("d1:y1:q1:t2:aa1:q4:ping1:ad" ID "ee");
	yes("d1:ad" ID "3:keyi1ee1:q4:ping2:roi1e1:t2:aa1:v4:SEED1:y1:qe");
	/* one of them is missing, or another */
	no("d1:q4:ping1:t2:aa1:y1:qe");
	no("d1:ad" ID "e1:t2:aa1:y1:qe");
	no("d1:ad" ID "e1:q4:ping1:y1:qe");
	no("d1:ad" ID "e1:q4:ping1:t2:aae");
	no("d1:ad" ID "e1:q4:ping1:t2:aa1:y1:re");
	no("d1:ad" ID "e1:q4:ping1:t2:aa1:y2:qqe");
	no("d1:ade1:q4:ping1:t2:aa1:y1:qe");
	no("d1:a2:id1:q4:ping1:t2:aa1:y1:qe");
	no("d1:ad2:id19:abcdefghijklmnopqrse1:q4:ping1:t2:aa1:y1:qe");
	no("d1:ad2:id21:abcdefghijklmnopqrstue1:q4:ping1:t2:aa1:y1:qe");
	no("d1:ad" ID "e1:q0:1:t2:aa1:y1:qe");
	no("d1:ad" ID "e1:q4:pi g1:t2:aa1:y1:qe");
	no("d1:ad" ID "e1:q4: ing1:t2:aa1:y1:qe");
	yes("d1:ad" ID "e1:q1:p1:t2:aa1:y1:qe");
	no("d1:al" ID "e1:q4:ping1:t2:aa1:y1:qe");
	no("d1:ad" ID "e1:q33:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa1:t2:aa1:y1:qe");
	yes("d1:ad" ID "e1:q32:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa1:t2:aa1:y1:qe");
	no("d1:ad" ID "e1:q4:ping1:t0:1:y1:qe");
	no("de");
	no("d");
	no("");
}

#define WITH(value) FRONT "1:t2:aa1:v" value "1:y1:qe"

static void test_values(void **state)
{
	(void)state;
	yes(WITH("0:"));
	yes(WITH("00004:SEED"));
	no(WITH("000004:SEED"));
	no(WITH("99999:SEED"));
	no(WITH(":SEED"));
	no(WITH("4SEED"));
	no(WITH("4;SEED"));
	yes(WITH("i0e"));
	yes(WITH("i-7e"));
	yes(WITH("i18446744073709551615e"));
	no(WITH("i184467440737095516150e"));
	no(WITH("ie"));
	no(WITH("i-e"));
	no(WITH("i7"));
	no(WITH("i7x"));
	no(WITH("i 7e"));
	yes(WITH("le"));
	yes(WITH("de"));
	yes(WITH("li1e1:ad1:ble1:ci2eelldeeee"));
	no(WITH("d1:ae"));
	no(WITH("di1ei2ee"));
	no(WITH("dlei2ee"));
	no(WITH("d1:a1:b1:ce"));
	no(WITH("l"));
	no(WITH("e"));
	no(WITH("x"));
}

/* Values inside of others, to a depth. */
static void test_depth(void **state)
{
	char text[256];

	(void)state;
	for (unsigned depth = 1; depth < 40; depth++) {
		char opened[40] = "", closed[40] = "";

		memset(opened, 'l', depth);
		memset(closed, 'e', depth);
		(void)snprintf(text, sizeof text, WITH("%s%s"), opened, closed);
		run_assert_one(span_text(text), WIRE_ID_bt_dht, depth <= 31 ? WIRE_YES : WIRE_NO);
	}
}

/* A node's id that holds the rest of a message of IKE is that. */
static void test_ike(void **state)
{
	uint8_t query[] = PING;
	const struct span whole = span_of(query, sizeof query - 1);
	const uint8_t header[] = { 46, 0x20, 37, 8,
				   0,  0,    0,  1,
				   0,  0,    0,  (uint8_t)whole.size,
				   0,  0,    0,  (uint8_t)(whole.size - 28) };

	(void)state;
	memcpy(query + 16, header, sizeof header);
	run_assert_one(whole, WIRE_ID_ike, WIRE_YES);
	run_assert_one(whole, WIRE_ID_bt_dht, WIRE_NO);
	query[16]++;
	run_assert_one(whole, WIRE_ID_ike, WIRE_NO);
	run_assert_one(whole, WIRE_ID_bt_dht, WIRE_YES);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_seeds),  cmocka_unit_test(test_query),
		cmocka_unit_test(test_values), cmocka_unit_test(test_depth),
		cmocka_unit_test(test_ike),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
