#ifndef SHUNT_CTL_CTL_REQUEST_H
#define SHUNT_CTL_CTL_REQUEST_H

#include <stdbool.h>
#include <stddef.h>

enum {
	REQUEST_WORD_BYTES = 32, /* of a command or an option, and its NUL */
	REQUEST_MOST_OPTIONS = 4,
};

/* A request as it was read: flat, of strings and booleans, for no command needs more. */
struct request_option {
	char name[REQUEST_WORD_BYTES];
	bool value;
};
struct request {
	char command[REQUEST_WORD_BYTES]; /* "": there was none */
	size_t option_count;
	struct request_option options[REQUEST_MOST_OPTIONS];
};

/*
 * Read {"command":"nft","closed":true}: one JSON object, blanks anywhere, then
 * nothing. Words are printable ASCII without escapes. Allocates nothing. 0, or
 * -EINVAL and *why is a static text.
 */
int request_read(struct request *out, const char *text, size_t size, const char **why);

#endif
