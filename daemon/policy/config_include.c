/* Further files of a configuration. */
#include "policy/config_include.h"

#include <errno.h>
#include <glob.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "policy/config_lines.h"
#include "policy/config_values.h"

/* Which file it is, however it is called. */
struct identity {
	dev_t device;
	ino_t inode; /* 0: none, it is a stream in memory */
};

struct includer {
	struct raw_config *raw;
	struct config_notes *notes;
	struct identity seen[INCLUDE_MOST_FILES]; /* as raw->files */
	unsigned depths[INCLUDE_MOST_FILES];
	struct config_place at; /* of the `include` in hand */
	unsigned depth;         /* of what it includes */
	bool is_full;           /* a limit was reached, which was said */
};

static struct identity identity_of(FILE *in)
{
	int fd = fileno(in);
	struct stat st;

	if (fd < 0 || fstat(fd, &st) < 0)
		return (struct identity){ 0 };
	return (struct identity){ st.st_dev, st.st_ino };
}

/* Reads one file. 0 (faults or not) or -errno. */
static int read_one(struct includer *inc, FILE *in, const char *file)
{
	size_t number = inc->raw->files.count;

	inc->seen[number] = identity_of(in);
	inc->depths[number] = inc->depth;
	return raw_config_read(inc->raw, in, file, inc->notes);
}

static bool was_read(const struct includer *inc, FILE *in)
{
	struct identity this = identity_of(in);

	for (size_t i = 0; i < inc->raw->files.count; i++) {
		if (inc->seen[i].inode == this.inode && inc->seen[i].device == this.device)
			return true;
	}
	return false;
}

/* What is too much is said once. */
static bool is_within_limits(struct includer *inc)
{
	if (inc->is_full)
		return false;
	inc->is_full = true;
	if (inc->depth > INCLUDE_MOST_DEPTH)
		config_fault(inc->notes, inc->at, "include: more than %d files within each other",
			     INCLUDE_MOST_DEPTH);
	else if (inc->raw->files.count >= INCLUDE_MOST_FILES)
		config_fault(inc->notes, inc->at, "include: more than %d files",
			     INCLUDE_MOST_FILES);
	else if (inc->raw->bytes > LINES_CONFIG_MOST)
		config_fault(inc->notes, inc->at,
			     "include: all files together are longer than %d bytes: move lists to "
			     "server_name_file and from_file",
			     LINES_CONFIG_MOST);
	else
		inc->is_full = false;
	return !inc->is_full;
}

static int include_file(struct includer *inc, const char *path)
{
	FILE *in;
	int err = 0;

	if (!is_within_limits(inc) || config_open(&in, path, inc->notes, inc->at))
		return 0; /* which is a fault */
	if (was_read(inc, in))
		config_fault(inc->notes, inc->at,
			     "include: %s was read before: a file is included once, and never from "
			     "within itself",
			     path);
	else
		err = read_one(inc, in, path);
	(void)fclose(in); /* only read from */
	if (!err || err == -ENOMEM)
		return err;
	config_fault(inc->notes, inc->at, "include: cannot read %s: %s", path, strerror(-err));
	return 0;
}

/* A folder that is not there holds no file; one that cannot be read is a fault. */
static int is_glob_fault(const char *folder, int err)
{
	(void)folder;
	return err != ENOENT;
}

/* How many parts of a path are patterns. */
static int count_globs(const char *path)
{
	int count = 0;

	while (*path) {
		size_t size = strcspn(path, "/");
		size_t plain = strcspn(path, "*?[/");

		count += plain < size;
		path += size + (path[size] == '/');
	}
	return count;
}

static int include_glob(struct includer *inc, const char *pattern)
{
	glob_t found = { 0 };
	int err = 0;

	config_notes_file(inc->notes, pattern); /* others may come */
	if (count_globs(pattern) > INCLUDE_MOST_GLOBS) {
		config_fault(inc->notes, inc->at, "include: more than %d parts of %s are patterns",
			     INCLUDE_MOST_GLOBS, pattern);
		return 0;
	}
	switch (glob(pattern, 0, is_glob_fault, &found)) {
	case 0:
		for (size_t i = 0; !err && i < found.gl_pathc; i++)
			err = include_file(inc, found.gl_pathv[i]);
		break;
	case GLOB_NOMATCH:
		config_warn(inc->notes, inc->at, "include: there is no file %s", pattern);
		break;
	case GLOB_NOSPACE:
		err = -ENOMEM;
		break;
	default:
		err = errno == ENOMEM ? -ENOMEM : 0;
		config_fault(inc->notes, inc->at, "include: a folder of %s cannot be read",
			     pattern);
	}
	globfree(&found);
	return err;
}

/* One item of an `include`. */
static int include_item(struct includer *inc, const char *item, size_t size)
{
	const char *slash = strrchr(inc->at.file, '/');
	size_t folder = slash && item[0] != '/' ? (size_t)(slash - inc->at.file) + 1 : 0;
	char path[PATH_MAX];

	if (folder + size >= sizeof path) {
		config_fault(inc->notes, inc->at, "include: a path longer than %d bytes",
			     PATH_MAX - 1);
		return 0;
	}
	memcpy(path, inc->at.file, folder);
	memcpy(path + folder, item, size);
	path[folder + size] = '\0';
	/* what is no pattern is taken as it stands: the fault names it */
	return strpbrk(path + folder, "*?[") ? include_glob(inc, path) : include_file(inc, path);
}

/* One key of a [shunt]. An included file may have no other than `include`. */
static int take_value(struct includer *inc, const struct raw_value *value)
{
	const char *text = value->text;
	size_t size;
	int err = 0;

	if (strcmp(value->key->name, "include") != 0) {
		if (inc->depth > 1)
			config_fault(inc->notes, inc->at,
				     "`%s` belongs in [shunt] of %s: in an included file that may "
				     "only have `include`",
				     value->key->name, inc->raw->files.at[0]);
		return 0;
	}
	for (; !err && (size = value_next_item(&text, value->key)) > 0; text += size)
		err = include_item(inc, text, size);
	return err;
}

/* Everything that the file of this number includes. */
static int follow(struct includer *inc, size_t number)
{
	const char *file = inc->raw->files.at[number];
	int err = 0;

	inc->depth = inc->depths[number] + 1;
	/* by index: both lists may move while more is read */
	for (size_t i = 0; i < inc->raw->count; i++) {
		if (inc->raw->at[i].kind != SECTION_SHUNT || inc->raw->at[i].file != file)
			continue;
		for (size_t j = 0; !err && j < inc->raw->at[i].count; j++) {
			inc->at = (struct config_place){ file, inc->raw->at[i].at[j].line };
			err = take_value(inc, &inc->raw->at[i].at[j]);
		}
	}
	return err;
}

int config_include_read(struct raw_config *raw, FILE *in, const char *file,
			struct config_notes *notes)
{
	struct includer *inc = calloc(1, sizeof *inc);
	int err;

	if (!inc)
		return -ENOMEM;
	inc->raw = raw;
	inc->notes = notes;
	err = read_one(inc, in, file);
	for (size_t i = 0; !err && i < raw->files.count; i++)
		err = follow(inc, i);
	free(inc);
	return err;
}

static int parse_include(const struct value_in *in)
{
	return text_list_add(value_field(in, in->key->offset), in->text);
}

/* The sections of those files are shown, as if they stood in one. */
static const char *show_include(const struct value_out *out, size_t i, char text[VALUE_TEXT_BYTES])
{
	(void)out;
	(void)i;
	(void)text;
	return NULL;
}

const struct value_type value_include = { parse_include, show_include, value_texts_done, false };
