/* RakNet: each message that may come first, and its borders. */
#include "wire_udp_exact.h"

static void test_seeds(void **state)
{
	(void)state;
	exact_assert_seeds("fuzz_wire_raknet", WIRE_ID_raknet, false);
}

static void yes(const char *hex)
{
	exact_assert(WIRE_ID_raknet, hex, WIRE_YES);
}

static void no(const char *hex)
{
	exact_assert(WIRE_ID_raknet, hex, WIRE_NO);
}

#define MAGIC  "00ffff00 fefefefe fdfdfdfd 12345678"
#define TIME   "0001020304050607"
#define GUID   "08090a0b0c0d0e0f"
#define V4     "04 3f57fef8 4abc"
#define V6     "06 0a004abc00000000 20010db8000000000000000000000001 00000000"
#define COOKIE "deadbeef 00"

static void test_ping(void **state)
{
	(void)state;
	yes("01" TIME MAGIC GUID);
	yes("02" TIME MAGIC GUID);
	yes("01" TIME MAGIC);
	no("00" TIME MAGIC GUID);
	no("03" TIME MAGIC GUID);
	no("1c" TIME MAGIC GUID);
	no("01" TIME MAGIC GUID "00");
	no("01" TIME MAGIC "08");
	no("01" TIME "00ffff00 fefefefe fdfdfdfd 12345679" GUID);
	no("01" TIME "01ffff00 fefefefe fdfdfdfd 12345678" GUID);
	no("01" MAGIC GUID TIME);
	no("01" TIME);
	no("");
}

static void test_opening(void **state)
{
	(void)state;
	yes("05" MAGIC "0b");
	yes("05" MAGIC "0b 00");
	no("05" MAGIC);
	no("05" MAGIC "0b 01");
	no("05" MAGIC "0b 000000 01 0000");
	no("06" MAGIC "0b");
	yes("07" MAGIC V4 "05d4" GUID);
	yes("07" MAGIC V6 "05d4" GUID);
	yes("07" MAGIC COOKIE V4 "05d4" GUID);
	yes("07" MAGIC COOKIE V6 "05d4" GUID);
	no("07" MAGIC "05 3f57fef8 4abc 05d4" GUID);
	no("07" MAGIC V4 "05d4" GUID "00");
	no("07" MAGIC V6 "05d4" GUID "00");
	no("07" MAGIC V4 "05d4");
	no("07" MAGIC COOKIE COOKIE V4 "05d4" GUID);
	no("08" MAGIC V4 "05d4" GUID);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_seeds),
		cmocka_unit_test(test_ping),
		cmocka_unit_test(test_opening),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
