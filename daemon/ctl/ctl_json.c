/* JSON (RFC 8259) of the answers: written piece by piece, never read here. */
#include "ctl/ctl_json.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "ctl/ctl_client.h"

static void put(struct ctl_json *j, const char *text, size_t size)
{
	if (j->err == 0)
		j->err = ctl_client_add(j->client, text, size);
}

static void put_escaped(struct ctl_json *j, char c)
{
	char text[8];

	if (c == '"' || c == '\\')
		(void)snprintf(text, sizeof(text), "\\%c", c);
	else if (c == '\n')
		(void)snprintf(text, sizeof(text), "\\n");
	else if (c == '\t')
		(void)snprintf(text, sizeof(text), "\\t");
	else
		/* what is no ASCII could be no UTF-8 either */
		(void)snprintf(text, sizeof(text), "\\u%04x", c & 0x80 ? 0xfffd : c);
	put(j, text, strlen(text));
}

static bool is_plain(char c)
{
	return c >= ' ' && c <= '~' && c != '"' && c != '\\';
}

static void put_string(struct ctl_json *j, const char *text)
{
	size_t plain;

	put(j, "\"", 1);
	while (*text != '\0') {
		for (plain = 0; is_plain(text[plain]);)
			plain++;
		put(j, text, plain);
		text += plain;
		if (*text != '\0')
			put_escaped(j, *text++);
	}
	put(j, "\"", 1);
}

/* All that stands in front of a value. */
static void begin(struct ctl_json *j, const char *name)
{
	if (j->needs_comma)
		put(j, ",", 1);
	j->needs_comma = true;
	if (name == NULL)
		return;
	put_string(j, name);
	put(j, ":", 1);
}

void ctl_json_object(struct ctl_json *j, const char *name)
{
	begin(j, name);
	put(j, "{", 1);
	j->needs_comma = false;
}

void ctl_json_object_end(struct ctl_json *j)
{
	put(j, "}", 1);
	j->needs_comma = true;
}

void ctl_json_array(struct ctl_json *j, const char *name)
{
	begin(j, name);
	put(j, "[", 1);
	j->needs_comma = false;
}

void ctl_json_array_end(struct ctl_json *j)
{
	put(j, "]", 1);
	j->needs_comma = true;
}

void ctl_json_text(struct ctl_json *j, const char *name, const char *text)
{
	begin(j, name);
	if (text != NULL)
		put_string(j, text);
	else
		put(j, "null", 4);
}

void ctl_json_number(struct ctl_json *j, const char *name, uint64_t number)
{
	char text[sizeof("18446744073709551615")];

	begin(j, name);
	(void)snprintf(text, sizeof(text), "%" PRIu64, number);
	put(j, text, strlen(text));
}

void ctl_json_bool(struct ctl_json *j, const char *name, bool value)
{
	begin(j, name);
	put(j, value ? "true" : "false", value ? 4 : 5);
}

void ctl_json_send(struct ctl_json *j)
{
	put(j, "\n", 1);
	if (j->err == 0)
		ctl_client_send(j->client);
	else if (j->err == -EMSGSIZE)
		ctl_client_fail(j->client, "the answer is too long, or too many wait to be read");
	else
		ctl_client_fail(j->client, "no memory for the answer");
}
