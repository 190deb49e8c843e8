/* SIP: requests and answers by TCP and by UDP, and the host in a SIP URI. */
#include "wire_steps.h"
#include "wire_udp_run.h"

static bool begins_request(uint8_t byte)
{
	return (byte >= 'A' && byte <= 'Z') || (byte >= 'a' && byte <= 'z') || byte == '\r' ||
	       byte == '\n';
}

static void test_first_byte(void **state)
{
	(void)state;
	sample_assert_first_bytes(WIRE_ID_sip, begins_request);
}

/* Made ones are for a.seed.example, the others were recorded on loopback. */
static const char *name_of(const char *file)
{
	if (strstr(file, "-noname"))
		return "";
	return sample_is(file, "made-") ? "a.seed.example" : "127.0.0.1";
}

static void check_stream(const char *file, struct span sample)
{
	struct wire_hints hints;

	steps_assert_seed(WIRE_ID_sip, file, sample);
	if (sample_ask(WIRE_ID_sip, sample, &hints) == WIRE_YES)
		sample_assert_name(&hints, name_of(file));
}

static void check_datagrams(const char *file, struct span sample)
{
	struct udp_run run;

	print_message("%s\n", file);
	run_take(&run, sample);
	run_assert(&run, WIRE_ID_sip, sample_is(file, "near-") ? WIRE_NO : WIRE_YES, false,
		   name_of(file));
}

static void test_seeds(void **state)
{
	(void)state;
	sample_each("fuzz_wire_sip_tcp", check_stream);
	sample_each("fuzz_wire_sip", check_datagrams);
}

static void check_name(const char *text, const char *name)
{
	struct wire_hints hints;

	steps_assert_text(WIRE_ID_sip, text, WIRE_YES);
	(void)sample_ask(WIRE_ID_sip, span_text(text), &hints);
	sample_assert_name(&hints, name);
	assert_int_equal(hints.alpn_size, 0);
}

static void test_names(void **state)
{
	(void)state;
	check_name("REGISTER sip:a.example SIP/2.0\r\n", "a.example");
	check_name("INVITE sip:b@A.Example.:5061 SIP/2.0\r\n", "a.example");
	check_name("INVITE SIPS:b:word@a.example;transport=tcp SIP/2.0\n", "a.example");
	check_name("INVITE sip:+1;x=y?z@a.example?to=c%40d SIP/2.0\n", "a.example");
	check_name("INVITE sip:b@[2001:DB8::1]:5060 SIP/2.0\n", "2001:db8::1");
	check_name("INVITE sip:b@c@a.example SIP/2.0\n", "");
	check_name("INVITE sip: SIP/2.0\n", "");
	check_name("INVITE tel:+1-555@a.example SIP/2.0\n", "");
	check_name("SUBSCRIBE pres:b@a.example SIP/2.0\n", "");
	check_name("MESSAGE im:b@a.example SIP/2.0\n", "");
	check_name("INVITE urn:service:sos SIP/2.0\n", "");
	check_name("SIP/2.0 100 Trying\r\n", "");
	check_name("SIP/2.0 699 \n", "");
	check_name("SIPS sip:a.example SIP/2.0\n", "a.example");
}

/* Refused at the last byte of each. */
static void test_near_misses(void **state)
{
	static const char *const texts[] = {
		"OPTIONS *",
		"OPTIONS h",
		"OPTIONS /",
		"OPTIONS sipx",
		"OPTIONS sip:a H",
		"OPTIONS sip:a SIP/1",
		"OPTIONS sip:a SIP/2.1",
		"OPTIONS sip:a SIP/2.0 ",
		"SIP/2.0 0",
		"SIP/2.0 7",
		"SIP/2.0 20x",
		"SIP/2.0 2000",
		"SIP/2.0 200\r",
		"SIP/2.0 200 O\x01",
		"SIP/1",
		"SIPx/",
		"\r\n\r\n\r",
		"\r\r",
	};

	(void)state;
	for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
		steps_assert_text(WIRE_ID_sip, texts[i], WIRE_NO);
}

