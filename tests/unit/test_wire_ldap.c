/* LDAP: lengths of every form, ids, and the requests with which a client begins. */
#include "wire_steps.h"

static bool begins(uint8_t byte)
{
	return byte == 0x30;
}

static void test_first_byte(void **state)
{
	(void)state;
	sample_assert_first_bytes(WIRE_ID_ldap, begins);
}

static void check_seed(const char *file, struct span sample)
{
	steps_assert_seed(WIRE_ID_ldap, file, sample);
}

static void test_seeds(void **state)
{
	(void)state;
	sample_each("fuzz_wire_ldap", check_seed);
}

static void yes(const char *hex)
{
	steps_assert_hex(WIRE_ID_ldap, hex, WIRE_YES);
}

static void no(const char *hex)
{
	steps_assert_hex(WIRE_ID_ldap, hex, WIRE_NO);
}

/* Ids of 1 to 4 bytes, above zero. */
static void test_id(void **state)
{
	(void)state;
	yes("300c 020101 6007 020103 0400");
	yes("300c 02017f 6007 020103 0400");
	yes("300f 02047fffffff 6007 020103 0400");
	yes("300f 020400000001 6007 020103 0400");
	no("300c 03");
	no("300c 0200");
	no("300c 0205");
	no("300c 020100");
	no("300c 020180");
	no("300c 020280");
	no("300f 020480");
	no("300f 020400000000");
}

/* Each may have more bytes than it needs, and fits into the one around it. */
static void test_lengths(void **state)
{
	(void)state;
	yes("30810c 020101 6007 020103 0400");
	yes("3082000c 020101 6007 020103 0400");
	yes("308300000c 020101 6007 020103 0400");
	yes("30840000000c 020101 6007 020103 0400");
	yes("3084000ffff0 020101 6084000fffe7 020103 0400");
	yes("3010 020101 608400000007 020103 0400");
	yes("3014 020101 60840000000b 020103 048400000000");
	yes("300d 020101 608107 020103 0400");
	yes("308400000017 02047fffffff 60840000000b 020103 048400000000"); /* as long as can be */
	yes("3084000ffffa 020101 6084000ffff1 020103 0400"); /* a MiB with its front */
	no("3084000ffffb");
	no("300d 020101 608108");
	no("3009");
	no("3080");
	no("3085");
	no("30ff");
	no("308109");
	no("30840011");
	no("300c 020101 6008");
	no("300c 020101 6006");
	no("300c 020101 6080");
	no("3010 020101 608400000008");
	no("300c 020101 6007 020103 0401");
}

static void test_bind(void **state)
{
	(void)state;
	yes("300c 020101 6007 020102 0400");
	yes("300d 020101 6008 020103 0401");
	no("300c 020101 6007 020101");
	no("300c 020101 6007 020104");
	no("300c 020101 6007 0200");
	no("300c 020101 6007 0202");
	no("300c 020101 6007 03");
	no("300c 020101 6007 020103 05");
	no("300c 020101 61");
	no("300c 020101 42");
	no("300c 020101 64");
	no("300c 020101 78");
}

static void test_search(void **state)
{
	(void)state;
	yes("301a 020101 6315 0400");
	yes("301b 020101 6316 0401");
	no("301a 020101 6315 0401");
	no("3019 020101 6314");
	no("301a 020101 6315 02");
}

static void test_extended(void **state)
{
	(void)state;
	yes("300a 020101 7705 8003 312e");
	yes("300a 020101 7705 8003 302e");
	yes("300a 020101 7705 8003 322e");
	no("300a 020101 7705 8002");
	no("300a 020101 7705 8004");
	no("300a 020101 7705 81");
	no("300a 020101 7705 8003 33");
	no("300a 020101 7705 8003 3131");
	no("300a 020101 7704");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_first_byte), cmocka_unit_test(test_seeds),
		cmocka_unit_test(test_id),         cmocka_unit_test(test_lengths),
		cmocka_unit_test(test_bind),       cmocka_unit_test(test_search),
		cmocka_unit_test(test_extended),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
