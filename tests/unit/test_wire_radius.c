/* RADIUS: radclient, each kind of request, and sizes of attributes. */
#include "wire_udp_exact.h"

static void test_seeds(void **state)
{
	(void)state;
	exact_assert_seeds("fuzz_wire_radius", WIRE_ID_radius, true);
}

static void yes(const char *hex)
{
	exact_assert(WIRE_ID_radius, hex, WIRE_YES);
}

static void no(const char *hex)
{
	exact_assert(WIRE_ID_radius, hex, WIRE_NO);
}

#define PROOF "000102030405060708090a0b0c0d0e0f"
#define USER  "010461 62"

static void test_codes(void **state)
{
	char text[128];

	(void)state;
	for (unsigned code = 0; code < 256; code++) {
		bool is_request = code == 1 || code == 40 || code == 43;

		(void)snprintf(text, sizeof text, "%02x 07 0018" PROOF USER, code);
		exact_assert(WIRE_ID_radius, text, is_request ? WIRE_YES : WIRE_NO);
	}
}

static void test_size(void **state)
{
	uint8_t largest[4097] = { 1, 7, 16, 0 };
	size_t at = 20;

	(void)state;
	yes("01 ff 0018 ffffffffffffffffffffffffffffffff" USER);
	no("01 07 0017" PROOF USER);
	no("01 07 0019" PROOF USER);
	no("01 07 0118" PROOF USER);
	no("01 07 0018" PROOF USER "00");
	no("01 07 0014" PROOF);
	no("01 07 0004");
	no("01");
	no("");
	for (; at + 251 <= 4096; at += 251) {
		largest[at] = 1;
		largest[at + 1] = 251;
	}
	largest[at] = 1;
	largest[at + 1] = (uint8_t)(4096 - at);
	run_assert_one(span_of(largest, 4096), WIRE_ID_radius, WIRE_YES);
	largest[3]++;
	largest[at + 1]++;
	run_assert_one(span_of(largest, 4097), WIRE_ID_radius, WIRE_NO);
}

static void test_attributes(void **state)
{
	(void)state;
	no("01 07 0019" PROOF USER "20");
	no("01 07 001a" PROOF USER "2001");
	no("01 07 001a" PROOF USER "2000");
	yes("01 07 001a" PROOF USER "2002");
	no("01 07 001a" PROOF USER "2003");
	no("01 07 001a" PROOF USER "0002");
	/* of fixed size */
	yes("01 07 001e" PROOF USER "0406 00000000");
	no("01 07 001d" PROOF USER "0405 000000");
	no("01 07 001f" PROOF USER "0507 0000000000");
	no("01 07 001a" PROOF USER "0602");
	yes("01 07 001e" PROOF USER "3d06 00000005");
	no("01 07 001d" PROOF USER "3d05 000000");
	no("01 07 001e" PROOF USER "1a06 00000009");
	yes("01 07 001f" PROOF USER "1a07 00000009 01");
	yes("01 07 002a" PROOF USER "5012" PROOF);
	no("01 07 0029" PROOF USER "5011 000102030405060708090a0b0c0d0e");
	/* passwords */
	yes("01 07 002a" PROOF USER "0212" PROOF);
	no("01 07 002b" PROOF USER "0213" PROOF "00");
	no("01 07 001a" PROOF USER "0202");
	yes("01 07 009a" PROOF USER "0282" PROOF PROOF PROOF PROOF PROOF PROOF PROOF PROOF);
	no("01 07 00aa" PROOF USER "0292" PROOF PROOF PROOF PROOF PROOF PROOF PROOF PROOF PROOF);
	yes("01 07 002b" PROOF USER "0313 00" PROOF);
	no("01 07 002a" PROOF USER "0312" PROOF);
}

/* What each kind is made for. */
static void test_needs(void **state)
{
	(void)state;
	yes("01 07 0018" PROOF "4f046162");
	yes("01 07 0018" PROOF "1f046162");
	no("01 07 0018" PROOF "20046162");
	no("01 07 0018" PROOF "2c046162");
	no("04 07 001a" PROOF "2806 00000001");
	yes("04 07 001e" PROOF "2806 00000001 2c046162");
	yes("04 07 001e" PROOF "2806 00000001 20046162");
	yes("04 07 0020" PROOF "2806 00000007 0406 c0000201");
	no("04 07 001c" PROOF "2c046162 01046162");
	yes("0c 07 0026" PROOF "5012" PROOF);
	no("0c 07 0018" PROOF USER);
	yes("28 07 0018" PROOF "2c046162");
	yes("2b 07 0018" PROOF "20046162");
	no("2b 07 0018" PROOF "19046162");
}

/* Whose session is to be changed or ended: by any one of these (RFC 5176 3). */
static void test_sessions(void **state)
{
	static const uint8_t kinds[] = { 1, 4, 5, 8, 26, 30, 31, 32, 44, 50, 87, 89, 95, 96, 97 };
	struct hex_bytes room;
	struct span packet = exact_hex(&room, "28 07 0026" PROOF "0012" PROOF);

	(void)state;
	for (unsigned kind = 1; kind < 256; kind++) {
		bool is_number = kind == 4 || kind == 5 || kind == 6 || kind == 8 || kind == 40 ||
				 kind == 61; /* of four bytes */
		size_t size = is_number ? 26 : packet.size;
		bool tells = memchr(kinds, (int)kind, sizeof kinds);

		room.data[0] = kind & 1 ? 40 : 43;
		room.data[3] = (uint8_t)size;
		room.data[20] = (uint8_t)kind;
		room.data[21] = (uint8_t)(size - 20);
		run_assert_one(span_of(room.data, size), WIRE_ID_radius,
			       tells ? WIRE_YES : WIRE_NO);
	}
	no("28 07 0019" PROOF "0805 c00002");
}

/* Whose fields the proof and the attributes may hold as well. */
static void test_others(void **state)
{
	(void)state;
	/* a question of DNS whose label holds the front of an attribute; with two it is none */
	no("0107 0020 0001 0000 0000 0000 0e 61616161616161 010c 6161616161 00 0001 0001");
	yes("0107 0020 0002 0000 0000 0000 0e 61616161616161 010c 6161616161 00 0001 0001");
	/* a later message of IKE; of another size it is none */
	no("0107003c 00000001 0000000000000002 08102001 01140000 0000003c 000000000000000000000000 "
	   "0114 000000000000000000000000000000000000");
	yes("0107003c 00000001 0000000000000002 08102001 01140000 0000003d 000000000000000000000000 "
	    "0114 000000000000000000000000000000000000");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_seeds),  cmocka_unit_test(test_codes),
		cmocka_unit_test(test_size),   cmocka_unit_test(test_attributes),
		cmocka_unit_test(test_needs),  cmocka_unit_test(test_sessions),
		cmocka_unit_test(test_others),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
