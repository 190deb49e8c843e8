/* Reading members of an answer that may be anything, and writing them for people. */
#include <inttypes.h>
#include <stdio.h>

#include "shuntctl.h"

static struct json_object *member(const struct json_object *in, const char *name,
				  enum json_type type)
{
	struct json_object *found = NULL;

	if (!json_object_is_type(in, json_type_object) ||
	    !json_object_object_get_ex(in, name, &found) || !json_object_is_type(found, type))
		return NULL;
	return found;
}

const char *shuntctl_text(const struct json_object *in, const char *name)
{
	struct json_object *found = member(in, name, json_type_string);

	return found != NULL ? json_object_get_string(found) : "-";
}

uint64_t shuntctl_number(const struct json_object *in, const char *name)
{
	struct json_object *found = member(in, name, json_type_int);

	return found != NULL ? json_object_get_uint64(found) : 0;
}

bool shuntctl_bool(const struct json_object *in, const char *name)
{
	struct json_object *found = member(in, name, json_type_boolean);

	return found != NULL && json_object_get_boolean(found);
}

struct json_object *shuntctl_object(const struct json_object *in, const char *name)
{
	return member(in, name, json_type_object);
}

struct json_object *shuntctl_array(const struct json_object *in, const char *name)
{
	return member(in, name, json_type_array);
}

size_t shuntctl_length(const struct json_object *array)
{
	return array != NULL ? json_object_array_length(array) : 0;
}

void shuntctl_print(const char *text, bool lines)
{
	for (; *text != '\0'; text++) {
		bool is_plain = *text >= ' ' && *text <= '~';

		if (lines && (*text == '\n' || *text == '\t'))
			is_plain = true;
		(void)putchar(is_plain ? *text : '?');
	}
}

const char *shuntctl_age(uint64_t ms, char text[static SHUNTCTL_SHORT_BYTES])
{
	uint64_t s = ms / 1000;

	if (ms < 1000)
		(void)snprintf(text, SHUNTCTL_SHORT_BYTES, "%" PRIu64 "ms", ms);
	else if (s < 60)
		(void)snprintf(text, SHUNTCTL_SHORT_BYTES, "%" PRIu64 ".%" PRIu64 "s", s,
			       ms % 1000 / 100);
	else if (s < 3600)
		(void)snprintf(text, SHUNTCTL_SHORT_BYTES, "%" PRIu64 "m%02" PRIu64 "s", s / 60,
			       s % 60);
	else if (s < 86400)
		(void)snprintf(text, SHUNTCTL_SHORT_BYTES, "%" PRIu64 "h%02" PRIu64 "m", s / 3600,
			       s / 60 % 60);
	else
		(void)snprintf(text, SHUNTCTL_SHORT_BYTES, "%" PRIu64 "d%02" PRIu64 "h", s / 86400,
			       s / 3600 % 24);
	return text;
}

const char *shuntctl_bytes(uint64_t bytes, char text[static SHUNTCTL_SHORT_BYTES])
{
	static const char units[] = "kMGTPE";
	uint64_t whole = bytes, tenths = 0;
	size_t unit = 0;

	if (bytes < 1024) {
		(void)snprintf(text, SHUNTCTL_SHORT_BYTES, "%" PRIu64, bytes);
		return text;
	}
	for (; whole >= 1024 && unit < sizeof(units) - 1; unit++) {
		tenths = whole % 1024 * 10 / 1024;
		whole /= 1024;
	}
	(void)snprintf(text, SHUNTCTL_SHORT_BYTES, "%" PRIu64 ".%" PRIu64 "%c", whole, tenths,
		       units[unit - 1]);
	return text;
}
