/* Host names of routes, and the files of them. */
#include "policy/config_names.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "policy/config_lines.h"
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
		return "is a regex, which is not in this version";
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

static int parse_name(const struct value_in *in)
{
	struct route *route = in->object;
	char name[NAMES_TEXT_BYTES];
	const char *fault;

	if (strcmp(in->text, "none") == 0) {
		route->wants_no_name = true;
		return 0;
	}
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
	return i == own && route->wants_no_name ? "none" : NULL;
}

static void names_done(void *object, const struct config_key *key)
{
	text_list_done((void *)((char *)object + key->offset));
}

/* Makes a path absolute: a relative one is meant from the folder of the file that names it. */
static char *absolute_path(const char *path, const char *named_in)
{
	const char *slash = strrchr(named_in, '/');
	char folder[PATH_MAX];
	char full[PATH_MAX];
	char *whole = NULL;
	size_t size = slash ? (size_t)(slash - named_in) : 0;

	if (path[0] == '/')
		return strdup(path);
	if (size >= sizeof folder)
		return strdup(path);
	memcpy(folder, named_in, size);
	folder[size] = '\0';
	if (size == 0)
		(void)snprintf(folder, sizeof folder, "%s", slash ? "/" : ".");
	if (!realpath(folder, full))
		return strdup(path); /* opening it will say what is wrong */
	if (asprintf(&whole, "%s/%s", strcmp(full, "/") == 0 ? "" : full, path) < 0)
		return NULL;
	return whole;
}

static int take_line(const struct value_in *in, struct config_lines *lines)
{
	struct route *route = in->object;
	struct config_place at = { lines->file, lines->line };
	char name[NAMES_TEXT_BYTES];
	const char *text = lines->text + strspn(lines->text, " \t");
	const char *fault;
	int err;

	if (!*text)
		return 0;
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

static int load_names(const struct value_in *in, const char *path)
{
	struct config_lines lines = {
		.file = path,
		.notes = in->notes,
		.most_line = LINES_NAME_BYTES,
		.most_bytes = LINES_FILE_MOST,
		.remedy = "one name a line",
	};
	size_t before = ((struct route *)in->object)->file_names;
	int err = config_open(&lines.in, path, in->notes, in->at);

	if (err)
		return err;
	while (!err && config_lines_next(&lines))
		err = take_line(in, &lines);
	if (!err && lines.err) {
		err = lines.err;
		config_fault(in->notes, in->at, "cannot read %s: %s", path, strerror(-err));
	}
	if (!err && before == ((struct route *)in->object)->file_names)
		config_warn(in->notes, in->at, "server_name_file: %s holds no name", path);
	(void)fclose(lines.in); /* only read from */
	return err;
}

static int parse_name_file(const struct value_in *in)
{
	struct text_list *paths = value_field(in, in->key->offset);
	char *path = absolute_path(in->text, in->at.file);
	int err;

	if (!path)
		return -ENOMEM;
	err = text_list_add(paths, path);
	if (!err)
		err = load_names(in, path);
	free(path);
	return err == -ENOMEM ? err : err ? -EINVAL : 0;
}

static const char *show_name_files(const struct value_out *out, size_t i,
				   char text[VALUE_TEXT_BYTES])
{
	const struct text_list *paths = value_shown(out, out->key->offset);

	(void)text;
	return i < paths->count ? paths->at[i] : NULL;
}

const struct value_type value_names = { parse_name, show_names, names_done, true };
const struct value_type value_name_files = { parse_name_file, show_name_files, names_done, false };
