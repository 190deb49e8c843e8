/* Prefixes: text, and what lies in what. */
#include <errno.h>

#include "base/prefix.h"
#include "unit.h"

static struct prefix prefix_of(const char *text)
{
	struct prefix p;

	assert_int_equal(prefix_parse(&p, text), 0);
	return p;
}

static bool holds(const char *prefix, const char *address)
{
	struct prefix p = prefix_of(prefix);
	struct addr a;

	assert_int_equal(addr_parse(&a, address, false), 0);
	return prefix_holds(&p, &a);
}

static bool covers(const char *outer, const char *inner)
{
	struct prefix a = prefix_of(outer);
	struct prefix b = prefix_of(inner);

	return prefix_covers(&a, &b);
}

static void test_text(void **state)
{
	static const char *const same[] = { "192.0.2.0/24", "192.0.2.1",      "0.0.0.0/0",
					    "::/0",         "2001:db8::/32",  "2001:db8::1",
					    "128.0.0.0/1",  "192.0.2.254/31", "fe80::/10" };
	char written[PREFIX_TEXT_BYTES];

	(void)state;
	for (size_t i = 0; i < sizeof same / sizeof same[0]; i++) {
		struct prefix p = prefix_of(same[i]);

		assert_string_equal(prefix_text(&p, written), same[i]);
	}
	assert_int_equal(prefix_of("192.0.2.1").bits, 32);
	assert_int_equal(prefix_of("2001:db8::1/128").bits, 128);
}

static void test_refused(void **state)
{
	static const char *const texts[] = { "",
					     "/",
					     "/24",
					     "192.0.2.0/",
					     "192.0.2.0/33",
					     "192.0.2.1/24",
					     "0.0.0.1/0",
					     "::1/0",
					     "2001:db8::/129",
					     "2001:db8::1/32",
					     "192.0.2.0/-1",
					     "192.0.2.0/24/8",
					     "192.0.2.0 /24",
					     "192.0.2/24",
					     "192.0.2.0/a",
					     "example.com",
					     "[::1]",
					     "255.255.255.255/31" };
	struct prefix p = { .bits = 7 };

	(void)state;
	for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
		assert_int_equal(prefix_parse(&p, texts[i]), -EINVAL);
	assert_int_equal(p.bits, 7);
	assert_int_equal(p.family, 0);
}

static void test_holds(void **state)
{
	(void)state;
	assert_true(holds("192.0.2.0/24", "192.0.2.0"));
	assert_true(holds("192.0.2.0/24", "192.0.2.255"));
	assert_false(holds("192.0.2.0/24", "192.0.3.0"));
	assert_true(holds("192.0.2.128/25", "192.0.2.128"));
	assert_false(holds("192.0.2.128/25", "192.0.2.127"));
	assert_true(holds("192.0.2.1", "192.0.2.1"));
	assert_false(holds("192.0.2.1", "192.0.2.0"));
	assert_true(holds("0.0.0.0/0", "255.255.255.255"));
	assert_false(holds("0.0.0.0/0", "::1"));
	assert_false(holds("::/0", "192.0.2.1"));
	assert_true(holds("2001:db8::/33", "2001:db8:7fff::1"));
	assert_false(holds("2001:db8::/33", "2001:db8:8000::1"));
	assert_true(holds("2001:db8::1", "2001:db8::1"));
	assert_false(holds("2001:db8::1", "2001:db8::2"));
}

static void test_covers(void **state)
{
	(void)state;
	assert_true(covers("192.0.2.0/24", "192.0.2.0/24"));
	assert_true(covers("192.0.2.0/24", "192.0.2.128/25"));
	assert_true(covers("0.0.0.0/0", "192.0.2.1"));
	assert_false(covers("192.0.2.128/25", "192.0.2.0/24"));
	assert_false(covers("192.0.2.0/24", "192.0.3.0/25"));
	assert_false(covers("0.0.0.0/0", "::/0"));
	assert_true(covers("2001:db8::/32", "2001:db8:1::/48"));
	assert_false(covers("2001:db8:1::/48", "2001:db8::/32"));
}

/* In this order a prefix stands right behind the widest one that covers it, and nothing between. */
static void test_compare(void **state)
{
	static const char *const order[] = {
		"0.0.0.0/0", "0.0.0.0",       "10.0.0.0/8",    "10.0.0.0/9",
		"10.0.0.1",  "192.0.2.0/24",  "192.0.2.128",   "::/0",
		"::",        "2001:db8::/32", "2001:db8::/33", "2001:db8:1::/48",
	};

	(void)state;
	for (size_t i = 0; i < sizeof order / sizeof *order; i++) {
		for (size_t j = 0; j < sizeof order / sizeof *order; j++) {
			struct prefix a;
			struct prefix b;
			int compared;

			assert_int_equal(prefix_parse(&a, order[i]), 0);
			assert_int_equal(prefix_parse(&b, order[j]), 0);
			compared = prefix_compare(&a, &b);
			assert_int_equal((compared > 0) - (compared < 0), (i > j) - (i < j));
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_text),    cmocka_unit_test(test_refused),
		cmocka_unit_test(test_holds),   cmocka_unit_test(test_covers),
		cmocka_unit_test(test_compare),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
