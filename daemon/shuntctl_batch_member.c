/*
 * A member of a JSON object, as it stands there: a library would give a number of
 * twenty digits back as another one, and a string with other escapes. The line
 * was parsed before, so nothing can be wrong with it.
 */
#include "shuntctl_batch.h"

static bool is_blank(uint8_t c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

bool batch_is_clean(struct span line)
{
	bool is_string = false;

	for (size_t i = 0; i < line.size; i++) {
		uint8_t c = line.data[i];

		if (c < ' ' && (is_string || !is_blank(c)))
			return false;
		if (c == '\'' && !is_string)
			return false;
		if (c == '"')
			is_string = !is_string;
		else if (c == '\\' && is_string)
			i++;
	}
	return true;
}

/* Behind the string that begins at `at`. */
static size_t skip_string(struct span line, size_t at)
{
	for (at++; at < line.size && line.data[at] != '"'; at++)
		at += line.data[at] == '\\';
	return at + 1;
}

/* Behind the value that begins at `at`, at the comma or bracket that ends it. */
static size_t skip_value(struct span line, size_t at)
{
	unsigned depth = 0;

	while (at < line.size) {
		uint8_t c = line.data[at];

		if (depth == 0 && (c == ',' || c == '}' || c == ']'))
			break;
		if (c == '"') {
			at = skip_string(line, at);
			continue;
		}
		if (c == '{' || c == '[')
			depth++;
		else if (c == '}' || c == ']')
			depth--;
		at++;
	}
	return at < line.size ? at : line.size;
}

static size_t skip_blanks(struct span line, size_t at)
{
	while (at < line.size && is_blank(line.data[at]))
		at++;
	return at;
}

struct span batch_member(struct span line, const char *name)
{
	size_t at = skip_blanks(line, 0) + 1; /* behind the brace */

	while (at < line.size) {
		size_t key, end, value;

		key = skip_blanks(line, at);
		if (key >= line.size || line.data[key] != '"')
			break;
		end = skip_string(line, key);
		value = skip_blanks(line, skip_blanks(line, end) + 1);
		at = skip_value(line, value);
		if (at <= value || at >= line.size)
			break;
		if (span_equal(span_of(line.data + key + 1, end - key - 2), span_text(name))) {
			while (is_blank(line.data[at - 1]))
				at--;
			return span_of(line.data + value, at - value);
		}
		at++;
	}
	return span_of(NULL, 0);
}
