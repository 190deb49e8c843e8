#ifndef SHUNT_POLICY_COMMAND_H
#define SHUNT_POLICY_COMMAND_H

#include <stdbool.h>
#include <stddef.h>

/*
 * A command line of the configuration: words between blanks. What stands between
 * two `"` is part of a word with its blanks; in there `\"` and `\\` are `"` and `\`.
 * No shell sees it: nothing else has a meaning. `line:` in front of it makes it a
 * program that is kept running.
 */
enum {
	COMMAND_MOST_WORDS = 64,
};

/* Is `line:` in front? Then *text is moved behind it. */
bool command_is_line(const char **text);

/*
 * The words of it, each for free(), and NULL behind them. How many, or -EINVAL (a quote has no end), -E2BIG
 * (more than COMMAND_MOST_WORDS), -ENOMEM: then there are none.
 */
int command_split(const char *text, char *words[static COMMAND_MOST_WORDS + 1]);

#endif
