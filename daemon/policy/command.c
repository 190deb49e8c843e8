/* Command lines. */
#include "policy/command.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

bool command_is_line(const char **text)
{
	static const char word[] = "line:";

	if (strncmp(*text, word, sizeof word - 1) != 0)
		return false;
	*text += sizeof word - 1;
	return true;
}

/* Copy the word that begins at *text to `out`, without its quotes, and step behind it. False: one has no end. */
static bool take_word(const char **text, char *out)
{
	bool is_quoted = false;
	const char *at = *text;

	for (; *at && (is_quoted || (*at != ' ' && *at != '\t')); at++) {
		if (*at == '"') {
			is_quoted = !is_quoted;
			continue;
		}
		if (is_quoted && *at == '\\' && (at[1] == '"' || at[1] == '\\'))
			at++;
		*out++ = *at;
	}
	*out = '\0';
	*text = at;
	return !is_quoted;
}

static int drop_words(char *words[], int count, int err)
{
	for (int i = 0; i < count; i++) {
		free(words[i]);
		words[i] = NULL;
	}
	return err;
}

int command_split(const char *text, char *words[static COMMAND_MOST_WORDS + 1])
{
	int count = 0;

	for (text += strspn(text, " \t"); *text; text += strspn(text, " \t")) {
		if (count == COMMAND_MOST_WORDS)
			return drop_words(words, count, -E2BIG);
		words[count] = malloc(strlen(text) + 1);
		if (!words[count])
			return drop_words(words, count, -ENOMEM);
		if (!take_word(&text, words[count++]))
			return drop_words(words, count, -EINVAL);
	}
	words[count] = NULL;
	return count;
}
