/*
 * Listening UNIX sockets and their files. Two daemons must never share one, a dead
 * daemon's must never be in the way of the next.
 */
#include "kernel/unix_listen.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* Only the last directory: a longer path that is missing is more likely a typing error. */
static int make_parent(const struct unix_listen_terms *terms, struct fault *fault)
{
	char parent[sizeof(((struct sockaddr_un *)NULL)->sun_path)];
	char *slash;

	memcpy(parent, terms->path, strlen(terms->path) + 1);
	slash = strrchr(parent, '/');
	if (slash == NULL || slash == parent)
		return 0;
	*slash = '\0';
	if (mkdir(parent, 0755) < 0)
		return errno == EEXIST
			       ? 0
			       : fault_set(fault, -errno, "%s %s: cannot make its directory: %s",
					   terms->key, terms->path, strerror(errno));
	if (chmod(parent, 0755) < 0) /* whatever the umask was */
		return fault_set(fault, -errno, "%s %s: cannot open its directory: %s", terms->key,
				 terms->path, strerror(errno));
	return 0;
}

/* Remove what a dead daemon left behind. */
static int clear_path(const struct sockaddr_un *at, const struct unix_listen_terms *terms,
		      struct fault *fault)
{
	const char *path = at->sun_path;
	struct stat file;
	int probe, err = 0;

	if (lstat(path, &file) < 0)
		return errno == ENOENT ? 0
				       : fault_set(fault, -errno, "%s %s: %s", terms->key, path,
						   strerror(errno));
	if (!S_ISSOCK(file.st_mode))
		return fault_set(fault, -EEXIST,
				 "%s %s: a file that is no socket is there: remove it or "
				 "name another path",
				 terms->key, path);
	probe = socket(AF_UNIX, terms->type | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (probe < 0)
		return fault_set(fault, -errno, "%s %s: %s", terms->key, path, strerror(errno));
	/* a full listen queue (EAGAIN) also means that somebody lives there */
	if (connect(probe, (const struct sockaddr *)at, sizeof(*at)) == 0 || errno == EAGAIN)
		err = fault_set(fault, -EADDRINUSE,
				"another %s answers on %s: stop it first, or name another "
				"control socket",
				terms->program, path);
	else if (errno != ECONNREFUSED && errno != ENOENT)
		err = fault_set(fault, -errno, "%s %s: %s", terms->key, path, strerror(errno));
	else if (unlink(path) < 0 && errno != ENOENT)
		err = fault_set(fault, -errno, "%s %s: cannot remove the old socket: %s",
				terms->key, path, strerror(errno));
	(void)close(probe); /* nothing was written */
	return err;
}

/* The mode is set before the name exists: there is no moment when the socket is open to others. */
static int bind_here(struct unix_listen *s, const struct unix_listen_terms *terms,
		     struct fault *fault)
{
	const char *path = s->at.sun_path;
	struct stat file;
	mode_t mask;
	int err;

	if (fchmod(s->fd, terms->mode) < 0)
		return fault_set(fault, -errno, "%s %s: %s", terms->key, path, strerror(errno));
	mask = umask(0777 & ~terms->mode);
	err = bind(s->fd, (const struct sockaddr *)&s->at, sizeof(s->at)) < 0 ? errno : 0;
	(void)umask(mask);
	if (err == EADDRINUSE)
		return fault_set(fault, -err, "another %s took %s just now: stop it first",
				 terms->program, path);
	if (err != 0)
		return fault_set(fault, -err, "%s %s: cannot listen: %s", terms->key, path,
				 strerror(err));
	if (lstat(path, &file) < 0)
		return fault_set(fault, -errno, "%s %s: %s", terms->key, path, strerror(errno));
	s->device = file.st_dev;
	s->inode = file.st_ino;
	if (terms->group != (gid_t)-1 && file.st_gid != terms->group &&
	    lchown(path, (uid_t)-1, terms->group) < 0)
		return fault_set(fault, -errno, "%s %s: cannot give it to %s_group: %s", terms->key,
				 path, terms->key, strerror(errno));
	if (listen(s->fd, terms->backlog) < 0)
		return fault_set(fault, -errno, "%s %s: cannot listen: %s", terms->key, path,
				 strerror(errno));
	return 0;
}

int unix_listen_open(struct unix_listen *s, const struct unix_listen_terms *terms,
		     struct fault *fault)
{
	struct unix_listen made = { .fd = -1, .at = { .sun_family = AF_UNIX } };
	int err;

	if (strlen(terms->path) >= sizeof(made.at.sun_path))
		return fault_set(fault, -ENAMETOOLONG,
				 "%s: the path is longer than %zu characters: %.60s...", terms->key,
				 sizeof(made.at.sun_path) - 1, terms->path);
	memcpy(made.at.sun_path, terms->path, strlen(terms->path) + 1);
	err = make_parent(terms, fault);
	if (err == 0)
		err = clear_path(&made.at, terms, fault);
	if (err < 0)
		return err;
	made.fd = socket(AF_UNIX, terms->type | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (made.fd < 0)
		return fault_set(fault, -errno, "%s %s: %s", terms->key, terms->path,
				 strerror(errno));
	err = bind_here(&made, terms, fault);
	if (err < 0)
		unix_listen_close(&made);
	else
		*s = made;
	return err;
}

bool unix_listen_is_there(const struct unix_listen *s)
{
	struct stat file;

	return s->inode != 0 && lstat(s->at.sun_path, &file) == 0 && file.st_dev == s->device &&
	       file.st_ino == s->inode;
}

void unix_listen_close(struct unix_listen *s)
{
	if (s->fd < 0)
		return;
	if (unix_listen_is_there(s))
		(void)unlink(s->at.sun_path); /* a socket left behind does no harm */
	(void)close(s->fd);                   /* nothing was written */
	s->fd = -1;
}
