/*
 * Is a line one JSON object, letter by letter (RFC 8259), and what stands behind
 * its "id"? json-c reads the members; but it also takes numbers such as 007, names
 * in single quotes and control characters in strings, and would give a number of
 * twenty digits back as another one.
 */
#include "shuntctl_batch.h"

/* The line being read. 0 is never a part of it: that is what stands behind its end. */
struct text {
	struct span in;
	size_t at;
	unsigned depth; /* of arrays and objects */
};

static uint8_t look(const struct text *t)
{
	return t->at < t->in.size ? t->in.data[t->at] : 0;
}

/* Steps over that character; false, and stays, when there is another one. */
static bool take(struct text *t, char c)
{
	if (look(t) != (uint8_t)c)
		return false;
	t->at++;
	return true;
}

static void skip_blanks(struct text *t)
{
	while (look(t) == ' ' || look(t) == '\t' || look(t) == '\r' || look(t) == '\n')
		t->at++;
}

static bool take_digits(struct text *t)
{
	size_t start = t->at;

	while (look(t) >= '0' && look(t) <= '9')
		t->at++;
	return t->at > start;
}

static bool take_number(struct text *t)
{
	(void)take(t, '-'); /* may stand there */
	if (!take(t, '0') && !take_digits(t))
		return false;
	if (take(t, '.') && !take_digits(t))
		return false;
	if (take(t, 'e') || take(t, 'E')) {
		if (!take(t, '+'))
			(void)take(t, '-'); /* either, or none */
		return take_digits(t);
	}
	return true;
}

static bool take_word(struct text *t, const char *word)
{
	for (; *word != '\0'; word++) {
		if (!take(t, *word))
			return false;
	}
	return true;
}

/* Four digits behind \u. */
static bool take_code(struct text *t)
{
	for (int i = 0; i < 4; i++, t->at++) {
		uint8_t c = look(t);

		if (c == 0 || strchr("0123456789abcdefABCDEF", c) == NULL)
			return false;
	}
	return true;
}

static bool take_string(struct text *t)
{
	if (!take(t, '"'))
		return false;
	while (look(t) >= ' ' && look(t) != '"') {
		if (!take(t, '\\')) {
			t->at++;
			continue;
		}
		if (look(t) == 0 || strchr("\"\\/bfnrtu", look(t)) == NULL)
			return false;
		if (t->in.data[t->at++] == 'u' && !take_code(t))
			return false;
	}
	return take(t, '"');
}

static bool take_value(struct text *t);

/* "name": value. Of the first one of that name *found is the value. */
static bool take_member(struct text *t, const char *name, struct span *found)
{
	size_t key = t->at;
	size_t value;

	if (!take_string(t))
		return false;
	key++;
	if (found != NULL &&
	    (found->size != 0 ||
	     !span_equal(span_of(t->in.data + key, t->at - 1 - key), span_text(name))))
		found = NULL;
	skip_blanks(t);
	if (!take(t, ':'))
		return false;
	skip_blanks(t);
	value = t->at;
	if (!take_value(t))
		return false;
	if (found != NULL)
		*found = span_of(t->in.data + value, t->at - value);
	return true;
}

/* What stands between the brackets: values, or members. found: see take_member(); NULL: no matter. */
static bool take_list(struct text *t, char end, const char *name, struct span *found)
{
	skip_blanks(t);
	if (take(t, end))
		return true;
	for (;;) {
		skip_blanks(t);
		if (!(end == '}' ? take_member(t, name, found) : take_value(t)))
			return false;
		skip_blanks(t);
		if (take(t, end))
			return true;
		if (!take(t, ','))
			return false;
	}
}

/* NOLINTNEXTLINE(misc-no-recursion) -- no deeper than BATCH_NESTED_MOST */
static bool take_value(struct text *t)
{
	bool is_good;

	if (look(t) == '"')
		return take_string(t);
	if (look(t) == '[' || look(t) == '{') {
		char end = t->in.data[t->at++] == '[' ? ']' : '}';

		if (++t->depth > BATCH_NESTED_MOST)
			return false;
		is_good = take_list(t, end, NULL, NULL);
		t->depth--;
		return is_good;
	}
	if (look(t) == 't')
		return take_word(t, "true");
	if (look(t) == 'f')
		return take_word(t, "false");
	return look(t) == 'n' ? take_word(t, "null") : take_number(t);
}

bool batch_is_object(struct span line, const char *name, struct span *value)
{
	struct text t = { .in = line, .depth = 1 };
	struct span found = span_of(NULL, 0);

	skip_blanks(&t);
	if (!take(&t, '{') || !take_list(&t, '}', name, &found))
		return false;
	skip_blanks(&t);
	if (t.at != line.size)
		return false;
	*value = found;
	return true;
}
