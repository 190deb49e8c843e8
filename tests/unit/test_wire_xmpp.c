/* XMPP: the head of a stream, when it is XMPP for sure, and its name. */
#include "wire_steps.h"

#define CLIENT "xmlns='jabber:client'"
#define STREAM "xmlns:stream='http://etherx.jabber.org/streams'"
#define MOST   2048

static void assert_no(const char *text)
{
	steps_assert_text(WIRE_ID_xmpp, text, WIRE_NO);
}

/* Decided by the last byte, with this name. */
static void assert_yes(const char *text, const char *name)
{
	struct wire_hints hints;

	steps_assert_text(WIRE_ID_xmpp, text, WIRE_YES);
	assert_int_equal(sample_ask(WIRE_ID_xmpp, span_text(text), &hints), WIRE_YES);
	sample_assert_name(&hints, name);
}

/* MORE from the first byte to the last, and sure from that byte on. */
static void assert_more(const char *text, size_t sure)
{
	struct wire_hints hints;

	sample_assert_laws(WIRE_ID_xmpp, span_text(text));
	for (size_t size = 0; size <= strlen(text); size++) {
		assert_int_equal(sample_ask(WIRE_ID_xmpp, span_of(text, size), &hints), WIRE_MORE);
		assert_int_equal(hints.is_sure, size >= sure);
		assert_int_equal(hints.wanted, size + 1);
	}
}

static bool begins_xmpp(uint8_t byte)
{
	return byte == '<';
}

static void test_first_byte(void **state)
{
	(void)state;
	sample_assert_first_bytes(WIRE_ID_xmpp, begins_xmpp);
}

static void check_seed(const char *file, struct span sample)
{
	bool is_more = strstr(file, "-more") || strstr(file, "-silent");
	struct wire_hints hints;

	print_message("%s\n", file);
	sample_assert(WIRE_ID_xmpp, sample,
		      sample_is(file, "near-") ? WIRE_NO
		      : is_more                ? WIRE_MORE
					       : WIRE_YES);
	if (sample_is(file, "near-") || is_more)
		return;
	assert_int_equal(sample_ask(WIRE_ID_xmpp, sample, &hints), WIRE_YES);
	assert_int_equal(hints.name_size == 0, strstr(file, "-noname") != NULL);
}

static void test_seeds(void **state)
{
	(void)state;
	sample_each("fuzz_wire_xmpp", check_seed);
}

static void test_declaration(void **state)
{
	(void)state;
	assert_yes("<stream:stream " CLIENT ">", "");
	assert_yes("<?xml version='1.0'?><stream:stream " CLIENT ">", "");
	assert_yes("<?xml  version='1.0'?><stream:stream " CLIENT ">", "");
	assert_yes("<?xml\tversion='1.0'\r\n?>\r\n\t <stream:stream " CLIENT ">", "");
	assert_more("<?xml version='1.0'?> \n<stream:stream ", SIZE_MAX);
	assert_no(" ");
	assert_no("\xef");
	assert_no("<!");
	assert_no("<3");
	assert_no("<p");
	assert_no("< ");
	assert_no("<?xmlx");
	assert_no("<?xml?");
	assert_no("<?xml <");
	assert_no("<?xml >");
	assert_no("<?xml \x01");
	assert_no("<?xml ?x");
	assert_no("<?xml ?>x");
	assert_no("<?xml ?><m");
	assert_no("<stream ");
	assert_no("<stream:streams");
	assert_no("<stream:stream/");
}

/* In any order, with any quotes, and blanks where XML allows them. */
static void test_names(void **state)
{
	(void)state;
	assert_yes("<stream:stream to='a.example' " CLIENT " " STREAM ">", "a.example");
	assert_yes("<stream:stream " STREAM " to=\"A.Example.\" >", "a.example");
	assert_yes("<stream:stream\n" CLIENT "\r\n\tto = \"a\"  id=''>", "a");
	assert_yes("<stream:stream to='' " CLIENT ">", "");
	assert_yes("<stream:stream to='a@b' " CLIENT ">", "");
	assert_yes("<stream:stream to='a' to='b' " CLIENT ">", "a");
	assert_yes("<stream:stream x:to='a' " CLIENT ">", "");
	assert_yes("<stream:stream a_b-c.d9\x80\xff='' to='a' " CLIENT ">", "a");
	assert_yes("<stream:stream to='a' xmlns='jabber:component:accept'>", "a");
	assert_yes("<stream:stream to='a' a='>\"\t\xc3\xa9' " CLIENT ">", "a");
}

/* Until a namespace tells it is XMPP a fault is a NO. */
static void test_not_sure(void **state)
{
	(void)state;
	assert_no("<stream:stream>");
	assert_no("<stream:stream to='a'>");
	assert_no("<stream:stream to='a'x");
	assert_no("<stream:stream =");
	assert_no("<stream:stream a\x7f");
	assert_no("<stream:stream to>");
	assert_no("<stream:stream to a");
	assert_no("<stream:stream to=a");
	assert_no("<stream:stream to='<");
	assert_no("<stream:stream to='\x01");
	assert_no("<stream:stream xmlns='jabber:'");
	assert_no("<stream:stream xmlns='urn:x'");
	assert_no("<stream:stream xmlns:stream='http://etherx.jabber.org/stream'");
}

/* From then on it is a YES, with what is known of the name. */
static void test_sure(void **state)
{
	static const char head[] = "<stream:stream to='a' " CLIENT;

	(void)state;
	assert_more("<stream:stream to='a' " CLIENT " version='1.", sizeof head - 1);
	assert_more("<stream:stream " STREAM " ", sizeof "<stream:stream " STREAM - 1);
	assert_yes("<stream:stream to='a' " CLIENT "x", "a");
	assert_yes("<stream:stream to='a' " CLIENT " to='<", "a");
	assert_yes("<stream:stream " CLIENT " xmlns:stream='urn:x'", "");
	assert_yes("<stream:stream " STREAM " xmlns='urn:x'", "");
}

/* A head that never ends is decided when all bytes are there that are looked at. */
static void test_cap(void **state)
{
	static const char sure[] = "<stream:stream to='a' " CLIENT " ";
	char text[MOST + 2] = "<stream:stream ";
	struct wire_hints hints;

	(void)state;
	memset(text + strlen(text), ' ', MOST + 1 - strlen(text));
	steps_assert(WIRE_ID_xmpp, span_text(text), WIRE_NO, MOST);
	memcpy(text, sure, sizeof sure - 1);
	steps_assert(WIRE_ID_xmpp, span_text(text), WIRE_YES, MOST);
	assert_int_equal(sample_ask(WIRE_ID_xmpp, span_text(text), &hints), WIRE_YES);
	sample_assert_name(&hints, "a");
	text[MOST - 1] = '>';
	steps_assert(WIRE_ID_xmpp, span_text(text), WIRE_YES, MOST);
	assert_int_equal(wire_proto_at(WIRE_ID_xmpp)->tcp.most_bytes, MOST);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_first_byte),  cmocka_unit_test(test_seeds),
		cmocka_unit_test(test_declaration), cmocka_unit_test(test_names),
		cmocka_unit_test(test_not_sure),    cmocka_unit_test(test_sure),
		cmocka_unit_test(test_cap),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
