/* RTSP: its request line, the host in its URL, and the requests of others who have such a line. */
#include "wire_steps.h"

static bool begins_request(uint8_t byte)
{
	return (byte >= 'A' && byte <= 'Z') || (byte >= 'a' && byte <= 'z') || byte == '\r' ||
	       byte == '\n';
}

static void test_first_byte(void **state)
{
	(void)state;
	sample_assert_first_bytes(WIRE_ID_rtsp, begins_request);
}

/* Those with a name are for a.seed.example. */
static void check_seed(const char *file, struct span sample)
{
	struct wire_hints hints;

	steps_assert_seed(WIRE_ID_rtsp, file, sample);
	if (sample_ask(WIRE_ID_rtsp, sample, &hints) == WIRE_YES)
		sample_assert_name(&hints, strstr(file, "-noname") ? "" : "a.seed.example");
}

static void test_seeds(void **state)
{
	(void)state;
	sample_each("fuzz_wire_rtsp", check_seed);
}

static void check_name(const char *text, const char *name)
{
	struct wire_hints hints;

	steps_assert_text(WIRE_ID_rtsp, text, WIRE_YES);
	(void)sample_ask(WIRE_ID_rtsp, span_text(text), &hints);
	sample_assert_name(&hints, name);
	assert_int_equal(hints.alpn_size, 0);
}

static void test_names(void **state)
{
	(void)state;
	check_name("OPTIONS * RTSP/1.0\r\n", "");
	check_name("DESCRIBE rtsp://a.example RTSP/1.0\r\n", "a.example");
	check_name("DESCRIBE rtsp://a.example:554/ RTSP/2.0\r\n", "a.example");
	check_name("DESCRIBE RTSPS://[2001:DB8::1]:322/x RTSP/2.0\n", "2001:db8::1");
	check_name("DESCRIBE rtspu://a.example?x RTSP/1.0\n", "a.example");
	check_name("DESCRIBE rtsp://a@a.example/ RTSP/1.0\n", "");
	check_name("DESCRIBE rtsp:/// RTSP/1.0\n", "");
	check_name("GET /info RTSP/1.0\r\n", "");
	check_name("POST /a://b.example RTSP/1.0\r\n", "");
	check_name("X-own.method rtsp://a RTSP/1.0\n", "a");
}

/* Refused at the last byte of each. */
static void test_near_misses(void **state)
{
	static const char *const texts[] = {
		"OPTIONS * H",
		"OPTIONS * S",
		"OPTIONS * RTSP/0",
		"OPTIONS * RTSP/1.1",
		"OPTIONS * RTSP/2.1",
		"OPTIONS * RTSP/1.0 ",
		"OPTIONS *x",
		"OPTIONS / H",
		"OPTIONS /\r",
		"OPTIONS /x /",
		"OPTIONS  ",
		"DESCRIBE h",
		"DESCRIBE rtspx",
		"DESCRIBE rtsp:x",
		"DESCRIBE rtsp://a\r",
		"DESCRIBE rtsp://a HTTP",
		"DESCRIBE rtsp://a\x7f",
		"RTSP/",
		"SSH-",
		"DESCRIBE\r",
	};

	(void)state;
	for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
		struct wire_hints hints;
		struct span in = span_text(texts[i]);

		assert_int_equal(sample_ask(WIRE_ID_rtsp, in, &hints), WIRE_NO);
		sample_assert_laws(WIRE_ID_rtsp, in);
	}
	steps_assert_text(WIRE_ID_rtsp, "DESCRIBE rtsp:x", WIRE_NO);
	steps_assert_text(WIRE_ID_rtsp, "OPTIONS * RTSP/1.1", WIRE_NO);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_first_byte),
		cmocka_unit_test(test_seeds),
		cmocka_unit_test(test_names),
		cmocka_unit_test(test_near_misses),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
