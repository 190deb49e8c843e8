/* Names off the wire: what may pass, what counts as none. */
#include "wire_samples.h"

static void check(const char *wire, const char *expected)
{
	struct wire_hints hints;

	memset(&hints, 0xa5, sizeof hints);
	wire_hints_set_name(&hints, span_text(wire));
	sample_assert_name(&hints, expected);
	assert_true(laws_name_is_safe(&hints));
}

static void test_kept(void **state)
{
	(void)state;
	check("git.example.com", "git.example.com");
	check("a", "a");
	check("localhost", "localhost");
	check("_443._tcp.example", "_443._tcp.example");
	check("xn--bcher-kva.example", "xn--bcher-kva.example");
	check("192.0.2.1", "192.0.2.1");
	check("2001:db8::1", "2001:db8::1");
}

static void test_made_plain(void **state)
{
	(void)state;
	check("GIT.Example.COM", "git.example.com");
	check("AZaz09", "azaz09");
	check("git.example.com.", "git.example.com");
}

static void test_none(void **state)
{
	static const char *const names[] = {
		"",     ".",         "..",    "a..", ".a",   "a..b",      "a b", "a/b",
		"a\nb", "*.example", "[::1]", "a@b", "a\\b", "b\xc3\xbc", "a,b", "a;b",
		"`id`", "\x1b[2J",   "a\x7f", "a=b", "a\"b", "a%b",
	};

	(void)state;
	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
		check(names[i], "");
}

/* Only these characters may ever reach a log, whatever byte comes. */
static void test_every_byte(void **state)
{
	struct wire_hints hints;

	(void)state;
	for (unsigned i = 0; i < 256; i++) {
		uint8_t name[] = { 'a', (uint8_t)i, 'b' };
		bool is_good = (i >= 'a' && i <= 'z') || (i >= 'A' && i <= 'Z') ||
			       (i >= '0' && i <= '9') || i == '.' || i == '_' || i == ':' ||
			       i == '-';

		wire_hints_set_name(&hints, span_of(name, sizeof name));
		assert_int_equal(hints.name_size, is_good ? 3 : 0);
	}
}

static void test_nul(void **state)
{
	struct wire_hints hints;

	(void)state;
	wire_hints_set_name(&hints, span_of("good\0.evil", 10));
	assert_int_equal(hints.name_size, 0);
	wire_hints_set_name(&hints, span_of("good", 5));
	assert_int_equal(hints.name_size, 0);
	wire_hints_set_name(&hints, span_of(NULL, 0));
	assert_int_equal(hints.name_size, 0);
}

/* 253 bytes are a name, with a final dot too; 254 are none. */
static void test_longest(void **state)
{
	struct wire_hints hints;
	char name[WIRE_NAME_BYTES + 2];

	(void)state;
	memset(name, 'a', sizeof name);
	wire_hints_set_name(&hints, span_of(name, WIRE_NAME_BYTES));
	assert_int_equal(hints.name_size, WIRE_NAME_BYTES);
	wire_hints_set_name(&hints, span_of(name, WIRE_NAME_BYTES + 1));
	assert_int_equal(hints.name_size, 0);
	name[WIRE_NAME_BYTES] = '.';
	wire_hints_set_name(&hints, span_of(name, WIRE_NAME_BYTES + 1));
	assert_int_equal(hints.name_size, WIRE_NAME_BYTES);
	name[WIRE_NAME_BYTES] = 'a';
	name[WIRE_NAME_BYTES + 1] = '.';
	wire_hints_set_name(&hints, span_of(name, WIRE_NAME_BYTES + 2));
	assert_int_equal(hints.name_size, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_kept), cmocka_unit_test(test_made_plain),
		cmocka_unit_test(test_none), cmocka_unit_test(test_every_byte),
		cmocka_unit_test(test_nul),  cmocka_unit_test(test_longest),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
