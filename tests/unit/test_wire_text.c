/* Words and lines that are not all there. */
#include "unit.h"
#include "wire/text.h"

static struct fields of(const char *text)
{
	return fields_of(span_text(text));
}

static void assert_at(const struct fields *f, enum wire_verdict verdict, size_t at)
{
	struct wire_hints hints = { .wanted = 0 };

	assert_int_equal(fields_end(f, &hints), verdict);
	assert_int_equal(hints.wanted, verdict == WIRE_MORE ? f->in.size + 1 : 0);
	if (verdict == WIRE_YES)
		assert_int_equal(f->at, at);
}

/* Of each byte: which classes hold it. */
static void test_classes(void **state)
{
	(void)state;
	for (unsigned i = 0; i < 256; i++) {
		uint8_t c = (uint8_t)i;
		bool is_mark = c && strchr("\"(),/:;<=>?@[\\]{}", c);

		assert_int_equal(text_is_token(c), c > ' ' && c < 0x7f && !is_mark);
		assert_int_equal(text_is_letter(c), (c | 32) >= 'a' && (c | 32) <= 'z');
		assert_int_equal(text_is_digit(c), c >= '0' && c <= '9');
		assert_int_equal(text_is_word(c), c >= '!' && c != 0x7f);
		assert_int_equal(text_is_printed(c), text_is_word(c) || c == ' ');
	}
}

static void test_run(void **state)
{
	static const char *const short_ones[] = { "", "1", "12", "123", "1234" };
	struct fields f = of("123a");
	struct span run = text_run(&f, text_is_digit, 9);

	(void)state;
	assert_true(span_equal(run, span_text("123")));
	assert_int_equal(text_peek(&f), 'a');
	assert_at(&f, WIRE_YES, 3);
	f = of("123a");
	assert_true(span_equal(text_run(&f, text_is_digit, 2), span_text("12")));
	assert_at(&f, WIRE_YES, 2);
	assert_true(span_equal(text_run(&f, text_is_digit, 2), span_text("3")));
	f = of("a");
	assert_int_equal(text_run(&f, text_is_digit, 2).size, 0);
	assert_at(&f, WIRE_YES, 0);
	for (size_t i = 0; i < sizeof short_ones / sizeof *short_ones; i++) {
		f = of(short_ones[i]);
		assert_int_equal(text_run(&f, text_is_digit, 4).size, 0);
		assert_at(&f, WIRE_MORE, 0);
		assert_int_equal(text_peek(&f), 0);
		fields_require(&f, false);
		assert_at(&f, WIRE_MORE, 0);
	}
	f = fields_of(span_of(NULL, 0));
	assert_int_equal(text_run(&f, text_is_digit, 4).size, 0);
	assert_at(&f, WIRE_MORE, 0);
}

static void test_any_case(void **state)
{
	static const struct {
		const char *text;
		enum wire_verdict verdict;
	} table[] = {
		{ "", WIRE_MORE },      { "n", WIRE_MORE },     { "Ni", WIRE_MORE },
		{ "NICK", WIRE_YES },   { "nick", WIRE_YES },   { "nIcK", WIRE_YES },
		{ "nicks", WIRE_YES },  { "x", WIRE_NO },       { "niX", WIRE_NO },
		{ "nic\x2b", WIRE_NO }, { "\x0eICK", WIRE_NO },
	};

	(void)state;
	for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
		struct fields f = of(table[i].text);

		text_any_case(&f, "NICK");
		assert_at(&f, table[i].verdict, 4);
	}
}

/* One of several that begin alike. */
static void test_one_of(void **state)
{
	static const char *const words[] = { "SIP:", "SIPS:", "TEL:", "ZA~" };
	static const struct {
		const char *text;
		enum wire_verdict verdict;
		size_t at;
	} table[] = {
		{ "", WIRE_MORE, 0 },     { "s", WIRE_MORE, 0 },    { "siP", WIRE_MORE, 0 },
		{ "sips", WIRE_MORE, 0 }, { "sip:x", WIRE_YES, 4 }, { "sips:", WIRE_YES, 5 },
		{ "TeL:1", WIRE_YES, 4 }, { "tip", WIRE_NO, 0 },    { "sipt", WIRE_NO, 0 },
		{ "sipss", WIRE_NO, 0 },  { "x", WIRE_NO, 0 },      { "te:", WIRE_NO, 0 },
		{ "Za~", WIRE_YES, 3 },   { "zA~", WIRE_YES, 3 },   { "sip\x1a", WIRE_NO, 0 },
		{ "sip[", WIRE_NO, 0 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
		struct fields f = of(table[i].text);

		text_one_of(&f, words, sizeof words / sizeof *words);
		assert_at(&f, table[i].verdict, table[i].at);
	}
}

static void test_line_end(void **state)
{
	static const struct {
		const char *text;
		enum wire_verdict verdict;
		size_t at;
	} table[] = {
		{ "", WIRE_MORE, 0 },     { "\r", WIRE_MORE, 0 },  { "\r\n", WIRE_YES, 2 },
		{ "\n", WIRE_YES, 1 },    { "\n\r", WIRE_YES, 1 }, { "\rx", WIRE_NO, 0 },
		{ "\r\r\n", WIRE_NO, 0 }, { "x\r\n", WIRE_NO, 0 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
		struct fields f = of(table[i].text);

		text_line_end(&f);
		assert_at(&f, table[i].verdict, table[i].at);
	}
}

static void test_bound(void **state)
{
	(void)state;
	for (size_t size = 0; size <= 6; size++) {
		struct fields f = fields_of(span_of("1234\nx", size));

		(void)text_run(&f, text_is_digit, 9);
		text_line_end(&f);
		text_bound(&f, 5);
		assert_at(&f, size < 5 ? WIRE_MORE : WIRE_YES, 5);
		f = fields_of(span_of("1234\nx", size));
		(void)text_run(&f, text_is_digit, 9);
		text_line_end(&f);
		text_bound(&f, 4);
		assert_at(&f, size < 4 ? WIRE_MORE : WIRE_NO, 0);
	}
}

static void test_same(void **state)
{
	(void)state;
	assert_true(text_is_same(span_text("Content-Length"), "CONTENT-LENGTH"));
	assert_true(text_is_same(span_of(NULL, 0), ""));
	assert_false(text_is_same(span_text("hos"), "HOST"));
	assert_false(text_is_same(span_text("hosts"), "HOST"));
	assert_false(text_is_same(span_of("h\0", 2), "H"));
	/* no letters: these differ from `-` and `@` in the same bit */
	assert_false(text_is_same(span_text("a\rb"), "A-B"));
	assert_false(text_is_same(span_text("`"), "@"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_classes),  cmocka_unit_test(test_run),
		cmocka_unit_test(test_any_case), cmocka_unit_test(test_one_of),
		cmocka_unit_test(test_line_end), cmocka_unit_test(test_bound),
		cmocka_unit_test(test_same),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
