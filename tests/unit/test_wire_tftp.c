/* TFTP: tftp-hpa and curl, and every border of a request. */
#include "wire_udp_exact.h"

static void test_seeds(void **state)
{
	(void)state;
	exact_assert_seeds("fuzz_wire_tftp", WIRE_ID_tftp, false);
}

static void yes(const char *hex)
{
	exact_assert(WIRE_ID_tftp, hex, WIRE_YES);
}

static void no(const char *hex)
{
	exact_assert(WIRE_ID_tftp, hex, WIRE_NO);
}

/* Names, modes and options are ended by a zero byte each. */
#define NAME  "73656564 00"
#define OCTET "6f63746574 00"

static void test_request(void **state)
{
	(void)state;
	yes("0001" NAME OCTET);
	yes("0002" NAME OCTET);
	no("0000" NAME OCTET);
	no("0003" NAME OCTET);
	no("0101" NAME OCTET);
	no("0001 00" OCTET);
	no("0001" NAME);
	no("0001" NAME "00");
	/* any text is a name, but no control character */
	yes("0001 20 00" OCTET);
	yes("0001 7e 00" OCTET);
	yes("0001 ff 00" OCTET);
	no("0001 1f 00" OCTET);
	no("0001 7f 00" OCTET);
	no("0001 7365 0a 00" OCTET);
	no("0001 73656564 0a" OCTET); /* nor does one end it */
	no("0001" NAME "6f63746574 0a");
	no("0001");
	no("00");
	no("");
}

static void test_modes(void **state)
{
	(void)state;
	yes("0001" NAME "6e65746173636969 00"); /* netascii */
	yes("0001" NAME "4f43546554 00");
	no("0001" NAME "6d61696c 00"); /* mail */
	no("0001" NAME "6f637465 00");
	no("0001" NAME "6f6374657474 00");
	no("0001" NAME "6f63746555 00");
	no("0001" NAME "4f43744574");
}

static void test_options(void **state)
{
	(void)state;
	yes("0001" NAME OCTET "61 00 30 00");
	yes("0001" NAME OCTET "61 00 30 00 62 00 31 00");
	no("0001" NAME OCTET "61 00 30 00 62 00");
	yes("0001" NAME OCTET "6d756c746963617374 00 00"); /* multicast (RFC 2090) */
	yes("0001" NAME OCTET "6d756c746963617374 00 00 61 00 30 00");
	no("0001" NAME OCTET "6d756c746963617374 00 00 00");
	no("0001" NAME OCTET "6d756c746963617374 00");
	no("0001" NAME OCTET "00 30 00");
	no("0001" NAME OCTET "00 00");
	no("0001" NAME OCTET "61 00 30");
	no("0001" NAME OCTET "61 00 01 00");
	no("0001" NAME OCTET "61 01 30 00");
	no("0001" NAME OCTET "61 00 30 01");
	no("0001" NAME OCTET "00");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_seeds),
		cmocka_unit_test(test_request),
		cmocka_unit_test(test_modes),
		cmocka_unit_test(test_options),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
