/* ZooKeeper: real clients, every field of a request for a session, commands of four letters. */
#include "wire_ask.h"

enum { ID = WIRE_ID_zookeeper };

static void check_seed(const char *file, struct span sample)
{
	ask_seed(ID, file, sample);
}

static void test_seeds(void **state)
{
	(void)state;
	sample_each("fuzz_wire_zookeeper", check_seed);
}

#define REQUEST "0000002c 00000000 0000000000000000 00002710 0000000000000000 00000010 "
#define NONE    "00000000000000000000000000000000"

static void test_session(void **state)
{
	(void)state;
	ask_hex(ID, REQUEST NONE, WIRE_YES);
	ask_bytes(ID, REQUEST NONE, 1, 3, 1);
	ask_bytes(ID, REQUEST NONE, 3, 4, 2);
	ask_bytes(ID, REQUEST NONE, 4, 8, 1);
	ask_bytes(ID, REQUEST NONE, 8, 9, 128);
	ask_bytes(ID, REQUEST NONE, 9, 16, 256);
	ask_bytes(ID, REQUEST NONE, 16, 17, 128);
	ask_bytes(ID, REQUEST NONE, 17, 28, 256);
	ask_bytes(ID, REQUEST NONE, 28, 32, 1);
	ask_bytes(ID, REQUEST NONE, 32, 48, 256);
	ask_hex(ID, "0000002c 00000000 0000000000000000 00000000", WIRE_NO);
	ask_hex(ID, "0000002d 00000000 0000000000000000 00002710 0000000000000000 00000010" NONE,
		WIRE_MORE);
	ask_bytes(ID,
		  "0000002d 00000000 0000000000000000 00002710 0000000000000000 00000010" NONE "00",
		  48, 49, 2);
}

static bool begins(uint8_t byte)
{
	return byte == 0 || strchr("cdeghilmorsw", byte);
}

static void test_first_byte(void **state)
{
	(void)state;
	sample_assert_first_bytes(ID, begins);
}

static void test_commands(void **state)
{
	static const char *const words[] = {
		"ruok", "stat", "srvr", "mntr", "conf", "envi", "wchs"
	};

	(void)state;
	for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
		sample_assert(ID, span_text(words[i]), WIRE_YES);
		sample_assert(ID, span_of(words[i], 3), WIRE_MORE);
	}
	sample_assert(ID, span_text("RUOK"), WIRE_NO);
	sample_assert(ID, span_text("rset"), WIRE_NO);
	sample_assert(ID, span_text("stop"), WIRE_NO);
	sample_assert(ID, span_text("get "), WIRE_NO);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_seeds),
		cmocka_unit_test(test_session),
		cmocka_unit_test(test_first_byte),
		cmocka_unit_test(test_commands),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
