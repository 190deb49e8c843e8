/* Reading a request: as little of JSON (RFC 8259) as a request needs, and strictly. */
#include "ctl/ctl_request.h"

#include <errno.h>
#include <string.h>

struct cursor {
	const char *at;
	const char *end;
};

static void skip_blanks(struct cursor *c)
{
	while (c->at < c->end && memchr(" \t\r\n", *c->at, 4) != NULL)
		c->at++;
}

/* The next character that is no blank, if it is this one. */
static bool take(struct cursor *c, char wanted)
{
	skip_blanks(c);
	if (c->at == c->end || *c->at != wanted)
		return false;
	c->at++;
	return true;
}

static bool take_word(struct cursor *c, const char *word)
{
	size_t size = strlen(word);

	skip_blanks(c);
	if ((size_t)(c->end - c->at) < size || memcmp(c->at, word, size) != 0)
		return false;
	c->at += size;
	return true;
}

static bool take_string(struct cursor *c, char out[static REQUEST_WORD_BYTES])
{
	size_t size = 0;

	if (!take(c, '"'))
		return false;
	while (c->at < c->end && *c->at != '"') {
		if (*c->at < ' ' || *c->at > '~' || *c->at == '\\' ||
		    size == REQUEST_WORD_BYTES - 1)
			return false;
		out[size++] = *c->at++;
	}
	out[size] = '\0';
	return take(c, '"');
}

/* Is there a member of that name already? */
static bool is_known(const struct request *r, const char *name)
{
	if (strcmp(name, "command") == 0)
		return r->command[0] != '\0';
	for (size_t i = 0; i < r->option_count; i++)
		if (strcmp(r->options[i].name, name) == 0)
			return true;
	return false;
}

static const char *take_option(struct cursor *c, struct request *r, const char *name)
{
	struct request_option *option;

	if (r->option_count == REQUEST_MOST_OPTIONS)
		return "too many members";
	option = &r->options[r->option_count++];
	memcpy(option->name, name, REQUEST_WORD_BYTES);
	option->value = take_word(c, "true");
	if (!option->value && !take_word(c, "false"))
		return "a member other than \"command\" must be true or false";
	return NULL;
}

/* NULL, or what is wrong. */
static const char *take_member(struct cursor *c, struct request *r)
{
	char name[REQUEST_WORD_BYTES] = "";

	if (!take_string(c, name) || !take(c, ':'))
		return "a member is no \"name\": value";
	if (is_known(r, name))
		return "a member stands there twice";
	if (strcmp(name, "command") != 0)
		return take_option(c, r, name);
	if (!take_string(c, r->command) || r->command[0] == '\0')
		return "\"command\" must be a word";
	return NULL;
}

static const char *take_all(struct cursor *c, struct request *r)
{
	const char *why = NULL;
	bool is_more;

	if (!take(c, '{'))
		return "a JSON object is expected";
	for (is_more = !take(c, '}'); is_more; is_more = take(c, ',')) {
		why = take_member(c, r);
		if (why != NULL)
			return why;
	}
	if (r->command[0] != '\0' || r->option_count != 0) {
		if (!take(c, '}'))
			return "the object does not end where it should";
	}
	skip_blanks(c);
	if (c->at != c->end)
		return "there is more behind the object";
	return r->command[0] != '\0' ? NULL : "there is no \"command\"";
}

int request_read(struct request *out, const char *text, size_t size, const char **why)
{
	struct cursor c = { text, text + size };
	struct request r = { .command = "" };

	*why = take_all(&c, &r);
	if (*why != NULL)
		return -EINVAL;
	*out = r;
	return 0;
}
