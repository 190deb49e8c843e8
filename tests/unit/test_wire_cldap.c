/* CLDAP: Samba, searches as other clients send them, and what is none. */
#include "wire_udp_exact.h"

static void test_seeds(void **state)
{
	(void)state;
	exact_assert_seeds("fuzz_wire_cldap", WIRE_ID_cldap, true);
}

static void yes(const char *hex)
{
	exact_assert(WIRE_ID_cldap, hex, WIRE_YES);
}

static void no(const char *hex)
{
	exact_assert(WIRE_ID_cldap, hex, WIRE_NO);
}

/* a search for what has a class, behind its scope and limits */
#define FIELDS "0400 0a0100 0a0100 020100 020100 010100"
#define SEARCH FIELDS "870161 3000"

static void test_message(void **state)
{
	(void)state;
	yes("301b 020101 6316" SEARCH);
	yes("301c 02020101 6316" SEARCH);
	yes("301e 02047fffffff 6316" SEARCH);
	no("301b 020100 6316" SEARCH);
	no("301b 0201ff 6316" SEARCH);
	no("301b 0a0101 6316" SEARCH);
	no("311b 020101 6316" SEARCH);
	no("301a 020101 6316" SEARCH);
	no("301b 020101 6316" SEARCH "00");
	/* a user in front, one only */
	yes("301f 020101 04026162 6316" SEARCH);
	no("3023 020101 04026162 04026162 6316" SEARCH);
	/* controls behind it */
	yes("3021 020101 6316" SEARCH "a004 3002 0500");
	no("3021 020101 6316" SEARCH "a004 3003 0500");
	no("301d 020101 6316" SEARCH "a100");
	no("301f 020101 6316" SEARCH "a000 a000");
	/* other requests */
	no("301b 020101 6016" SEARCH);
	no("301b 020101 6416" SEARCH);
	no("3006 020101 500101");
	no("");
}

#define REST "870161 3000"

static void test_fields(void **state)
{
	(void)state;
	yes("301b 020101 6316 0400 0a0103 0a0103 020105 020105 0101ff" REST);
	no("301b 020101 6316 0400 0a0104 0a0100 020100 020100 010100" REST);
	no("301b 020101 6316 0400 0a0100 0a0104 020100 020100 010100" REST);
	no("301b 020101 6316 0400 020100 0a0100 020100 020100 010100" REST);
	no("301b 020101 6316 0400 0a0100 020100 020100 020100 010100" REST);
	no("301b 020101 6316 0400 0a0100 0a0100 0201ff 020100 010100" REST);
	no("301b 020101 6316 0400 0a0100 0a0100 020100 0201ff 010100" REST);
	no("301b 020101 6316 0400 0a0100 0a0100 020100 020100 020100" REST);
	no("301a 020101 6315 0400 0a0100 0a0100 020100 020100 0100" REST);
	no("301b 020101 6316 0500 0a0100 0a0100 020100 020100 010100" REST);
}

static void test_filter(void **state)
{
	(void)state;
	no("301a 020101 6315" FIELDS "8700 3000");
	no("301b 020101 6316" FIELDS "040161 3000");
	no("301b 020101 6316" FIELDS "aa0161 3000");
	yes("301a 020101 6315" FIELDS "a000 3000");
	yes("301a 020101 6315" FIELDS "a900 3000");
	no("301a 020101 6315" FIELDS "aa00 3000");
	yes("3020 020101 631b" FIELDS "a306 040161 040162 3000");
	no("3020 020101 631b" FIELDS "a306 040161 040262 3000");
	yes("301c 020101 6317" FIELDS "a202 8700 3000");
	/* names of attributes, and nothing behind them */
	yes("301d 020101 6318" FIELDS "870161 3002 0400");
	no("301d 020101 6318" FIELDS "870161 3002 0500");
	no("301d 020101 6318" FIELDS "870161 3100 3000");
	no("3019 020101 6314" FIELDS "870161");
}

/* A name that holds the rest of a message of IKE is that. */
static void test_ike(void **state)
{
	(void)state;
	no("303e 020101 0421 61 0000000000000000 01100200 00000000 00000040 00000024 00000001 "
	   "00000001 6316" SEARCH);
	yes("303e 020101 0421 61 0000000000000000 01100200 00000000 00000041 00000024 00000001 "
	    "00000001 6316" SEARCH);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_seeds),  cmocka_unit_test(test_message),
		cmocka_unit_test(test_fields), cmocka_unit_test(test_filter),
		cmocka_unit_test(test_ike),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
