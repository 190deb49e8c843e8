/* DICOM: real clients, every field of A-ASSOCIATE-RQ up to its first item. */
#include "wire_ask.h"

enum { ID = WIRE_ID_dicom };

static void check_seed(const char *file, struct span sample)
{
	ask_seed(ID, file, sample);
}

static void test_seeds(void **state)
{
	(void)state;
	sample_each("fuzz_wire_dicom", check_seed);
}

#define TITLE   "53545552455343502020202020202020" /* "STORESCP        " */
#define SPACE   "20202020202020202020202020202020"
#define ZEROS   "0000000000000000000000000000000000000000000000000000000000000000"
#define UID     "312e322e3834302e31303030382e332e312e312e31"
#define HEAD    "01000000005d00010000"
#define REQUEST HEAD TITLE TITLE ZEROS "10000015" UID

static bool begins(uint8_t byte)
{
	return byte == 1;
}

static void test_first_byte(void **state)
{
	(void)state;
	sample_assert_first_bytes(ID, begins);
}

static void test_every_byte(void **state)
{
	(void)state;
	ask_hex(ID, REQUEST, WIRE_YES);
	ask_bytes(ID, REQUEST, 0, 3, 1);
	ask_bytes(ID, REQUEST, 3, 4, 17); /* 1 MiB at most */
	ask_bytes(ID, REQUEST, 4, 5, 256);
	ask_bytes(ID, REQUEST, 5, 6, 256 - 73);
	ask_bytes(ID, REQUEST, 6, 10, 1);
	ask_bytes(ID, REQUEST, 10, 11, 94); /* titles, or behind their first byte a zero */
	ask_bytes(ID, REQUEST, 11, 26, 95);
	ask_bytes(ID, REQUEST, 26, 27, 94);
	ask_bytes(ID, REQUEST, 27, 42, 95);
	ask_bytes(ID, REQUEST, 42, 74, 256);
	ask_bytes(ID, REQUEST, 74, 75, 1);
	ask_bytes(ID, REQUEST, 75, 76, 256);
	ask_bytes(ID, REQUEST, 76, 77, 1);
	ask_bytes(ID, REQUEST, 77, 78, 21); /* what the length leaves */
	ask_bytes(ID, REQUEST, 78, 99, 11);
	ask_bytes(ID, "010000000fff00010000" TITLE TITLE ZEROS "10000015" UID, 77, 78, 64);
}

static void test_titles(void **state)
{
	(void)state;
	ask_hex(ID, HEAD SPACE, WIRE_NO);
	ask_hex(ID, HEAD TITLE SPACE ZEROS "10000015" UID, WIRE_YES);
	ask_hex(ID, HEAD "41000000000000000000000000000000" TITLE ZEROS "10000015" UID, WIRE_YES);
	ask_hex(ID, HEAD "2000000000000000000000000000000000", WIRE_NO);
	ask_hex(ID, HEAD "410041", WIRE_NO);
	ask_hex(ID, HEAD "410020", WIRE_NO);
	ask_hex(ID, HEAD TITLE "00", WIRE_NO);
	ask_hex(ID, HEAD "202020202020202020202020202020", WIRE_MORE);
	ask_hex(ID, HEAD "20202020202020202020202020202041", WIRE_MORE);
	ask_hex(ID, HEAD "5c", WIRE_NO);
	ask_hex(ID, HEAD "00", WIRE_NO);
}

/* Other messages of the protocol, and what begins alike. */
static void test_near_misses(void **state)
{
	(void)state;
	ask_hex(ID, "02", WIRE_NO);
	ask_hex(ID, "0001000000", WIRE_NO);
	ask_hex(ID, "01000000000000", WIRE_NO);
	ask_hex(ID, "010000000048", WIRE_NO);
	ask_hex(ID, "010000000049", WIRE_MORE);
	ask_hex(ID, "0100010000", WIRE_NO); /* DNS over TCP */
	ask_hex(ID, "01000000010000010000 0000", WIRE_NO);
	ask_hex(ID, "010000002112", WIRE_MORE); /* STUN over TCP, up to here */
	ask_hex(ID, "010000002112a4", WIRE_NO);
	ask_hex(ID, "0100001b", WIRE_NO);
	ask_hex(ID, "0100 00100000 0001", WIRE_MORE); /* 1 MiB */
	ask_hex(ID, "0100 00100001", WIRE_NO);
	ask_hex(ID, "0100 000fffff 0001", WIRE_MORE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_seeds),       cmocka_unit_test(test_first_byte),
		cmocka_unit_test(test_every_byte),  cmocka_unit_test(test_titles),
		cmocka_unit_test(test_near_misses),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
