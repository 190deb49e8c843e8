/* Endpoints: text in and out, the kernel's form, comparison. */
#include <errno.h>

#include "base/addr.h"
#include "unit.h"

/* Read it, write it: the same text again, or `as`. */
static void check(const char *text, bool needs_port, const char *as)
{
	char written[ADDR_TEXT_BYTES];
	struct addr a;

	assert_int_equal(addr_parse(&a, text, needs_port), 0);
	assert_string_equal(a.port ? addr_text(&a, written) : addr_text_host(&a, written), as);
}

static void test_text(void **state)
{
	(void)state;
	check("192.0.2.1:443", true, "192.0.2.1:443");
	check("[2001:db8::1]:443", true, "[2001:db8::1]:443");
	check("[2001:DB8:0:0::1]:65535", true, "[2001:db8::1]:65535");
	check("[::]:1", true, "[::]:1");
	check("[::ffff:192.0.2.1]:1", true, "[::ffff:192.0.2.1]:1");
	check("[ffff:ffff:ffff:ffff:ffff:ffff:255.255.255.255]:65535", true,
	      "[ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff]:65535");
	check("192.0.2.1", false, "192.0.2.1");
	check("2001:db8::1", false, "2001:db8::1");
	check("[2001:db8::1]", false, "2001:db8::1");
	check("192.0.2.1:443", false, "192.0.2.1:443");
}

static void test_refused(void **state)
{
	static const char *const texts[] = {
		"",
		":",
		":443",
		"192.0.2.1:",
		"192.0.2.1:0",
		"192.0.2.1:65536",
		"192.0.2.1:x",
		"192.0.2:443",
		"192.0.2.1.5:443",
		"192.0.2.256:443",
		"192.0.2.1:443 ",
		" 192.0.2.1:443",
		"[192.0.2.1]:443",
		"[2001:db8::1]",
		"[2001:db8::1",
		"[]:443",
		"[2001:db8::1]443",
		"[2001:db8::1]:",
		"[2001:db8::1]:0",
		"2001:db8::1",
		"[2001:db8::g]:443",
		"[[::1]]:443",
		"example.com:443",
		"192.0.2.1/32:443",
		"[ffff:ffff:ffff:ffff:ffff:ffff:255.255.255.255:ffff:ffff]:1",
	};
	struct addr a = { .port = 7 };

	(void)state;
	for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
		assert_int_equal(addr_parse(&a, texts[i], true), -EINVAL);
	assert_int_equal(addr_parse(&a, "192.0.2.1", true), -EINVAL);
	assert_int_equal(addr_parse(&a, "", false), -EINVAL);
	assert_int_equal(addr_parse(&a, "[]", false), -EINVAL);
	assert_int_equal(addr_parse(&a, "example.com", false), -EINVAL);
	assert_int_equal(a.port, 7);
	assert_int_equal(a.family, 0);
}

static void test_none(void **state)
{
	char written[ADDR_TEXT_BYTES];
	struct addr none = { 0 };

	(void)state;
	assert_string_equal(addr_text(&none, written), "-");
	assert_string_equal(addr_text_host(&none, written), "-");
	assert_int_equal(addr_size(&none), 0);
}

static void test_equal(void **state)
{
	struct addr a;
	struct addr b;

	(void)state;
	assert_int_equal(addr_parse(&a, "192.0.2.1:443", true), 0);
	assert_int_equal(addr_parse(&b, "192.0.2.1:443", true), 0);
	assert_true(addr_equal(&a, &b));
	b.port = 444;
	assert_false(addr_equal(&a, &b));
	assert_int_equal(addr_parse(&b, "192.0.2.2:443", true), 0);
	assert_false(addr_equal(&a, &b));
	assert_int_equal(addr_parse(&b, "[::ffff:192.0.2.1]:443", true), 0);
	assert_false(addr_equal(&a, &b));
	a = b;
	a.scope = 2;
	assert_false(addr_equal(&a, &b));
}

static void test_link_local(void **state)
{
	static const struct {
		const char *text;
		bool is_link_local;
	} cases[] = { { "fe80::1", true },     { "febf::1", true }, { "fec0::1", false },
		      { "fe7f::1", false },    { "::1", false },    { "169.254.1.1", false },
		      { "254.128.0.1", false } };
	struct addr a;

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		assert_int_equal(addr_parse(&a, cases[i].text, false), 0);
		assert_int_equal(addr_is_link_local(&a), cases[i].is_link_local);
	}
}

static void test_loopback(void **state)
{
	static const struct {
		const char *text;
		bool is_loopback;
	} cases[] = { { "127.0.0.1", true },  { "127.255.255.254", true },
		      { "128.0.0.1", false }, { "::1", true },
		      { "::2", false },       { "7f00::1", false } };
	struct addr a;

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		assert_int_equal(addr_parse(&a, cases[i].text, false), 0);
		assert_int_equal(addr_is_loopback(&a), cases[i].is_loopback);
	}
	a.family = 0;
	assert_false(addr_is_loopback(&a));
}

static void test_sockaddr(void **state)
{
	struct sockaddr_storage kernel;
	struct sockaddr_in6 in6;
	struct addr a;
	struct addr b;

	(void)state;
	assert_int_equal(addr_parse(&a, "192.0.2.1:443", true), 0);
	assert_int_equal(addr_to_sockaddr(&a, &kernel), sizeof(struct sockaddr_in));
	assert_int_equal(kernel.ss_family, AF_INET);
	b = addr_from_sockaddr(&kernel);
	assert_true(addr_equal(&a, &b));
	assert_int_equal(addr_size(&b), 4);
	assert_int_equal(addr_parse(&a, "[fe80::1]:443", true), 0);
	a.scope = 4294967295;
	assert_int_equal(addr_to_sockaddr(&a, &kernel), sizeof in6);
	memcpy(&in6, &kernel, sizeof in6);
	assert_int_equal(in6.sin6_scope_id, 4294967295);
	assert_int_equal(in6.sin6_port, htons(443));
	b = addr_from_sockaddr(&kernel);
	assert_true(addr_equal(&a, &b));
	assert_int_equal(addr_size(&b), 16);
	kernel.ss_family = AF_UNIX;
	assert_int_equal(addr_from_sockaddr(&kernel).family, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_text),       cmocka_unit_test(test_refused),
		cmocka_unit_test(test_none),       cmocka_unit_test(test_equal),
		cmocka_unit_test(test_link_local), cmocka_unit_test(test_loopback),
		cmocka_unit_test(test_sockaddr),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
