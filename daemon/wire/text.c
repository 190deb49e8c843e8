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

/* Every byte was read and fits, and another one has to follow. */
static void expect_more(struct fields *f)
{
	if (f->verdict != WIRE_YES)
		return;
	f->verdict = WIRE_MORE;
	f->wanted = f->in.size + 1;
}

struct span text_run(struct fields *f, bool (*fits)(uint8_t c), size_t most)
{
	size_t from = f->at;

	if (f->verdict != WIRE_YES)
		return span_of(NULL, 0);
	while (f->at < f->in.size && f->at - from < most && fits(f->in.data[f->at]))
		f->at++;
	if (f->at == f->in.size) {
		expect_more(f);
		return span_of(NULL, 0);
	}
	return span_of(f->in.data + from, f->at - from);
}

/* How many bytes from here on are the word's. */
static size_t count_same(const struct fields *f, const char *word)
{
	size_t size = 0;

	while (word[size] && f->at + size < f->in.size) {
		uint8_t c = f->in.data[f->at + size];

		if ((c >= 'a' && c <= 'z' ? c - 'a' + 'A' : c) != (uint8_t)word[size])
			break;
		size++;
	}
	return size;
}

void text_one_of(struct fields *f, const char *const words[], size_t count)
{
	bool may_come = false;

	if (f->verdict != WIRE_YES)
		return;
	for (size_t i = 0; i < count; i++) {
		size_t same = count_same(f, words[i]);

		if (!words[i][same]) {
			f->at += same;
			return;
		}
		may_come |= f->at + same == f->in.size;
	}
	fields_require(f, may_come);
	expect_more(f);
}

bool text_is_same(struct span text, const char *word)
{
	struct fields f = fields_of(text);
	size_t same = count_same(&f, word);

	return same == text.size && !word[same];
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
