/* The request line that several protocols share: its borders; the rest is in the tests of each. */
#include <stdio.h>

#include "unit.h"
#include "wire/request_line.h"
#include "wire/text.h"

static void read_star(struct fields *f, struct span method)
{
	if (!span_equal(method, span_text("NONE")))
		(void)text_run(f, text_is_word, REQUEST_LINE_MOST);
}

static void read_version(struct fields *f)
{
	fields_text(f, span_text("X/"));
	(void)fields_be(f, 1, '0', '9');
	fields_text(f, span_text("."));
	(void)fields_be(f, 1, '0', '9');
	fields_text(f, span_text("y"));
}

static const struct request_form form = { read_star, read_version };

static enum wire_verdict ask(struct span in, struct request_line *line)
{
	struct fields f = fields_of(in);
	struct wire_hints hints;

	*line = (struct request_line){ .method = span_text("as it was") };
	request_line_read(&f, &form, line);
	if (f.verdict == WIRE_MORE) {
		assert_int_equal(fields_end(&f, &hints), WIRE_MORE);
		assert_int_equal(hints.wanted, in.size + 1);
	}
	if (f.verdict != WIRE_YES)
		assert_true(span_equal(line->method, span_text("as it was")));
	return f.verdict;
}

static void test_lines(void **state)
{
	static const struct {
		const char *text;
		enum wire_verdict verdict;
	} table[] = {
		{ "GET /x X/1.9y\r\n", WIRE_YES },
		{ "GET /x X/0.0y\n", WIRE_YES },
		{ "\r\nGET /x X/1.1y\r\n", WIRE_YES },
		{ "\n\r\nGET /x X/1.1y\r\n", WIRE_YES },
		{ "\n\n\n", WIRE_NO },
		{ "GET /x X/1:1y\r\n", WIRE_NO },
		{ "GET /x X/1.1z", WIRE_NO },
		{ "GET /x X/a", WIRE_NO },
		{ "NONE X/1.1y\r\n", WIRE_NO },
		{ "NONE  X/1.1y\r\n", WIRE_NO },
		{ " GET", WIRE_NO },
		{ "1GET", WIRE_NO },
		{ "*", WIRE_NO },
		{ "SSH-", WIRE_NO },
		{ "SSH", WIRE_MORE },
		{ "SSH /x X/1.1y\n", WIRE_YES },
		{ "\nSSH-x", WIRE_NO },
		{ "G1-_.!#$%&'*+^`|~ /x X/1.1y\n", WIRE_YES },
		{ "G(", WIRE_NO },
		{ "", WIRE_MORE },
		{ "\r", WIRE_MORE },
		{ "\r\n", WIRE_MORE },
		{ "GET /x X/1.1y\r", WIRE_MORE },
	};
	struct request_line line;

	(void)state;
	for (size_t i = 0; i < sizeof table / sizeof *table; i++)
		assert_int_equal(ask(span_text(table[i].text), &line), table[i].verdict);
	assert_int_equal(ask(span_text("\r\nGET /x X/1.1y\r\nmore"), &line), WIRE_YES);
	assert_true(span_equal(line.method, span_text("GET")));
	assert_true(span_equal(line.target, span_text("/x")));
}

/* The longest method, and one more. */
static void test_method(void **state)
{
	char text[64] = "";
	struct request_line line;

	(void)state;
	for (size_t size = 31; size <= 33; size++) {
		memset(text, 'M', size);
		(void)snprintf(text + size, sizeof text - size, " x X/1.1y\n");
		assert_int_equal(ask(span_text(text), &line), size <= 32 ? WIRE_YES : WIRE_NO);
	}
}

/* The longest line, empty ones in front of it do not count; and one that is a byte too long. */
static void test_length(void **state)
{
	static char text[REQUEST_LINE_MOST_BYTES + 16];
	static const char *const starts[] = { "GET /", "\r\nGET /", "\r\n\r\nGET /" };
	struct request_line line;

	(void)state;
	for (size_t i = 0; i < 3 * sizeof starts / sizeof *starts; i++) {
		const char *start = starts[i / 3];
		size_t most = strlen(start) - strlen("GET /") + REQUEST_LINE_MOST;
		size_t size = most - 1 + i % 3;

		memset(text, 'x', sizeof text);
		memcpy(text, start, strlen(start));
		memcpy(text + size - 8, " X/1.1y\n", 8);
		assert_int_equal(ask(span_of(text, size), &line),
				 size <= most ? WIRE_YES : WIRE_NO);
		assert_int_equal(ask(span_of(text, size - 1), &line),
				 size <= most ? WIRE_MORE : WIRE_NO);
	}
}

static void test_absolute(void **state)
{
	static const struct {
		const char *text;
		enum wire_verdict verdict;
		size_t at;
	} table[] = {
		{ "a:b ", WIRE_YES, 3 }, { "a+-.1:// ", WIRE_YES, 8 }, { "a: ", WIRE_YES, 2 },
		{ ":", WIRE_NO, 0 },     { "1:", WIRE_NO, 0 },         { "a/", WIRE_NO, 0 },
		{ "a ", WIRE_NO, 0 },    { "", WIRE_MORE, 0 },         { "a", WIRE_MORE, 0 },
		{ "a:b", WIRE_MORE, 0 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
		struct fields f = fields_of(span_text(table[i].text));

		request_line_read_absolute(&f);
		assert_int_equal(f.verdict, table[i].verdict);
		if (f.verdict == WIRE_YES)
			assert_int_equal(f.at, table[i].at);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_lines),
		cmocka_unit_test(test_method),
		cmocka_unit_test(test_length),
		cmocka_unit_test(test_absolute),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
