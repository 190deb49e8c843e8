/* Host names of routes, and the files of them. */
#include "policy/config_names.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "policy/config_files.h"
#include "policy/config_values.h"
#include "policy/list.h"

enum {
	NAME_MOST = 253, /* RFC 1035 2.3.4, without the final dot */
	LABEL_MOST = 63,
};

/* Is that a byte that may stand in a label? Lower case is expected. */
static bool is_label_byte(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
}

static const char *check_labels(const char *name)
{
	size_t size = 0;

	for (;; name++) {
		if (*name == '.' || *name == '\0') {
			if (size == 0)
				return "has an empty label: two dots side by side, or one in front";
			if (size > LABEL_MOST)
				return "has a label longer than 63 bytes";
			if (*name == '\0')
				return NULL;
			size = 0;
		} else if (*name == '*') {
			return "is no name: `*` may only stand as `*.` at its beginning";
		} else if ((unsigned char)*name >= 128) {
			return "is not ASCII: write it in its A-label form (xn--...)";
		} else if (!is_label_byte(*name)) {
			return "is no name: only letters, digits, `-`, `_` and dots";
		} else {
			size++;
		}
	}
}

const char *names_normal(char out[static NAMES_TEXT_BYTES], const char *text)
{
	size_t size = strlen(text);
	size_t front;

	if (text[0] == '/')
		return "is a regex: those stand behind server_name, not in a file";
	if (size > 1 && text[size - 1] == '.')
		size--;
	front = size >= 2 && memcmp(text, "*.", 2) == 0 ? 2 : 0;
	if (size - front > NAME_MOST)
		return "is longer than 253 bytes";
	for (size_t i = 0; i < size; i++)
		out[i] = text[i] >= 'A' && text[i] <= 'Z' ? (char)(text[i] - 'A' + 'a') : text[i];
	out[size] = '\0';
	return check_labels(out + front);
}

static int add_name(struct route *route, const char *name)
{
	return text_list_add(&route->server_name, name);
}

static int add_regex(const struct value_in *in)
{
	struct regex_list *list = &((struct route *)in->object)->regex;
	char fault[REGEX_FAULT_BYTES];
	struct regex **at;
	int err;

	if (in->config->regex_count >= CONFIG_MOST_REGEXES)
		return value_fault(in, "`%s` is one regex more than the %d of all routes together",
				   in->text, CONFIG_MOST_REGEXES);
	for (size_t i = 0; i < list->count; i++) {
		if (strcmp(regex_text(list->at[i]), in->text) == 0) {
			config_warn(in->notes, in->at, "server_name: `%s` is listed twice",
				    in->text);
			return 0;
		}
	}
	at = list_room(list->at, list->count, sizeof(void *));
	if (!at)
		return -ENOMEM;
	list->at = at;
	err = regex_new(&at[list->count], in->text, fault);
	if (err)
		return err == -ENOMEM ? err : value_fault(in, "`%s` %s", in->text, fault);
	list->count++;
	in->config->regex_count++;
	return 0;
}

static int parse_name(const struct value_in *in)
{
	struct route *route = in->object;
	char name[NAMES_TEXT_BYTES];
	const char *fault;

	if (strcmp(in->text, "none") == 0) {
		route->wants_no_name = true;
		return 0;
	}
	if (in->text[0] == '/')
		return add_regex(in);
	fault = names_normal(name, in->text);
	if (fault)
		return value_fault(in, "`%s` %s", in->text, fault);
	return add_name(route, name);
}

static const char *show_names(const struct value_out *out, size_t i, char text[VALUE_TEXT_BYTES])
{
	const struct route *route = out->object;
	size_t own = route->server_name.count - route->file_names;

	(void)text;
	if (i < own)
		return route->server_name.at[i];
	i -= own;
	if (i < route->regex.count)
		return regex_text(route->regex.at[i]);
	return i == route->regex.count && route->wants_no_name ? "none" : NULL;
}

static void names_done(void *object, const struct config_key *key)
{
	struct route *route = object;

	value_texts_done(object, key);
	for (size_t i = 0; i < route->regex.count; i++)
		regex_free(route->regex.at[i]);
	free(route->regex.at);
	route->regex = (struct regex_list){ 0 };
}

static int take_line(const struct value_in *in, struct config_place at, char *text)
{
	struct route *route = in->object;
	char name[NAMES_TEXT_BYTES];
	const char *fault;
	int err;

	if (strcmp(text, "none") == 0)
		fault = "means no name at all: write it behind server_name";
	else
		fault = names_normal(name, text);
	if (fault) {
		config_fault(in->notes, at, "`%s` %s", text, fault);
		return 0;
	}
	if (route->server_name.count >= NAMES_MOST) {
		config_fault(in->notes, at, "more than %d names in one route", NAMES_MOST);
		return -EINVAL;
	}
	err = add_name(route, name);
	if (!err)
		route->file_names++;
	return err;
}

static int parse_name_file(const struct value_in *in)
{
	static const struct file_kind names = { "name", take_line };

	return config_file_parse(in, &names);
}

const struct value_type value_names = { parse_name, show_names, names_done, true };
const struct value_type value_name_files = { parse_name_file, value_show_texts, value_texts_done,
					     false };
