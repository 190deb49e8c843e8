#ifndef SHUNT_WIRE_TEXT_H
#define SHUNT_WIRE_TEXT_H

#include "wire/fields.h"

/* Reading words and lines of which perhaps not all bytes are there, beside what fields.h reads. */

static inline bool text_is_letter(uint8_t c)
{
	return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
}

static inline bool text_is_digit(uint8_t c)
{
	return c >= '0' && c <= '9';
}

/* A character of a token (RFC 9110 5.6.2). */
bool text_is_token(uint8_t c);

/* No blank and no control character; any byte from 0x80 on. */
static inline bool text_is_word(uint8_t c)
{
	return c > ' ' && c != 0x7f;
}

/* Likewise, or a blank. */
static inline bool text_is_printed(uint8_t c)
{
	return c >= ' ' && c != 0x7f;
}

/* The next byte; 0 when it is not there, and behind NO and MORE. */
uint8_t text_peek(const struct fields *f);

/* The bytes from here on that fit, up to `most`. Something has to follow them: until one is there
 * it is MORE. Borrowed from the input, perhaps empty. */
struct span text_run(struct fields *f, bool (*fits)(uint8_t c), size_t most);

/* One of these words, in letters of any case; they are in capitals here, and none of them is how
 * another one begins. */
void text_one_of(struct fields *f, const char *const words[], size_t count);

/* The same for a single word. */
static inline void text_any_case(struct fields *f, const char *word)
{
	text_one_of(f, &word, 1);
}

/* Is that the word, in letters of any case? It is in capitals here. */
bool text_is_same(struct span text, const char *word);

/* The end of a line: CR LF, or LF alone. */
void text_line_end(struct fields *f);

/* What was read has to end within that many bytes: NO when it does not, or cannot any more. */
void text_bound(struct fields *f, size_t most);

#endif
