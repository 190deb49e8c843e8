/* SNMP: net-snmp's commands, and what a message of each version must not be. */
#include "wire_udp_exact.h"

static void test_seeds(void **state)
{
	(void)state;
	exact_assert_seeds("fuzz_wire_snmp", WIRE_ID_snmp, true);
}

static void yes(const char *hex)
{
	exact_assert(WIRE_ID_snmp, hex, WIRE_YES);
}

static void no(const char *hex)
{
	exact_assert(WIRE_ID_snmp, hex, WIRE_NO);
}

/* a request without names, and its front with a community of one letter */
#define REQUEST "0b 020107 020100 020100 3000"
#define V1      "3013 020100 040161 "
#define V2C     "3013 020101 040161 "

static void test_kinds(void **state)
{
	char text[128];

	(void)state;
	for (unsigned tag = 0; tag < 256; tag++) {
		bool is_old = tag == 0xa0 || tag == 0xa1 || tag == 0xa3;
		bool is_new = is_old || (tag >= 0xa5 && tag <= 0xa7);

		(void)snprintf(text, sizeof text, V1 "%02x" REQUEST, tag);
		exact_assert(WIRE_ID_snmp, text, is_old ? WIRE_YES : WIRE_NO);
		(void)snprintf(text, sizeof text, V2C "%02x" REQUEST, tag);
		exact_assert(WIRE_ID_snmp, text, is_new ? WIRE_YES : WIRE_NO);
	}
	for (unsigned version = 2; version < 256; version++) {
		(void)snprintf(text, sizeof text, "3013 0201%02x 040161 a0" REQUEST, version);
		no(text);
	}
	no("3013 0a0100 040161 a0" REQUEST);
	no("3012 020100 0500 a0" REQUEST);
	no("3113 020100 040161 a0" REQUEST);
	yes("308113 020100 040161 a0" REQUEST);
	yes("308400000013 020100 040161 a0" REQUEST);
}

static void test_requests(void **state)
{
	(void)state;
	yes(V1 "a00b 0201ff 020105 020109 3000");
	no(V1 "a00b 020107 0201ff 020100 3000");
	no(V1 "a00b 020107 020100 0201ff 3000");
	no(V1 "a00b 020107 020100 020100 3100");
	no("3015 020100 040161 a00d 020107 020100 020100 3000 0500");
	no("3015 020100 040161 a00b 020107 020100 020100 3000 0500");
	no("3010 020100 040161 a008 020107 020100 3000");
	/* names and values */
	yes("301a 020100 040161 a012 020107 020100 020100 3007 3005 06012b 0500");
	yes("301a 020101 040161 a012 020107 020100 020100 3007 3005 06012b 8200");
	no("301a 020101 040161 a012 020107 020100 020100 3007 3005 06012b 8300");
	no("301a 020101 040161 a012 020107 020100 020100 3007 3005 06012b 3000");
	no("301a 020101 040161 a012 020107 020100 020100 3007 3005 04012b 0500");
	no("3019 020101 040161 a011 020107 020100 020100 3006 3004 0600 0500");
	no("301a 020101 040161 a012 020107 020100 020100 3007 3105 06012b 0500");
	no("3018 020101 040161 a010 020107 020100 020100 3005 3003 06012b");
}

/* Types of values (RFC 2578 7.1, RFC 3416 3). */
static void test_values(void **state)
{
	static const uint8_t tags[] = { 0x02, 0x04, 0x05, 0x06, 0x40, 0x41, 0x42, 0x43,
					0x44, 0x45, 0x46, 0x47, 0x80, 0x81, 0x82 };
	char text[128];

	(void)state;
	for (unsigned tag = 0; tag < 256; tag++) {
		(void)snprintf(
			text, sizeof text,
			"301a 020101 040161 a012 020107 020100 020100 3007 3005 06012b %02x00",
			tag);
		exact_assert(WIRE_ID_snmp, text,
			     memchr(tags, (int)tag, sizeof tags) ? WIRE_YES : WIRE_NO);
	}
}

#define TRAP "06012b 4004c0000201 "

