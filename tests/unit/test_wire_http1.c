/* HTTP/1: requests of real clients, every form of a target, and what looks alike. */
#include "wire_http1.h"

static char text[256 * 1024]; /* of the request at hand */

static bool begins_request(uint8_t byte)
{
	return (byte >= 'A' && byte <= 'Z') || (byte >= 'a' && byte <= 'z') || byte == '\r' ||
	       byte == '\n';
}

static void test_first_byte(void **state)
{
	(void)state;
	sample_assert_first_bytes(WIRE_ID_http, begins_request);
}

static void check_seed(const char *file, struct span sample)
{
	enum wire_verdict expected = sample_is(file, "near-") ? WIRE_NO : WIRE_YES;
	struct wire_hints hints;

	print_message("%s\n", file);
	sample_assert(WIRE_ID_http, sample, expected);
	assert_int_equal(sample_ask(WIRE_ID_http, sample, &hints), expected);
	if (expected == WIRE_NO)
		return;
	sample_assert_name(&hints, strstr(file, "-noname") ? "" : "a.seed.example");
	assert_true(hints.method.size >= 3);
	if (strstr(file, "-connect") || strstr(file, "-asterisk") || sample_is(file, "git-"))
		return;
	assert_true(span_equal(hints.path, span_text("/seed/page?q=1")));
}

static void test_seeds(void **state)
{
	(void)state;
	sample_each("fuzz_wire_http", check_seed);
}

static void test_methods(void **state)
{
	static const char *const methods[] = { "GET",
					       "M-SEARCH",
					       "RPC_IN_DATA",
					       "x",
					       "z!#$%&'*+-.^_`|~09AZ",
					       "SSH",
					       "UPDATEREDIRECTREF", /* the longest registered one */
					       "ABCDEFGHIJKLMNOPQRSTUVWXYZ012345" };

	(void)state;
	for (size_t i = 0; i < sizeof methods / sizeof *methods; i++) {
		(void)snprintf(text, sizeof text, "%s / HTTP/1.1\r\nHost: a\r\n\r\n", methods[i]);
		http1_check_parts(text, methods[i], "/");
	}
	http1_check_refused("ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456");
	http1_check_refused("GET(");
	http1_check_refused("GET\t");
	http1_check_refused(" ");
	http1_check_refused("GET\r");
	http1_check_refused("PING\n");
	http1_check_refused("G\xc3");
	http1_check_refused("SSH-");
	http1_check_refused("0");
}

static void test_origin_form(void **state)
{
	(void)state;
	http1_check_parts("GET / HTTP/1.1\n\n", "GET", "/");
	http1_check_parts("GET /a/b?c=d&e HTTP/1.1\n\n", "GET", "/a/b?c=d&e");
	http1_check_parts("GET //host/x HTTP/1.1\n\n", "GET", "//host/x");
	http1_check_parts("GET /\"<>\\^`{|}\xc3\xa4 HTTP/1.1\n\n", "GET", "/\"<>\\^`{|}\xc3\xa4");
	http1_check("GET /a.example HTTP/1.1\r\nHost: b.example\r\n\r\n", "b.example");
	http1_check_refused("GET  ");
	http1_check_refused("GET /a b");
	http1_check_refused("GET /a\t");
	http1_check_refused("GET /\r");
	http1_check_refused("GET /\n");
	http1_check_refused("GET /\x7f");
}

