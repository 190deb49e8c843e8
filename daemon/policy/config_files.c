/* Files of lists that a value names. */
#include "policy/config_files.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "policy/config_lines.h"

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

static int take_lines(const struct value_in *in, const struct file_kind *kind,
		      struct config_lines *lines)
{
	size_t faults = in->notes->faults;
	bool is_empty = true;
	int err = 0;

	while (!err && config_lines_next(lines)) {
		struct config_place at = { lines->file, lines->line };
		char *text = lines->text + strspn(lines->text, " \t");

		if (*text) {
			is_empty = false;
			err = kind->take(in, at, text);
		}
		if (err || in->notes->faults - faults < FILES_MOST_FAULTS)
			continue;
		config_fault(in->notes, at, "%d faults so far: the rest is not looked at",
			     FILES_MOST_FAULTS);
		err = -EINVAL;
	}
	if (!err && !lines->err && is_empty)
		config_warn(in->notes, in->at, "%s: %s holds no %s", in->key->name, lines->file,
			    kind->what);
	return err;
}

static int load(const struct value_in *in, const struct file_kind *kind, const char *path)
{
	struct config_lines lines = {
		.file = path,
		.notes = in->notes,
		.most_line = LINES_NAME_BYTES,
		.most_bytes = LINES_FILE_MOST,
	};
	char remedy[40];
	int err = config_open(&lines.in, path, in->notes, in->at);

	if (err)
		return err;
	(void)snprintf(remedy, sizeof remedy, "one %s a line", kind->what);
	lines.remedy = remedy;
	err = take_lines(in, kind, &lines);
	if (!err && lines.err) {
		err = lines.err;
		config_fault(in->notes, in->at, "cannot read %s: %s", path, strerror(-err));
	}
	(void)fclose(lines.in); /* only read from */
	return err;
}

int config_file_parse(const struct value_in *in, const struct file_kind *kind)
{
	struct text_list *paths = value_field(in, in->key->offset);
	char *path = absolute_path(in->text, in->at.file);
	int err;

	if (!path)
		return -ENOMEM;
	if (text_list_has(paths, path)) {
		config_warn(in->notes, in->at, "%s: `%s` is listed twice", in->key->name, in->text);
		free(path);
		return 0;
	}
	err = text_list_add(paths, path);
	if (!err && !text_list_has(&in->config->files, path))
		err = text_list_add(&in->config->files, path);
	if (!err)
		err = load(in, kind, path);
	free(path);
	return err == -ENOMEM ? err : err ? -EINVAL : 0;
}

const char *config_file_show(const struct value_out *out, size_t i, char text[VALUE_TEXT_BYTES])
{
	const struct text_list *paths = value_shown(out, out->key->offset);

	(void)text;
	return i < paths->count ? paths->at[i] : NULL;
}
