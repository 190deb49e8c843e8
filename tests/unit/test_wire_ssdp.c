/* SSDP: miniupnpc, other searches and announcements, and what only looks like them. */
#include "wire_udp_exact.h"

static void test_seeds(void **state)
{
	(void)state;
	exact_assert_seeds("fuzz_wire_ssdp", WIRE_ID_ssdp, false);
}

static void yes(const char *text)
{
	run_assert_one(span_text(text), WIRE_ID_ssdp, WIRE_YES);
}

static void no(const char *text)
{
	run_assert_one(span_text(text), WIRE_ID_ssdp, WIRE_NO);
}

#define SEARCH "M-SEARCH * HTTP/1.1\r\n"
#define MAN    "MAN: \"ssdp:discover\"\r\n"
#define ST     "ST: ssdp:all\r\n"
#define NOTIFY "NOTIFY * HTTP/1.1\r\n"
#define NT     "NT: upnp:rootdevice\r\n"

static void test_search(void **state)
{
	(void)state;
	yes(SEARCH MAN ST "\r\n");
	yes(SEARCH ST MAN "\r\n");
	yes(SEARCH ST MAN);
	yes("M-SEARCH * HTTP/1.1\nMAN: \"ssdp:discover\"\nST: x\n\n");
	yes(SEARCH "mAn:ssdp:discover \t\r\nst:\tx\r\nEXT:\r\n\r\n");
	no(SEARCH MAN "\r\n");
	no(SEARCH ST "\r\n");
	no(SEARCH MAN "ST: \r\n\r\n");
	no(SEARCH "MAN: \"ssdp:discove\"\r\n" ST "\r\n");
	no(SEARCH "MAN: \"ssdp:discoverr\"\r\n" ST "\r\n");
	no(SEARCH "MAN: \"ssdp:discover\r\n" ST "\r\n");
	no(SEARCH "MAN: \"\r\n" ST "\r\n");
	no(SEARCH "MAN: \"\"\r\n" ST "\r\n");
	no(SEARCH "NTS: ssdp:alive\r\n" NT "\r\n");
	no(SEARCH MAN NT "\r\n");
	no("m-search * HTTP/1.1\r\n" MAN ST "\r\n");
	no("M-SEARCH  * HTTP/1.1\r\n" MAN ST "\r\n");
	no("M-SEARCH / HTTP/1.1\r\n" MAN ST "\r\n");
	no("M-SEARCH * HTTP/1.0\r\n" MAN ST "\r\n");
	no("M-SEARCH * SIP/2.0\r\n" MAN ST "\r\n");
	no(SEARCH);
	no("M");
	no("");
}

static void test_notify(void **state)
{
	(void)state;
	yes(NOTIFY NT "NTS: ssdp:alive\r\n\r\n");
	yes(NOTIFY NT "NTS: ssdp:byebye\r\n\r\n");
	yes(NOTIFY NT "NTS: ssdp:update\r\n\r\n");
	no(NOTIFY NT "NTS: upnp:propchange\r\n\r\n");
	no(NOTIFY NT "\r\n");
	no(NOTIFY "NTS: ssdp:alive\r\n\r\n");
	no(NOTIFY MAN ST "\r\n");
	no("HTTP/1.1 200 OK\r\n" ST "\r\n");
}

static void test_fields(void **state)
{
	(void)state;
	no(SEARCH MAN ST "\r\nx");
	no(SEARCH MAN ST "\r\n\r\n");
	no(SEARCH MAN ST "MX: 3");
	no(SEARCH MAN ST "MX 3\r\n\r\n");
	no(SEARCH MAN ST "MX : 3\r\n\r\n");
	no(SEARCH MAN ST ": 3\r\n\r\n");
	no(SEARCH MAN ST " folded\r\n\r\n");
	no(SEARCH MAN ST "MX: 3\x01\r\n\r\n");
	no(SEARCH MAN ST "MX: 3\r\r\n\r\n");
	yes(SEARCH MAN ST "X: \xc3\xa4\r\n\r\n");
}

static void test_long_fields(void **state)
{
	char text[2048];

	(void)state;
	for (int size = 1023; size <= 1026; size++) {
		(void)snprintf(text, sizeof text, SEARCH MAN ST "X:%0*d\r\n\r\n", size, 0);
		run_assert_one(span_text(text), WIRE_ID_ssdp, size <= 1024 ? WIRE_YES : WIRE_NO);
		(void)snprintf(text, sizeof text, SEARCH MAN ST "%0*d:X\r\n\r\n", size, 0);
		run_assert_one(span_text(text), WIRE_ID_ssdp, size <= 1024 ? WIRE_YES : WIRE_NO);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_seeds),       cmocka_unit_test(test_search),
		cmocka_unit_test(test_notify),      cmocka_unit_test(test_fields),
		cmocka_unit_test(test_long_fields),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
