#ifndef SHUNT_FILE_WATCH_H
#define SHUNT_FILE_WATCH_H

#include "loop/loop.h"
#include "policy/list.h"

/*
 * Files that are followed, by inotify on their folders: so a file that is
 * replaced, or comes later, is seen too. What counts is that a writer has closed
 * it, or that it was moved to its name; each write in between does not.
 * Zero-initialise with .w.fd = -1, set changed.
 */
struct file_watch {
	struct watch w;
	struct loop *loop;
	struct file_watched *at;
	size_t count;
	void (*changed)(struct file_watch *f);
};

/* 0 or -errno. */
int file_watch_start(struct file_watch *f, struct loop *loop);

/*
 * Follow these paths (they may be globs, in folders that there are now) instead of those before;
 * a symbolic link is followed at both of its ends. True when a folder is followed
 * that was not: what happened in it just before went unseen. A folder that is not
 * there is left out.
 */
bool file_watch_set(struct file_watch *f, const struct text_list *paths);

/* No more events. */
void file_watch_stop(struct file_watch *f);

#endif
