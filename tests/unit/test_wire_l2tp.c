/* L2TP: xl2tpd, both versions, and what a start must have. */
#include "wire_udp_exact.h"

static void test_seeds(void **state)
{
	(void)state;
	exact_assert_seeds("fuzz_wire_l2tp", WIRE_ID_l2tp, true);
}

static void yes(const char *hex)
{
	exact_assert(WIRE_ID_l2tp, hex, WIRE_YES);
}

static void no(const char *hex)
{
	exact_assert(WIRE_ID_l2tp, hex, WIRE_NO);
}

#define NEW  "00000000 00000000"
#define KIND "8008 0000 0000 0001"
#define V    "8008 0000 0002 0100"
#define HOST "8008 0000 0007 6162"
#define ID   "8008 0000 0009 0007"
#define ID3  "800a 0000 003d 00000007"

static void test_header(void **state)
{
	(void)state;
	yes("c802 002c" NEW KIND V HOST ID);
	no("c802 002d" NEW KIND V HOST ID);
	no("c802 002c" NEW KIND V HOST ID "00");
	no("c802 002d" NEW KIND V HOST ID "00");
	no("c801 002c" NEW KIND V HOST ID);
	no("c804 002c" NEW KIND V HOST ID);
	no("4802 002c" NEW KIND V HOST ID);
	no("c902 002c" NEW KIND V HOST ID);
	/* a tunnel, a session, numbers: something was before */
	no("c802 002c 00010000 00000000" KIND V HOST ID);
	no("c802 002c 00000001 00000000" KIND V HOST ID);
	no("c802 002c 00000000 00010000" KIND V HOST ID);
	no("c802 002c 00000000 00000001" KIND V HOST ID);
	no("c802 000c" NEW);
	no("c8");
	no("");
}

static void test_attributes(void **state)
{
	(void)state;
	no("c802 002c" NEW "0008 0000 0000 0001" V HOST ID);
	no("c802 002c" NEW "8009 0000 0000 0001" V HOST ID);
	no("c802 002c" NEW "8008 0001 0000 0001" V HOST ID);
	no("c802 002c" NEW "8008 0000 0001 0001" V HOST ID);
	no("c802 002c" NEW "8008 0000 0000 0002" V HOST ID);
	no("c802 002c" NEW V KIND HOST ID);
	/* in any other order, hidden, of a vendor, of an unknown type, empty */
	yes("c802 002c" NEW KIND ID HOST V);
	yes("c802 002c" NEW KIND V "c008 0000 0007 6162" ID);
	yes("c802 0032" NEW KIND V HOST ID "0006 0009 0007");
	yes("c802 0032" NEW KIND V HOST ID "0006 0000 003f");
	yes("c802 0032" NEW KIND V HOST ID "0006 0000 0040");
	yes("c802 0032" NEW KIND V HOST ID "0006 0000 ffff");
	no("c802 0032" NEW KIND V HOST ID "0406 0000 ffff");
	no("c802 0032" NEW KIND V HOST ID "2006 0000 ffff");
	no("c802 0032" NEW KIND V HOST ID "0005 0000 ffff");
	no("c802 0032" NEW KIND V HOST ID "0007 0000 ffff");
	no("c802 0031" NEW KIND V HOST ID "0005 0000 ff");
	/* what must be there, of a vendor's attributes none */
	no("c802 0024" NEW KIND V HOST);
	no("c802 0024" NEW KIND V ID);
	no("c802 0024" NEW KIND HOST ID);
	no("c802 002c" NEW KIND V HOST "8008 0009 0009 0007");
}

static void test_v3(void **state)
{
	(void)state;
	yes("c803 0026" NEW KIND HOST ID3);
	no("c802 0026" NEW KIND HOST ID3);
	no("c803 002c" NEW KIND V HOST ID);
	no("c803 001e" NEW KIND ID3);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_seeds),
		cmocka_unit_test(test_header),
		cmocka_unit_test(test_attributes),
		cmocka_unit_test(test_v3),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
