/* IRC: the lines with which clients register, and what looks like them. */
#include "wire_steps.h"

static bool begins_irc(uint8_t byte)
{
	return byte && strchr("CcNnPpUuWw", byte);
}

static void test_first_byte(void **state)
{
	(void)state;
	sample_assert_first_bytes(WIRE_ID_irc, begins_irc);
}

static void check_seed(const char *file, struct span sample)
{
	steps_assert_seed(WIRE_ID_irc, file, sample);
}

static void test_seeds(void **state)
{
	(void)state;
	sample_each("fuzz_wire_irc", check_seed);
}

static const char *const good[] = {
	"NICK a\r\n",
	"NICK a\n",
	"nick a\r\n",
	"NICK :a\r\n",
	"NICK  a \r\n",
	"NICK \xc3\xa9[a]\r\n",
	"USER a b c d\r\n",
	"USER a 0 * :Real name of a\r\n",
	"USER a b c :\r\n",
	"USER a b c :\x02red\t\r\n",
	"CAP LS\r\n",
	"CAP LS 302\r\n",
	"CAP LS :302\r\n",
	"CAP LS \r\n",
	"cap ls 302\n",
	"CAP REQ :sasl\r\n",
	"CAP REQ sasl\r\n",
	"PASS a\r\nNICK b\r\n",
	"PASS :a b\r\nUSER a b c d\r\n",
	"PASS a\nCAP LS 302\r\n",
	"PASS a\r\nWEBIRC a b c d\r\n",
	"WEBIRC a b c 192.0.2.1\r\n",
	"WEBIRC a b c 192.0.2.1 :secure\r\n",
};

/* Refused at the last byte of each. */
static const char *const bad[] = {
	"NICK\r",       "NICK \r",       "NICK a b",
	"NICK a\r\r",   "NICKS",         "NO",
	"USERS",        "USER a\r",      "USER a b\r",
	"USER a b c\r", "USER a b c \r", "USER :",
	"UP",           "CAPA",          "CAP L ",
	"CAP LI",       "CAP E",         "CAP LS 3a",
	"CAP LS :3:",   "CAP LS ::",     "CAP LS 302:",
	"CAP LS :3 0",  "CAP LS:",       "CAP REQ\r",
	"CAP REQ \r",   "CAP REQ:",      "CO",
	"PASS\r",       "PASS a b",      "PASS \r",
	"PASS a\r\nP",  "PASS a\r\nS",   "PASS a\r\n\r",
	"PI",           "WE ",           "WEBIRC a b c\r",
	"WEBIRC a b :", "NICK a\x01",    "NICK \x7f",
	"\r",
};

static void test_lines(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof good / sizeof *good; i++)
		steps_assert_text(WIRE_ID_irc, good[i], WIRE_YES);
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
		steps_assert_text(WIRE_ID_irc, bad[i], WIRE_NO);
	steps_assert(WIRE_ID_irc, span_of("USER a b c :d\0\r\n", 16), WIRE_NO, 14);
}

/* No line of IRC is a request of HTTP, whatever its words are. */
static void test_no_request(void **state)
{
	static const char *const versions[] = { "HTTP/1.1", "RTSP/1.0", "SIP/2.0" };
	static const char *const lines[] = { "NICK a:b",   "PASS a:b",     "USER a:b",
					     "CAP a:b",    "WEBIRC sip:a", "CAP /",
					     "PASS sip:a", "NICK rtsp://a" };
	char text[100];
	struct wire_hints hints;

	(void)state;
	for (size_t i = 0; i < sizeof lines / sizeof *lines * 3; i++) {
		(void)snprintf(text, sizeof text, "%s %s\r\n\r\n", lines[i / 3], versions[i % 3]);
		assert_int_equal(sample_ask(WIRE_ID_irc, span_text(text), &hints), WIRE_NO);
		sample_assert_laws(WIRE_ID_irc, span_text(text));
	}
}

/* The longest message, and one that is a byte too long. */
static void test_length(void **state)
{
	static char text[1024 + 100];

	(void)state;
	for (size_t size = 1023; size <= 1025; size++) {
		memset(text, 'x', sizeof text);
		memcpy(text, "PASS :", 6);
		memcpy(text + 511, "\r\nCAP REQ :", 11);
		text[size - 1] = '\n';
		steps_assert(WIRE_ID_irc, span_of(text, sizeof text),
			     size <= 1024 ? WIRE_YES : WIRE_NO, size <= 1024 ? size : 1024);
	}
	memset(text, 'x', sizeof text);
	memcpy(text, "NICK ", 5);
	steps_assert(WIRE_ID_irc, span_of(text, sizeof text), WIRE_NO, 5 + 512 + 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_first_byte), cmocka_unit_test(test_seeds),
		cmocka_unit_test(test_lines),      cmocka_unit_test(test_no_request),
		cmocka_unit_test(test_length),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
