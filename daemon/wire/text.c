/* Words and lines of a first message, as far as they are there. */
#include "wire/text.h"

bool text_is_token(uint8_t c)
{
	return text_is_letter(c) || text_is_digit(c) || (c && strchr("!#$%&'*+-.^_`|~", c));
}

uint8_t text_peek(const struct fields *f)
{
	return f->verdict == WIRE_YES && f->at < f->in.size ? f->in.data[f->at] : 0;
}

struct span text_run(struct fields *f, bool (*fits)(uint8_t c), size_t most)
{
	size_t from = f->at;

	if (f->verdict != WIRE_YES)
		return span_of(NULL, 0);
	while (f->at < f->in.size && f->at - from < most && fits(f->in.data[f->at]))
		f->at++;
	if (f->at == f->in.size) {
		f->verdict = WIRE_MORE;
		f->wanted = f->in.size + 1;
		return span_of(NULL, 0);
	}
	return span_of(f->in.data + from, f->at - from);
}

void text_any_case(struct fields *f, const char *word)
{
	for (const char *c = word; *c; c++) {
		uint8_t next = text_peek(f);
		char capital = (char)(next >= 'a' && next <= 'z' ? next - 'a' + 'A' : next);

		fields_text(f, span_of(capital == *c ? &next : (const uint8_t *)c, 1));
	}
}

void text_line_end(struct fields *f)
{
	if (text_peek(f) == '\r')
		fields_text(f, span_text("\r"));
	fields_text(f, span_text("\n"));
}

void text_bound(struct fields *f, size_t most)
{
	if ((f->verdict == WIRE_YES && f->at > most) ||
	    (f->verdict == WIRE_MORE && f->in.size >= most))
		f->verdict = WIRE_NO;
}