/* The authority of the target comes before Host, and nothing more has to come for it. */
static void test_absolute_form(void **state)
{
	struct wire_hints hints;

	(void)state;
	http1_check("GET http://a.example/x HTTP/1.1\r\nHost: b.example\r\n\r\n", "a.example");
	http1_check("GET HTTPS://A.example.:443 HTTP/1.1\r\n", "a.example");
	http1_check("GET http://[2001:db8::1]:80/ HTTP/1.0\n", "2001:db8::1");
	http1_check("GET ws+x-1.0://a.example HTTP/1.1\n", "a.example");
	http1_check("GET http:///x HTTP/1.1\r\nHost: b.example\r\n\r\n", "");
	http1_check("GET http:// HTTP/1.1\r\nHost: b.example\r\n\r\n", "");
	http1_check("GET http://user@a.example/ HTTP/1.1\r\nHost: b.example\r\n\r\n", "");
	http1_check("GET http://a.example\\@b.example/ HTTP/1.1\n", "");
	http1_check_parts("GET http://a.example/x?y HTTP/1.1\n", "GET", "/x?y");
	http1_check_parts("PUT http://a.example HTTP/1.1\n", "PUT", "/");
	http1_check_parts("GET http://a.example?y=/z HTTP/1.1\n", "GET", "/");
	http1_check_parts("GET http://a.example#/z HTTP/1.1\n", "GET", "/");
	http1_check("GET http://a.example?@b.example/ HTTP/1.1\n", "a.example");
	assert_int_equal(
		sample_ask(WIRE_ID_http, span_text("GET http://a.example/ HTTP/1.1\r"), &hints),
		WIRE_MORE);
	assert_false(hints.is_sure);
	http1_check_refused("GET a.example ");
	http1_check_refused("GET index.html ");
	http1_check_refused("GET 1");
	http1_check_refused("GET ht_");
	http1_check_refused("GET ?");
	http1_check_refused("GET http://a\r");
}

/* A scheme without an authority: Host has the name. */
static void test_no_authority(void **state)
{
	(void)state;
	http1_check("GET urn:x:y HTTP/1.1\r\nHost: b.example\r\n\r\n", "b.example");
	http1_check_parts("GET urn:x:y HTTP/1.1\r\n\r\n", "GET", "x:y");
	http1_check("GET urn: HTTP/1.1\r\nHost: b.example\r\n\r\n", "b.example");
	http1_check("GET urn:/x HTTP/1.1\r\nHost: b.example\r\n\r\n", "b.example");
	http1_check("GET a.example:80 HTTP/1.1\r\nHost: b.example\r\n\r\n", "b.example");
}

static void test_authority_form(void **state)
{
	(void)state;
	http1_check("CONNECT a.example:443 HTTP/1.1\r\nHost: b.example\r\n\r\n", "a.example");
	http1_check("CONNECT a.example HTTP/1.1\n", "a.example");
	http1_check("CONNECT [2001:db8::1]:443 HTTP/1.1\n", "2001:db8::1");
	http1_check("CONNECT user:443:1 HTTP/1.1\n", "");
	http1_check_parts("CONNECT a.example:443 HTTP/1.1\n", "CONNECT", "");
	http1_check_refused("CONNECT {");             /* NATS */
	http1_check_refused("CONNECT irc.example 6"); /* IRC */
	http1_check_refused("CONNECT /");
	http1_check_refused("CONNECT  ");
	http1_check_refused("CONNECT a@");
	http1_check("connect /x HTTP/1.1\n\n", ""); /* methods know case: no CONNECT */
}

static void test_asterisk_form(void **state)
{
	(void)state;
	http1_check_parts("OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n", "OPTIONS", "*");
	http1_check("M-SEARCH * HTTP/1.1\r\nHOST: 239.255.255.250:1900\r\n\r\n", "239.255.255.250");
	http1_check_refused("OPTIONS **");
	http1_check_refused("OPTIONS */");
}

static void test_versions(void **state)
{
	(void)state;
	for (char minor = '0'; minor <= '9'; minor++) {
		(void)snprintf(text, sizeof text, "GET / HTTP/1.%c\r\nHost: a.example\r\n\r\n",
			       minor);
		http1_check(text, "a.example");
	}
	http1_check_refused("PRI * HTTP/2");
	http1_check_refused("GET / HTTP/0");
	http1_check_refused("GET / HTTP/1:");
	http1_check_refused("GET / HTTP/1.x");
	http1_check_refused("GET / HTTP/1.10");
	http1_check_refused("GET / HTTP/1.1 ");
	http1_check_refused("GET / HTTP/1.1\r\r");
	http1_check_refused("GET / h");
	http1_check_refused("GET /  ");
	http1_check_refused("GET / \r");
}

