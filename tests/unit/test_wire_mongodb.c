/* MongoDB: header and first command, in an OP_MSG and in an OP_QUERY; and what is another's. */
#include "wire_steps.h"

static bool begins(uint8_t byte)
{
	(void)byte;
	return true;
}

static void test_first_byte(void **state)
{
	(void)state;
	sample_assert_first_bytes(WIRE_ID_mongodb, begins);
}

static void check_seed(const char *file, struct span sample)
{
	steps_assert_seed(WIRE_ID_mongodb, file, sample);
}

static void test_seeds(void **state)
{
	(void)state;
	sample_each("fuzz_wire_mongodb", check_seed);
}

static void yes(const char *hex)
{
	steps_assert_hex(WIRE_ID_mongodb, hex, WIRE_YES);
}

static void no(const char *hex)
{
	steps_assert_hex(WIRE_ID_mongodb, hex, WIRE_NO);
}

#define IDS                                                                                        \
	"01000000"                                                                                 \
	"00000000"
#define MSG   "dd070000"
#define QUERY "d4070000"
#define DOC                                                                                        \
	"0c000000"                                                                                 \
	"10"                                                                                       \
	"61"

static void test_length(void **state)
{
	(void)state;
	yes("1d000000" IDS MSG "00000000 00 08000000 10 61");
	yes("ffbf0000" IDS MSG "00000000 00" DOC);
	no("1c00");
	no("00c0");
	no("40000001");
	no("400001");
	no("0501"); /* SOCKS5 */
	yes("05020000" IDS MSG "00000000 00" DOC);
}

static void test_header(void **state)
{
	(void)state;
	yes("40000000 ffffffff 00000000" MSG "00000000 00" DOC);
	no("40000000 01000000 01");
	no("40000000 01000000 0001");
	no("40000000 01000000 00000001");
	no("40000000 01000000 00000000 d5");
	no("40000000 01000000 00000000 dc");
	no("40000000 01000000 00000000 dd08");
	no("40000000 01000000 00000000 dd0700 01");
	no("40000000 2112a442"); /* STUN */
}

/* A length and an id that are all of a frame of Cassandra's. */
static void test_cassandra(void **state)
{
	(void)state;
	no("42000000 05000000 00");
	no("41000000 05000000 00");
	no("42100000 05000000 00");
	yes("43000000 05000000 00000000" MSG "00000000 00" DOC);
	yes("42000000 06000000 00000000" MSG "00000000 00" DOC);
	yes("42000000 05010000 00000000" MSG "00000000 00" DOC);
	no("42000000 05010000 01");
}

static void test_msg(void **state)
{
	(void)state;
	yes("40000000" IDS MSG "03000100 00" DOC);
	no("40000000" IDS MSG "04");
	no("40000000" IDS MSG "0001");
	no("40000000" IDS MSG "000002");
	no("40000000" IDS MSG "00000001");
	no("40000000" IDS MSG "00000000 01");
	yes("40000000" IDS MSG "00000000 00 2b000000 10 61");
	no("40000000" IDS MSG "00000000 00 2c");
	no("40000000" IDS MSG "00000000 00 07");
	no("40000000" IDS MSG "00000000 00 0c000000 00");
	no("40000000" IDS MSG "00000000 00 0c000000 14");
	yes("40000000" IDS MSG "00000000 00 0c000000 01 61");
	yes("40000000" IDS MSG "00000000 00 0c000000 13 24");
	no("40000000" IDS MSG "00000000 00 0c000000 10 31");
	no("40000000" IDS MSG "00000000 00 0c000000 10 00");
}

static void test_query(void **state)
{
	(void)state;
	yes("40000000" IDS QUERY "00000000 612e24636d6400 00000000 ffffffff" DOC);
	yes("40000000" IDS QUERY "fe000000 612e24636d6400 00000000 01000000" DOC);
	no("40000000" IDS QUERY "01");
	no("40000000" IDS QUERY "0001");
	no("40000000" IDS QUERY "00000000 2e24636d6400");
	no("40000000" IDS QUERY "00000000 612e636d6400");
	no("40000000" IDS QUERY "00000000 6120");
	no("40000000" IDS QUERY "00000000 617f");
	yes("40000000" IDS QUERY "00000000 7e2e24636d6400 00000000 ffffffff" DOC);
	no("40000000" IDS QUERY "00000000 00");
	no("40000000" IDS QUERY "00000000 612e24636d6400 01");
	no("28000000" IDS QUERY "00000000 612e24636d6400 00000000 01000000");
}

/* A database's name that is as long as may be, and one byte longer. */
static void test_namespace(void **state)
{
	char hex[400] = "ff000000" IDS QUERY "00000000";
	size_t at = strlen(hex);

	(void)state;
	for (size_t i = 0; i < 129; i++)
		memcpy(hex + at + 2 * i, "61", 3);
	no(hex);
	memcpy(hex + at + 2 * 123, "2e24636d6400 00000000 01000000" DOC,
	       sizeof "2e24636d6400 00000000 01000000" DOC);
	yes(hex);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_first_byte), cmocka_unit_test(test_seeds),
		cmocka_unit_test(test_length),     cmocka_unit_test(test_header),
		cmocka_unit_test(test_cassandra),  cmocka_unit_test(test_msg),
		cmocka_unit_test(test_query),      cmocka_unit_test(test_namespace),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
