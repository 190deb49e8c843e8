/* The table of identifiers in a file that outlives the daemon. */
#include "flow/known_file.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

enum {
	MODE = 0600,
	TMPFS = 0x01021994, /* TMPFS_MAGIC */
};

void known_path(char out[static KNOWN_PATH_BYTES], const char *control)
{
	(void)snprintf(out, KNOWN_PATH_BYTES, "%s.known", control); /* fits */
}

/* At the first start after a boot it may be missing. If it cannot be made, that shows. */
static void make_parent(const char *path)
{
	char parent[PATH_MAX];
	char *slash;

	if (strlen(path) >= sizeof parent)
		return;
	memcpy(parent, path, strlen(path) + 1);
	slash = strrchr(parent, '/');
	if (!slash || slash == parent)
		return;
	*slash = '\0';
	if (mkdir(parent, 0755) == 0)
		(void)chmod(parent, 0755); /* whatever the umask was */
}

/* Does it belong to us alone, in memory, with nobody else at work in it? */
static bool is_ours(int fd)
{
	struct stat file;
	struct statfs where;

	return fstat(fd, &file) == 0 && S_ISREG(file.st_mode) && file.st_uid == geteuid() &&
	       !(file.st_mode & 077) && file.st_nlink == 1 && fstatfs(fd, &where) == 0 &&
	       where.f_type == TMPFS && flock(fd, LOCK_EX | LOCK_NB) == 0;
}

static int open_at(const char *path)
{
	int fd = open(path, O_RDWR | O_CREAT | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC, MODE);

	if (fd < 0 || is_ours(fd))
		return fd;
	(void)close(fd); /* not to be used */
	return -1;
}

/* Is there memory for all of it? Where its file system is full when a page is first touched, that
 * would be a SIGBUS. */
static bool has_room(int fd)
{
	struct stat file;

	return fstat(fd, &file) == 0 && fallocate(fd, 0, 0, file.st_size) == 0;
}

int known_file_open(int *file, const char *path, uint64_t entries, const struct siphash_key *key)
{
	int fd;

	make_parent(path);
	fd = open_at(path);
	if (fd >= 0 && (known_is_whole(fd, entries) || known_make(fd, entries, key) == 0) &&
	    has_room(fd)) {
		*file = fd;
		return 0;
	}
	if (fd >= 0)
		(void)close(fd); /* there is no room for it */
	return known_new(file, entries, key);
}

void known_file_remove(const char *path)
{
	(void)unlink(path); /* missing is fine */
}
