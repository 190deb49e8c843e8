/* HTTP/2 with prior knowledge: real clients, the preface, names. */
#include "wire_http2.h"

/* A field as a literal that is not indexed, its name spelled out. */
static size_t put_field(uint8_t *to, const char *name, const char *value)
{
	size_t size = 0;

	to[size++] = 0;
	to[size++] = (uint8_t)strlen(name);
	memcpy(to + size, name, strlen(name));
	size += strlen(name);
	to[size++] = (uint8_t)strlen(value);
	memcpy(to + size, value, strlen(value));
	return size + strlen(value);
}

/* A request in one frame; `fields` are names and values in turn, NULL at their end. */
static void check_fields(const char *const *fields, const char *name)
{
	uint8_t block[1024];
	size_t size = 0;

	for (size_t i = 0; fields[i]; i += 2)
		size += put_field(block + size, fields[i], fields[i + 1]);
	http2_begin();
	http2_put_frame(HTTP2_HEADERS, HTTP2_END_HEADERS, 1, span_of(block, size));
	http2_check(name);
}

static bool begins_preface(uint8_t byte)
{
	return byte == 'P';
}

static void test_first_byte(void **state)
{
	(void)state;
	sample_assert_first_bytes(WIRE_ID_http2, begins_preface);
}

static void check_seed(const char *file, struct span sample)
{
	enum wire_verdict expected = WIRE_YES;
	struct wire_hints hints;

	print_message("%s\n", file);
	if (sample_is(file, "near-"))
		expected = WIRE_NO;
	if (strstr(file, "-silent"))
		expected = WIRE_MORE;
	sample_assert(WIRE_ID_http2, sample, expected);
	assert_int_equal(sample_ask(WIRE_ID_http2, sample, &hints), expected);
	if (expected == WIRE_MORE)
		assert_true(hints.is_sure);
	if (expected == WIRE_YES)
		sample_assert_name(&hints, "a.seed.example");
}

static void test_seeds(void **state)
{
	(void)state;
	sample_each("fuzz_wire_http2", check_seed);
}

/* Refused at the byte that differs: PUT, POST, PRIx and all else. */
static void test_preface(void **state)
{
	struct wire_hints hints;
	uint8_t bytes[24];

	(void)state;
	for (size_t i = 0; i < sizeof bytes; i++) {
		memcpy(bytes, HTTP2_PREFACE, sizeof bytes);
		assert_int_equal(sample_ask(WIRE_ID_http2, span_of(bytes, i), &hints), WIRE_MORE);
		assert_false(hints.is_sure);
		assert_int_equal(hints.wanted, i + 1);
		bytes[i] ^= 0x20;
		sample_assert(WIRE_ID_http2, span_of(bytes, i + 1), WIRE_NO);
	}
	sample_assert(WIRE_ID_http2, span_text(HTTP2_PREFACE), WIRE_MORE);
	assert_int_equal(sample_ask(WIRE_ID_http2, span_text(HTTP2_PREFACE), &hints), WIRE_MORE);
	assert_true(hints.is_sure);
	assert_int_equal(hints.wanted, 33);
}

static void test_one_frame(void **state)
{
	(void)state;
	http2_begin();
	http2_put_frame(HTTP2_HEADERS, HTTP2_END_HEADERS, 1,
			span_of(http2_request, sizeof http2_request));
	http2_check("www.example.com");
	http2_begin();
	http2_put_frame(HTTP2_HEADERS, HTTP2_END_HEADERS | 1, 0x7fffffff,
			span_of(http2_request, sizeof http2_request));
	http2_check("www.example.com");
	http2_begin();
	http2_put_frame(HTTP2_HEADERS, HTTP2_END_HEADERS | 0xd2, 0x80000001,
			span_of(http2_request, sizeof http2_request));
	http2_check("www.example.com"); /* flags and a bit that mean nothing */
}

