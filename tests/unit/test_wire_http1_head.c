/* HTTP/1: the fields of the head, and which of them give or take the name. */
#include "wire_http1.h"

static char text[256 * 1024]; /* of the request at hand */

/* These fields behind a request line, and the end of the head. */
static inline void check_fields(const char *fields, const char *name)
{
	(void)snprintf(text, sizeof text, "GET / HTTP/1.1\r\n%s\r\n", fields);
	http1_check(text, name);
}

static void test_host(void **state)
{
	(void)state;
	check_fields("Host: a.example\r\n", "a.example");
	check_fields("hOsT:a.example\r\n", "a.example");
	check_fields("HOST: \t A.Example.:8080\t \r\n", "a.example");
	check_fields("Host: [2001:DB8::1]:80\r\n", "2001:db8::1");
	check_fields("A: b\nHost: a.example\nC:\nD: e:f\n", "a.example");
	check_fields("Hosts: b.example\r\nHost: a.example\r\nX-Host: c\r\n", "a.example");
	check_fields("X: \x80\x01\t\xff\r\nHost: a.example\r\n", "a.example");
	check_fields("From: b.example\r\nHost: a.example\r\nHosu: c\r\nXost: d\r\n", "a.example");
	check_fields("Hosts: b.example\r\nHos: c\r\n", "");
	check_fields("", "");
	check_fields("Accept: */*\r\n", "");
	check_fields("Host:\r\n", "");
	check_fields("Host: \r\n", "");
	check_fields("Host: a b\r\n", "");
	check_fields("Host: a.example:x\r\n", "");
	check_fields("Host: user@a.example\r\n", "");
	check_fields("Host: a.example, b.example\r\n", "");
}

/* No name, and no wait for the rest of the head. */
static void check_no_name(const char *fields)
{
	struct wire_hints hints;
	size_t size;

	size = (size_t)snprintf(text, sizeof text, "GET / HTTP/1.1\r\nHost: a.example\r\n%s",
				fields);
	http1_check(text, "");
	assert_int_equal(sample_ask(WIRE_ID_http, span_of(text, size - 1), &hints), WIRE_MORE);
	assert_true(hints.is_sure);
	sample_assert_name(&hints, "");
	(void)snprintf(text, sizeof text, "GET / HTTP/1.1\r\n%sHost: a.example\r\n\r\n", fields);
	http1_check(text, "");
}

static void test_what_takes_the_name_away(void **state)
{
	(void)state;
	check_no_name("Host: b.example\r\n");
	check_no_name("host: a.example\n");
	check_no_name("HOST:\n");
	check_no_name(" Host: b.example\r\n");
	check_no_name("\tfolded\r\n");
	check_no_name("Host : b.example\r\n");
	check_no_name("no colon\r\n");
	check_no_name(": no name\r\n");
	check_no_name("X: a\rHost: b.example\r\n");
	check_no_name("X: a\r\r\n");
	check_no_name("N\xc3\xa4me: x\r\n");
}

static void test_nul_in_a_field(void **state)
{
	static const char request[] = "GET / HTTP/1.1\r\nHost: a.example\r\nX: \0\r\n\r\n";
	struct wire_hints hints;

	(void)state;
	sample_assert(WIRE_ID_http, span_of(request, sizeof request - 1), WIRE_YES);
	(void)sample_ask(WIRE_ID_http, span_of(request, sizeof request - 1), &hints);
	sample_assert_name(&hints, "");
}

/* What comes behind the head is not looked at. */
static void test_pipelined(void **state)
{
	(void)state;
	http1_check(
		"GET /1 HTTP/1.1\r\nHost: a.example\r\n\r\nGET /2 HTTP/1.1\r\nHost: b.example\r\n\r\n",
		"a.example");
	http1_check(
		"POST / HTTP/1.1\r\nHost: a.example\r\nContent-Length: 17\r\n\r\nHost: b.example\r\n",
		"a.example");
}

/* From the end of the request line on it is HTTP, with method and path, whatever comes. */
static void test_sure(void **state)
{
	static const char request[] = "GET /x HTTP/1.1\r\nHost: a.example\r\nX: y\r\n\r";
	struct wire_hints hints;

	(void)state;
	for (size_t size = 0; size < sizeof request; size++) {
		assert_int_equal(sample_ask(WIRE_ID_http, span_of(request, size), &hints),
				 WIRE_MORE);
		assert_int_equal(hints.is_sure, size >= 17);
		sample_assert_name(&hints, "");
		if (!hints.is_sure)
			continue;
		assert_true(span_equal(hints.method, span_text("GET")));
		assert_true(span_equal(hints.path, span_text("/x")));
		assert_int_equal(hints.wanted, size + 1);
	}
}

/* A head of `size` bytes with its end, the Host last. */
static void build_head(size_t size)
{
	static const char last[] = "\r\nHost: a.example\r\n\r\n";
	size_t at = (size_t)snprintf(text, sizeof text, "GET / HTTP/1.1\r\nCookie: ");

	memset(text + at, 'c', size - at);
	memcpy(text + size - (sizeof last - 1), last, sizeof last);
}

/* 65536 bytes of head have a name, one more has none. */
static void test_longest_head(void **state)
{
	(void)state;
	assert_int_equal(wire_proto_at(WIRE_ID_http)->tcp.most_bytes, 65536);
	build_head(6000);
	http1_check(text, "a.example");
	build_head(65536);
	http1_check(text, "a.example");
	build_head(65537);
	http1_check(text, "");
	build_head(100000);
	http1_check(text, "");
}

/* 256 fields may carry a name, one more may not, even when the name is in front. */
static void test_most_fields(void **state)
{
	(void)state;
	for (unsigned more = 0; more < 2; more++) {
		size_t at =
			(size_t)snprintf(text, sizeof text, "GET / HTTP/1.1\nHost: a.example\n");

		for (unsigned i = 0; i < 255 + more; i++)
			at += (size_t)snprintf(text + at, sizeof text - at, "a:\n");
		(void)snprintf(text + at, sizeof text - at, "\n");
		http1_check(text, more ? "" : "a.example");
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_host),
		cmocka_unit_test(test_what_takes_the_name_away),
		cmocka_unit_test(test_nul_in_a_field),
		cmocka_unit_test(test_pipelined),
		cmocka_unit_test(test_sure),
		cmocka_unit_test(test_longest_head),
		cmocka_unit_test(test_most_fields),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
