#ifndef SHUNT_UNIT_POLICY_FOLDER_H
#define SHUNT_UNIT_POLICY_FOLDER_H

#include <ftw.h>
#include <sys/stat.h>
#include <unistd.h>

#include "policy_conf.h"

/* Configurations that name files, in a folder of their own. */
struct folder {
	char path[40];
};

static inline void folder_make(struct folder *f)
{
	strcpy(f->path, "/tmp/test-conf-XXXXXX");
	assert_non_null(mkdtemp(f->path));
}

static inline int folder_forget(const char *path, const struct stat *st, int type, struct FTW *at)
{
	(void)st;
	(void)type;
	(void)at;
	return remove(path);
}

static inline void folder_remove(struct folder *f)
{
	assert_int_equal(nftw(f->path, folder_forget, 10, FTW_DEPTH | FTW_PHYS), 0);
}

/* The path of a file in it. */
static inline const char *folder_file(const struct folder *f, const char *name, char path[200])
{
	(void)snprintf(path, 200, "%s/%s", f->path, name);
	return path;
}

static inline void folder_write(const struct folder *f, const char *name, const char *text)
{
	char path[200];
	FILE *out = fopen(folder_file(f, name, path), "we");

	assert_non_null(out);
	assert_true(fputs(text, out) >= 0);
	assert_int_equal(fclose(out), 0);
}

static inline void folder_below(const struct folder *f, const char *name)
{
	char path[200];

	assert_int_equal(mkdir(folder_file(f, name, path), 0755), 0);
}

/* Read a file of it. What is said must be these lines, "F" in front of each path. For config_free(). */
static inline struct config *folder_read(const struct folder *f, const char *name,
					 const char *expected)
{
	struct config_notes notes;
	struct config *config = NULL;
	char path[200];
	char *said;
	char *at;

	(void)config_read(&config, folder_file(f, name, path), &notes); /* the notes tell */
	said = conf_notes_text(&notes);
	while ((at = strstr(said, f->path)) != NULL) {
		at[0] = 'F';
		memmove(at + 1, at + strlen(f->path), strlen(at + strlen(f->path)) + 1);
	}
	assert_string_equal(said, expected);
	assert_true((config != NULL) == (notes.faults == 0));
	free(said);
	config_notes_free(&notes);
	return config;
}

static inline void folder_says(const struct folder *f, const char *name, const char *expected)
{
	config_free(folder_read(f, name, expected));
}

#endif