static void test_trap_of_v1(void **state)
{
	(void)state;
	yes("301c 020100 040161 a414" TRAP "020106 020111 430100 3000");
	yes("301c 020100 040161 a414" TRAP "020100 0201ff 430100 3000");
	no("301c 020101 040161 a414" TRAP "020106 020111 430100 3000");
	no("301c 020100 040161 a414" TRAP "020107 020111 430100 3000");
	no("301c 020100 040161 a414" TRAP "020106 020111 4301ff 3000");
	no("301c 020100 040161 a414" TRAP "020106 020111 020100 3000");
	no("301b 020100 040161 a413 06012b 4003c00002 020106 020111 430100 3000");
}

#define HEAD(flags, model) "300d 020101 020201e4 0401" flags "0201" model
#define USER               "0410 300e 0400 020100 020100 0400 0400 0400"
#define SCOPED             "3011 0400 0400 a0" REQUEST
#define OF_32              "000102030405060708090a0b0c0d0e0f 101112131415161718191a1b1c1d1e1f"

static void test_v3(void **state)
{
	(void)state;
	yes("3037 020103" HEAD("00", "03") USER SCOPED);
	yes("3037 020103" HEAD("05", "03") USER SCOPED);
	no("3037 020103" HEAD("08", "03") USER SCOPED);
	no("3037 020103" HEAD("00", "00") USER SCOPED);
	/* encrypted, which is never said of what is not authentic */
	yes("3027 020103" HEAD("03", "03") USER "0401ff");
	no("3026 020103" HEAD("03", "03") USER "0400");
	no("3027 020103" HEAD("02", "03") USER "0401ff");
	no("3037 020103" HEAD("03", "03") USER SCOPED);
	no("3027 020103" HEAD("00", "03") USER "0401ff");
	/* of another model the parameters may be anything */
	yes("3027 020103" HEAD("00", "04") "0400" SCOPED);
	yes("3027 020103" HEAD("00", "01") "0400" SCOPED);
	no("3027 020103" HEAD("00", "03") "0400" SCOPED);
	yes("3037 020103 300d 020100 020201e4 040100 020103" USER SCOPED);
	/* an engine and a user of 32 bytes, and of one more */
	yes("3057 020103" HEAD("00", "03") "0430 302e 0420" OF_32
					   "020100 020100 0400 0400 0400" SCOPED);
	no("3058 020103" HEAD("00", "03") "0431 302f 0421" OF_32
					  "61 020100 020100 0400 0400 0400" SCOPED);
	yes("3057 020103" HEAD("00", "03") "0430 302e 0400 020100 020100 0420" OF_32
					   "0400 0400" SCOPED);
	no("3058 020103" HEAD("00", "03") "0431 302f 0400 020100 020100 0421" OF_32
					  "61 0400 0400" SCOPED);
	no("3037 020103 300d 020101 020201e3 040100 020103" USER SCOPED);
	no("3037 020103 300d 0201ff 020201e4 040100 020103" USER SCOPED);
	no("3037 020103" HEAD("00", "03") "0410 300e 0400 0201ff 020100 0400 0400 0400" SCOPED);
	no("3037 020103" HEAD("00", "03") "0410 300c 0400 020100 020100 0400 0400 0400" SCOPED);
	/* a report is an engine's, and so is a response */
	no("3037 020103" HEAD("00", "03") USER "3011 0400 0400 a8" REQUEST);
	no("3037 020103" HEAD("00", "03") USER "3011 0400 0400 a2" REQUEST);
	no("3037 020103" HEAD("00", "03") USER "3011 0400 0400 a4" REQUEST);
}

/* A community that holds the rest of a message of IKE is that. */
static void test_ike(void **state)
{
	(void)state;
	no("3033 020101 0421 61 0000000000000000 01100200 00000000 00000035 00000019 00000001 "
	   "00000001 a00b 020107 020100 020100 3000");
	yes("3033 020101 0421 61 0000000000000000 01100200 00000000 00000036 00000019 00000001 "
	    "00000001 a00b 020107 020100 020100 3000");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_seeds),    cmocka_unit_test(test_kinds),
		cmocka_unit_test(test_requests), cmocka_unit_test(test_trap_of_v1),
		cmocka_unit_test(test_v3),       cmocka_unit_test(test_ike),
		cmocka_unit_test(test_values),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