/* Names in all the ways that a table can give them. */
static void test_dynamic_table(void **state)
{
	static const uint8_t twice[] = { 0x20, 0x3f, 0xe1, 0x1f, 0x40, 4,   'h', 'o', 's', 't',
					 1,    'b',  0x01, 5,    'a',  '.', 'c', 'o', 'm' };
	static const uint8_t later[] = { 0x40, 4,   'h', 'o', 's',  't', 1, 'b', 0x40,
					 1,    'x', 1,   'y', 0x0f, 48,  1, 'c' };
	struct wire_hints hints;

	(void)state;
	http2_begin();
	http2_put_frame(HTTP2_HEADERS, HTTP2_END_HEADERS, 1, span_of(twice, sizeof twice - 7));
	http2_check("b");
	http2_begin();
	http2_put_frame(HTTP2_HEADERS, HTTP2_END_HEADERS, 1, span_of(twice, sizeof twice));
	http2_check(""); /* two names that differ */
	http2_begin();
	http2_put_frame(HTTP2_HEADERS, HTTP2_END_HEADERS, 1, span_of(later, sizeof later));
	(void)sample_ask(WIRE_ID_http2, http2_all(), &hints);
	http2_check(""); /* two hosts, the second by the entry that the first left */
	http2_begin();
	http2_put_frame(HTTP2_HEADERS, HTTP2_END_HEADERS, 1, span_of(later, sizeof later - 4));
	http2_check("b");
}

static void test_authority_and_host(void **state)
{
	static const struct {
		const char *fields[7];
		const char *name;
	} cases[] = {
		{ { ":method", "GET", ":authority", "a.example" }, "a.example" },
		{ { ":authority", "A.Example.:8080" }, "a.example" },
		{ { ":authority", "[2001:db8::1]:80" }, "2001:db8::1" },
		{ { ":method", "GET", "host", "a.example:80" }, "a.example" },
		{ { ":authority", "a.example", "host", "a.example" }, "a.example" },
		{ { ":authority", "a.example:80", "host", "A.example" }, "a.example" },
		{ { ":authority", "a.example", "host", "b.example" }, "" },
		{ { "host", "b.example", ":authority", "a.example" }, "" },
		{ { ":authority", "a.example", ":authority", "a.example" }, "" },
		{ { ":authority", "a.example", "x", "y", ":authority", "b.example" }, "" },
		{ { "host", "a.example", "host", "a.example" }, "" },
		{ { ":authority", "a", "host", "a", "host", "a" }, "" },
		{ { ":authority", "" }, "" },
		{ { ":authority", "", "host", "a.example" }, "" },
		{ { ":authority", "user@a.example" }, "" },
		{ { ":authority", "a b" }, "" },
		{ { ":Authority", "a.example" }, "" },
		{ { "Host", "a.example" }, "" },
		{ { ":authority:", "a.example" }, "" },
		{ { ":method", "GET", ":path", "/" }, "" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
		check_fields(cases[i].fields, cases[i].name);
}

static void test_long_authority(void **state)
{
	char name[WIRE_NAME_BYTES + 1] = "";
	char block[400];
	size_t size = 0;

	(void)state;
	memset(name, 'a', WIRE_NAME_BYTES);
	block[size++] = 0x01; /* :authority, a value of 127 bytes and more */
	block[size++] = 0x7f;
	block[size++] = (char)(0x80 | (260 - 127));
	block[size++] = 1;
	size += (size_t)snprintf(block + size, sizeof block - size, "%s.:65535", name);
	http2_begin();
	http2_put_frame(HTTP2_HEADERS, HTTP2_END_HEADERS, 1, span_of(block, size));
	http2_check(name);
	block[2] = (char)(0x80 | (269 - 127 - 128));
	block[3] = 1;
	memset(block + size, '0', 40);
	http2_begin();
	http2_put_frame(HTTP2_HEADERS, HTTP2_END_HEADERS, 1, span_of(block, size + 9));
	http2_check(name);
	block[2]++;
	http2_begin();
	http2_put_frame(HTTP2_HEADERS, HTTP2_END_HEADERS, 1, span_of(block, size + 10));
	http2_check("");
	block[2] = (char)(0x80 | (300 - 127 - 128));
	http2_begin();
	http2_put_frame(HTTP2_HEADERS, HTTP2_END_HEADERS, 1, span_of(block, size + 40));
	http2_check("");
}

/* 256 fields may carry a name, one more may not. */
static void test_most_fields(void **state)
{
	static uint8_t block[300] = { 0x41, 1, 'a' };

	(void)state;
	memset(block + 3, 0x82, 256);
	for (size_t more = 0; more < 2; more++) {
		http2_begin();
		http2_put_frame(HTTP2_HEADERS, HTTP2_END_HEADERS, 1,
				span_of(block, 3 + 255 + more));
		http2_check(more ? "" : "a");
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_first_byte),     cmocka_unit_test(test_seeds),
		cmocka_unit_test(test_preface),        cmocka_unit_test(test_one_frame),
		cmocka_unit_test(test_dynamic_table),  cmocka_unit_test(test_authority_and_host),
		cmocka_unit_test(test_long_authority), cmocka_unit_test(test_most_fields),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