#define START "OPTIONS sip:a SIP/2.0\r\n"
#define VIA   "Via: SIP/2.0/UDP a\r\n"

static void ask(const char *text, enum wire_verdict expected)
{
	struct udp_run run = { .size = 0 };

	run_add(&run, span_text(text));
	run_assert(&run, WIRE_ID_sip, expected, false, "a");
}

/* A datagram is a whole message. */
static void test_heads(void **state)
{
	(void)state;
	ask(START VIA "\r\n", WIRE_YES);
	ask(START "vIa:x\r\n\r\n", WIRE_YES);
	ask(START "V \t: x\n\n", WIRE_YES);
	ask(START VIA "Subject:\r\n", WIRE_NO);
	ask(START VIA "Subject:\r\n\r\n", WIRE_YES);
	ask(START VIA "Subject: a\r\n\tb\r\n c\r\n\r\n", WIRE_YES);
	ask(START VIA " folded\r\n\r\n", WIRE_YES);
	ask(START " folded\r\n" VIA "\r\n", WIRE_NO);
	ask(START VIA ": x\r\n\r\n", WIRE_NO);
	ask(START VIA "a b: x\r\n\r\n", WIRE_NO);
	ask(START VIA "a: \x01\r\n\r\n", WIRE_NO);
	ask(START VIA "a: x\r\r\n\r\n", WIRE_NO);
	ask(START VIA, WIRE_NO);
	ask(START "\r\n", WIRE_NO);
	ask(START "Vi: x\r\n\r\n", WIRE_NO);
	ask(START "Via2: x\r\n\r\n", WIRE_NO);
	ask(START "w: x\r\n\r\n", WIRE_NO);
	ask(START, WIRE_NO);
	ask("", WIRE_NO);
	ask("\r\n\r\n", WIRE_NO);
	ask("\r\n" START VIA "\r\n", WIRE_NO);
}

/* As much of a body as its length says; what is behind does not count (RFC 3261 18.3). */
static void test_bodies(void **state)
{
	(void)state;
	ask(START VIA "\r\nbody", WIRE_YES);
	ask(START VIA "Content-Length: 4\r\n\r\nbody", WIRE_YES);
	ask(START VIA "content-length:3\r\n\r\nbody", WIRE_YES);
	ask(START VIA "L: 0\r\n\r\n", WIRE_YES);
	ask(START VIA "Content-Length: 5\r\n\r\nbody", WIRE_NO);
	ask(START VIA "l : 00005\r\n\r\nbody", WIRE_NO);
	ask(START VIA "l: 99999\r\n\r\nbody", WIRE_NO);
	ask(START VIA "l: 10\r\n\r\n0123456789", WIRE_YES);
	ask(START VIA "l: 10\r\n\r\n012345678", WIRE_NO);
	ask(START VIA "l:\r\n\r\nbody", WIRE_NO);
	ask(START VIA "l: x\r\n\r\nbody", WIRE_NO);
	ask(START VIA "l: 4 \t\r\n\r\nbody", WIRE_YES);
	ask(START VIA "l: 00004\r\n\r\nbody", WIRE_YES);
	ask(START VIA "l: 000004\r\n\r\nbody", WIRE_NO);
	ask(START VIA "l: 4x\r\n\r\nbody", WIRE_NO);
	ask(START VIA "l: 4 4\r\n\r\nbody", WIRE_NO);
	ask(START "l: 0\r\n" VIA "\r\n", WIRE_YES);
	ask(START VIA "l: 0\r\n folded\r\n\r\n", WIRE_NO);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_first_byte), cmocka_unit_test(test_seeds),
		cmocka_unit_test(test_names),      cmocka_unit_test(test_near_misses),
		cmocka_unit_test(test_heads),      cmocka_unit_test(test_bodies),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