/* Other protocols with the same grammar, and text that is none. */
static void test_near_misses(void **state)
{
	static const char *const words[] = {
		"OPTIONS rtsp://a.example/x R",
		"REGISTER sip:a.example S",
		"REQMOD icap://a/x I",
		"SSH-",
		"EHLO a.example\r",
		"MAIL FROM:<a@b>\r",
		"USER a ",
		"NICK name\r",
		"GET key\r",
		"get a ",
		"*",
		"HTTP/",
		"INFO {",
		"CAP LS ",
		"PROXY TCP4 ",
		"HELP\r",
		"/",
		"POST /x HTTP/1.1\x01",
	};
	struct wire_hints hints;

	(void)state;
	for (size_t i = 0; i < sizeof words / sizeof *words; i++)
		http1_check_refused(words[i]);
	/* a PROXY header of version 2, and Java's RMI */
	sample_assert(WIRE_ID_http, span_of("\r\n\r\n\0\r\nQUIT\n", 12), WIRE_NO);
	assert_int_equal(sample_ask(WIRE_ID_http, span_of("\r\n\r\n", 5), &hints), WIRE_NO);
	assert_int_equal(sample_ask(WIRE_ID_http, span_of("JRMI", 5), &hints), WIRE_NO);
}

/* Two empty lines may come first (RFC 9112 2.2), three are none of ours. */
static void test_blank_lines(void **state)
{
	(void)state;
	http1_check("\r\nGET / HTTP/1.1\r\nHost: a.example\r\n\r\n", "a.example");
	http1_check("\n\nGET / HTTP/1.1\nHost: a.example\n\n", "a.example");
	http1_check("\r\n\nGET http://a.example HTTP/1.1\r\n", "a.example");
	http1_check_refused("\r\n\r\n\r");
	http1_check_refused("\n\n\n");
	http1_check_refused("\r\r");
	http1_check_refused("\rG");
	http1_check_refused("\n ");
}

/* Any byte of the request line may be one that cannot be: none is slept through. */
static void test_wanted(void **state)
{
	static const char *const requests[] = {
		"",
		"\r",
		"\n",
		"G",
		"GET",
		"GET ",
		"GET /",
		"GET /abc",
		"GET http",
		"GET http://a",
		"OPTIONS *",
		"CONNECT",
		"CONNECT a",
		"GET / ",
		"GET / HTTP",
		"GET / HTTP/1.",
		"GET / HTTP/1.1",
		"GET / HTTP/1.1\r",
	};
	struct wire_hints hints;

	(void)state;
	for (size_t i = 0; i < sizeof requests / sizeof *requests; i++) {
		struct span in = span_text(requests[i]);

		assert_int_equal(sample_ask(WIRE_ID_http, in, &hints), WIRE_MORE);
		assert_int_equal(hints.wanted, in.size + 1);
		assert_false(hints.is_sure);
		(void)snprintf(text, sizeof text, "%s\1", requests[i]);
		(void)http1_ask(text, WIRE_NO);
	}
}

/* A target of `size` bytes. */
static size_t build_long_line(size_t size)
{
	size_t at = (size_t)snprintf(text, sizeof text, "GET /");

	memset(text + at, 'a', size - 1);
	at += size - 1;
	return at + (size_t)snprintf(text + at, sizeof text - at,
				     " HTTP/1.1\r\nHost: a.example\r\n\r\n");
}

/* The request line may have 8192 bytes with its end. */
static void test_longest_line(void **state)
{
	enum { AROUND = sizeof "GET  HTTP/1.1\r\n" - 1 };
	struct wire_hints hints;

	(void)state;
	(void)build_long_line(8192 - AROUND);
	http1_check(text, "a.example");
	(void)build_long_line(8192 - AROUND + 1);
	(void)http1_ask(text, WIRE_NO);
	(void)build_long_line(100000);
	(void)http1_ask(text, WIRE_NO);
	assert_int_equal(sample_ask(WIRE_ID_http, span_of(text, 8191), &hints), WIRE_MORE);
	assert_int_equal(sample_ask(WIRE_ID_http, span_of(text, 8192), &hints), WIRE_NO);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_first_byte),     cmocka_unit_test(test_seeds),
		cmocka_unit_test(test_methods),        cmocka_unit_test(test_origin_form),
		cmocka_unit_test(test_absolute_form),  cmocka_unit_test(test_no_authority),
		cmocka_unit_test(test_authority_form), cmocka_unit_test(test_asterisk_form),
		cmocka_unit_test(test_versions),       cmocka_unit_test(test_near_misses),
		cmocka_unit_test(test_blank_lines),    cmocka_unit_test(test_wanted),
		cmocka_unit_test(test_longest_line),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
