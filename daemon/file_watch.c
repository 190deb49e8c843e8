/* Files that are followed. */
#include "file_watch.h"

#include <errno.h>
#include <fnmatch.h>
#include <glob.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/inotify.h>
#include <unistd.h>

enum {
	EVENTS_BYTES = 16 * 1024, /* read at once */
};

/* One name in one folder. */
struct file_watched {
	int folder; /* inotify's number of it */
	char name[NAME_MAX + 1];
};

static bool is_ours(const struct file_watch *f, const struct inotify_event *e)
{
	if (e->mask & IN_Q_OVERFLOW)
		return true;
	for (size_t i = 0; i < f->count; i++) {
		const struct file_watched *one = &f->at[i];

		if (one->folder != e->wd)
			continue;
		/* the folder itself is gone: look what there is now */
		if (e->mask & IN_IGNORED)
			return true;
		if (e->len && (strcmp(one->name, e->name) == 0 ||
			       fnmatch(one->name, e->name, FNM_PERIOD) == 0))
			return true;
	}
	return false;
}

static void events_ready(struct watch *w, uint32_t events)
{
	struct file_watch *f = container_of(w, struct file_watch, w);
	_Alignas(struct inotify_event) char room[EVENTS_BYTES];
	bool has_changed = false;
	ssize_t size;

	(void)events;
	for (;;) {
		size = read(w->fd, room, sizeof room);
		if (size <= 0)
			break;
		for (ssize_t at = 0; at < size;) {
			const struct inotify_event *e = (const void *)(room + at);

			has_changed = has_changed || is_ours(f, e);
			at += (ssize_t)(sizeof *e + e->len);
		}
	}
	if (has_changed)
		f->changed(f);
}

int file_watch_start(struct file_watch *f, struct loop *loop)
{
	int err;

	f->loop = loop;
	f->w = (struct watch){ .fd = inotify_init1(IN_NONBLOCK | IN_CLOEXEC),
			       .events = EPOLLIN,
			       .ready = events_ready };
	if (f->w.fd < 0)
		return -errno;
	err = loop_watch(loop, &f->w);
	if (err) {
		(void)close(f->w.fd); /* nothing was written to it */
		f->w.fd = -1;
	}
	return err;
}

/* Append one name, its folder watched; without a word where that cannot be. */
static void follow_in(struct file_watch *f, const char *folder, const char *name)
{
	struct file_watched *at = list_room(f->at, f->count, sizeof *at);

	if (!at)
		return;
	f->at = at;
	if (strlen(name) > NAME_MAX)
		return;
	at[f->count].folder =
		inotify_add_watch(f->w.fd, folder, IN_CLOSE_WRITE | IN_MOVED_TO | IN_ONLYDIR);
	if (at[f->count].folder < 0)
		return;
	(void)stpcpy(at[f->count].name, name);
	f->count++;
}

/* The folder may be a pattern, too: then each that there is now. */
static void follow(struct file_watch *f, const char *path)
{
	const char *slash = strrchr(path, '/');
	const char *name = slash ? slash + 1 : path;
	char folder[PATH_MAX] = ".";
	size_t size = slash ? (size_t)(slash - path) : 1;
	glob_t found = { 0 };

	if (size >= sizeof folder)
		return;
	if (slash)
		memcpy(folder, size ? path : "/", size ? size : 1);
	follow_in(f, folder, name);
	if (strpbrk(folder, "*?[") && glob(folder, 0, NULL, &found) == 0)
		for (size_t i = 0; i < found.gl_pathc; i++)
			follow_in(f, found.gl_pathv[i], name);
	globfree(&found);
}

static bool has_folder(const struct file_watched *at, size_t count, int folder)
{
	for (size_t i = 0; i < count; i++)
		if (at[i].folder == folder)
			return true;
	return false;
}

bool file_watch_set(struct file_watch *f, const struct text_list *paths)
{
	struct file_watched *before = f->at;
	size_t count = f->count;
	char real[PATH_MAX];
	bool is_new = false;

	if (f->w.fd < 0)
		return false;
	f->at = NULL;
	f->count = 0;
	for (size_t i = 0; i < paths->count; i++) {
		follow(f, paths->at[i]);
		if (realpath(paths->at[i], real) && strcmp(real, paths->at[i]) != 0)
			follow(f, real);
	}
	for (size_t i = 0; i < f->count; i++)
		is_new = is_new || !has_folder(before, count, f->at[i].folder);
	/* a folder stands there once for each of its files: the second time it is gone already */
	for (size_t i = 0; i < count; i++)
		if (!has_folder(f->at, f->count, before[i].folder))
			(void)inotify_rm_watch(f->w.fd, before[i].folder);
	free(before);
	return is_new;
}

void file_watch_stop(struct file_watch *f)
{
	if (f->w.fd >= 0) {
		loop_forget(f->loop, &f->w);
		(void)close(f->w.fd); /* only read from */
	}
	f->w.fd = -1;
	free(f->at);
	f->at = NULL;
	f->count = 0;
}
