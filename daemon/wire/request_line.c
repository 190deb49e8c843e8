/* The first line of a request (RFC 9112 3, RFC 2326 6.1, RFC 3261 7.1), in any segments. */
#include "wire/request_line.h"

#include "wire/text.h"

enum {
	METHOD_MOST = 32, /* the longest registered one has 17 */
	BLANK_LINES = 2,  /* ahead of the request line (RFC 9112 2.2) */
};

static bool is_scheme(uint8_t c)
{
	return text_is_letter(c) || text_is_digit(c) || c == '+' || c == '-' || c == '.';
}

static void skip_blank_lines(struct fields *f)
{
	for (unsigned i = 0; i < BLANK_LINES; i++) {
		if (text_peek(f) == '\r' || text_peek(f) == '\n')
			text_line_end(f);
	}
}

/* `SSH-2.0-x / HTTP/1.1` is both. */
static bool is_ssh(struct span rest)
{
	return rest.size >= 4 && memcmp(rest.data, "SSH-", 4) == 0;
}

static struct span read_method(struct fields *f)
{
	struct span method;

	if (f->at < f->in.size) {
		fields_require(f, text_is_letter(text_peek(f)));
		fields_require(f, !is_ssh(span_of(f->in.data + f->at, f->in.size - f->at)));
	}
	method = text_run(f, text_is_token, METHOD_MOST);
	fields_text(f, span_text(" "));
	return method;
}

static struct span read_target(struct fields *f, const struct request_form *form,
			       struct span method)
{
	size_t start = f->at;

	form->read_target(f, method);
	fields_require(f, f->at > start);
	return f->verdict == WIRE_YES ? span_of(f->in.data + start, f->at - start)
				      : span_of(NULL, 0);
}

void request_line_read(struct fields *f, const struct request_form *form, struct request_line *line)
{
	struct request_line read;
	size_t start;

	skip_blank_lines(f);
	start = f->at;
	read.method = read_method(f);
	read.target = read_target(f, form, read.method);
	fields_text(f, span_text(" "));
	form->read_version(f);
	text_line_end(f);
	text_bound(f, start + REQUEST_LINE_MOST);
	if (f->verdict == WIRE_YES)
		*line = read;
}

void request_line_read_absolute(struct fields *f)
{
	if (f->at < f->in.size)
		fields_require(f, text_is_letter(text_peek(f)));
	(void)text_run(f, is_scheme, REQUEST_LINE_MOST);
	fields_text(f, span_text(":"));
	(void)text_run(f, text_is_word, REQUEST_LINE_MOST);
}
