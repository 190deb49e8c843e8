/* NTP: real clients, versions and modes, extension fields and MACs. */
#include "wire_udp_exact.h"

static void yes(const char *hex)
{
	exact_assert(WIRE_ID_ntp, hex, WIRE_YES);
}

static void no(const char *hex)
{
	exact_assert(WIRE_ID_ntp, hex, WIRE_NO);
}

static void test_seeds(void **state)
{
	(void)state;
	exact_assert_seeds("fuzz_wire_ntp", WIRE_ID_ntp, false);
}

#define TWELVE  "000000000000000000000000"
#define REST    "0000" TWELVE TWELVE TWELVE "0000000000000000" /* behind the stratum */
#define V4      "2300" REST
#define V3      "1b00" REST
#define SIXTEEN "00010203040506070809 0a0b0c0d0e0f"

static void test_first_byte(void **state)
{
	uint8_t packet[48] = { 0 };

	(void)state;
	for (unsigned first = 0; first < 256; first++) {
		unsigned mode = first & 7, version = first >> 3 & 7;
		bool is_so = (mode == 1 || mode == 3) && version >= 1 && version <= 4;

		packet[0] = (uint8_t)first;
		run_assert_one(span_of(packet, sizeof packet), WIRE_ID_ntp,
			       is_so ? WIRE_YES : WIRE_NO);
		assert_int_equal(wire_proto_at(WIRE_ID_ntp)->begins((uint8_t)first), is_so);
	}
}

static void test_stratum(void **state)
{
	(void)state;
	yes("2310" REST);
	no("2311" REST);
	no("23ff" REST);
}

static void test_size(void **state)
{
	struct hex_bytes room;
	struct span packet = exact_hex(&room, V4);

	(void)state;
	for (size_t size = 0; size < packet.size; size++)
		run_assert_one(span_of(packet.data, size), WIRE_ID_ntp, WIRE_NO);
	yes(V4);
	no(V4 "00");
	no(V4 TWELVE);
	yes(V3);
	no(V3 "00");
	no("");
}

static void test_mac(void **state)
{
	(void)state;
	yes(V4 "00000001" SIXTEEN);
	yes(V4 "00000001" SIXTEEN "10111213");
	no(V4 "00000001" SIXTEEN "1011121314151617");
	yes(V3 "00000001" SIXTEEN);
	yes(V3 "00000001 1011121314151617");
	yes(V3 "00000001" SIXTEEN SIXTEEN);
	yes(V3 "00000001" SIXTEEN SIXTEEN SIXTEEN SIXTEEN);
	yes(V3 "00000001" SIXTEEN SIXTEEN SIXTEEN);
	no(V3 "00000001" SIXTEEN SIXTEEN "00000000");
}

/* RFC 7822: a field fills what its size says; the last one without a MAC is longer than a MAC. */
static void test_fields(void **state)
{
	(void)state;
	yes(V4 "0104 001c" TWELVE TWELVE);
	yes(V4 "0104 0010" TWELVE "00000001" SIXTEEN);
	yes(V4 "0104 0010" TWELVE "0204 001c" TWELVE TWELVE);
	no(V4 "0104 000c 0000000000000000 00000001" SIXTEEN);
	no(V4 "0104 001d" TWELVE TWELVE);
	no(V4 "0104 0020" TWELVE TWELVE);
	no(V4 "0104 0000" TWELVE TWELVE);
	no(V3 "0104 001c" TWELVE TWELVE);
}

/* A query of the same size, for a name of 30 bytes. */
static void test_dns(void **state)
{
	(void)state;
	no("230a 0100 0001 0000 0000 0000 1e616161616161616161616161616161616161616161616161616161616161"
	   "00 0001 0001");
	no("1b0a 0100 0001 0000 0000 0000 1e616161616161616161616161616161616161616161616161616161616161"
	   "00 0001 0001");
	yes("1b0a 0100 0002 0000 0000 0000 1e616161616161616161616161616161616161616161616161616161616161"
	    "00 0001 0001");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_seeds),   cmocka_unit_test(test_first_byte),
		cmocka_unit_test(test_stratum), cmocka_unit_test(test_size),
		cmocka_unit_test(test_mac),     cmocka_unit_test(test_fields),
		cmocka_unit_test(test_dns),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
