/*
 * The file of the control socket: who may open it, and whose it is. Two daemons
 * must never share one, a dead daemon's must never be in the way of the next.
 */
#include "ctl/ctl_socket.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/number.h"

enum {
	SOCKET_MODE = 0660,
	SOCKET_BACKLOG = 32,
	SOCKET_MOST_GROUPS = 65536, /* NGROUPS_MAX of the kernel */
};

static int find_group(gid_t *out, const char *name, struct fault *fault)
{
	const struct group *found;
	uint64_t number;

	if (number_parse(&number, name, 0, UINT32_MAX - 1) == 0) {
		*out = (gid_t)number;
		return 0;
	}
	found = getgrnam(name);
	if (found == NULL)
		return fault_set(
			fault, -ENOENT,
			"control_group %s: there is no such group: create it or name another",
			name);
	*out = found->gr_gid;
	return 0;
}

/* Only the last directory: a longer path that is missing is more likely a typing error. */
static int make_parent(const char *path, struct fault *fault)
{
	char parent[sizeof(((struct sockaddr_un *)NULL)->sun_path)];
	char *slash;

	memcpy(parent, path, strlen(path) + 1);
	slash = strrchr(parent, '/');
	if (slash == NULL || slash == parent)
		return 0;
	*slash = '\0';
	if (mkdir(parent, 0755) < 0)
		return errno == EEXIST ? 0
				       : fault_set(fault, -errno,
						   "control %s: cannot make its directory: %s",
						   path, strerror(errno));
	if (chmod(parent, 0755) < 0) /* whatever the umask was */
		return fault_set(fault, -errno, "control %s: cannot open its directory: %s", path,
				 strerror(errno));
	return 0;
}

/* Remove what a dead daemon left behind. */
static int clear_path(const struct sockaddr_un *at, struct fault *fault)
{
	struct stat file;
	int probe, err = 0;

	if (lstat(at->sun_path, &file) < 0)
		return errno == ENOENT ? 0
				       : fault_set(fault, -errno, "control %s: %s", at->sun_path,
						   strerror(errno));
	if (!S_ISSOCK(file.st_mode))
		return fault_set(fault, -EEXIST,
				 "control %s: a file that is no socket is there: remove it or "
				 "name another path",
				 at->sun_path);
	probe = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (probe < 0)
		return fault_set(fault, -errno, "control %s: %s", at->sun_path, strerror(errno));
	/* a full listen queue (EAGAIN) also means that somebody lives there */
	if (connect(probe, (const struct sockaddr *)at, sizeof(*at)) == 0 || errno == EAGAIN)
		err = fault_set(fault, -EADDRINUSE,
				"another shuntd answers on %s: stop it first, or name another "
				"control socket",
				at->sun_path);
	else if (errno != ECONNREFUSED && errno != ENOENT)
		err = fault_set(fault, -errno, "control %s: %s", at->sun_path, strerror(errno));
	else if (unlink(at->sun_path) < 0 && errno != ENOENT)
		err = fault_set(fault, -errno, "control %s: cannot remove the old socket: %s",
				at->sun_path, strerror(errno));
	(void)close(probe); /* nothing was written */
	return err;
}

/* The mode is set before the name exists: there is no moment when the socket is open to others. */
static int bind_here(struct ctl_socket *s, struct fault *fault)
{
	const char *path = s->at.sun_path;
	struct stat file;
	mode_t mask;
	int err;

	if (fchmod(s->fd, SOCKET_MODE) < 0)
		return fault_set(fault, -errno, "control %s: %s", path, strerror(errno));
	mask = umask(0777 & ~SOCKET_MODE);
	err = bind(s->fd, (const struct sockaddr *)&s->at, sizeof(s->at)) < 0 ? errno : 0;
	(void)umask(mask);
	if (err == EADDRINUSE)
		return fault_set(fault, -err, "another shuntd took %s just now: stop it first",
				 path);
	if (err != 0)
		return fault_set(fault, -err, "control %s: cannot listen: %s", path, strerror(err));
	if (lstat(path, &file) < 0)
		return fault_set(fault, -errno, "control %s: %s", path, strerror(errno));
	s->device = file.st_dev;
	s->inode = file.st_ino;
	if (file.st_gid != s->group && lchown(path, (uid_t)-1, s->group) < 0)
		return fault_set(fault, -errno, "control %s: cannot give it to control_group: %s",
				 path, strerror(errno));
	if (listen(s->fd, SOCKET_BACKLOG) < 0)
		return fault_set(fault, -errno, "control %s: cannot listen: %s", path,
				 strerror(errno));
	return 0;
}

int ctl_socket_open(struct ctl_socket *s, const char *path, const char *group, struct fault *fault)
{
	struct ctl_socket made = { .fd = -1, .at = { .sun_family = AF_UNIX } };
	int err;

	if (strlen(path) >= sizeof(made.at.sun_path))
		return fault_set(fault, -ENAMETOOLONG,
				 "control: the path is longer than %zu characters: %.60s...",
				 sizeof(made.at.sun_path) - 1, path);
	memcpy(made.at.sun_path, path, strlen(path) + 1);
	err = find_group(&made.group, group, fault);
	if (err == 0)
		err = make_parent(path, fault);
	if (err == 0)
		err = clear_path(&made.at, fault);
	if (err < 0)
		return err;
	made.fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (made.fd < 0)
		return fault_set(fault, -errno, "control %s: %s", path, strerror(errno));
	err = bind_here(&made, fault);
	if (err < 0)
		ctl_socket_close(&made);
	else
		*s = made;
	return err;
}

void ctl_socket_close(struct ctl_socket *s)
{
	struct stat file;

	if (s->fd < 0)
		return;
	if (s->inode != 0 && lstat(s->at.sun_path, &file) == 0 && file.st_dev == s->device &&
	    file.st_ino == s->inode)
		(void)unlink(s->at.sun_path); /* a socket left behind does no harm */
	(void)close(s->fd);                   /* nothing was written */
	s->fd = -1;
}

/* The groups beside the first: SO_PEERGROUPS, Linux 4.13. */
static bool has_group(int fd, gid_t group)
{
	socklen_t size = SOCKET_MOST_GROUPS * sizeof(gid_t);
	bool found = false;
	gid_t *groups;

	groups = malloc(size);
	if (groups == NULL)
		return false;
	if (getsockopt(fd, SOL_SOCKET, SO_PEERGROUPS, groups, &size) == 0)
		for (size_t i = 0; i < size / sizeof(gid_t) && !found; i++)
			found = groups[i] == group;
	free(groups);
	return found;
}

bool ctl_socket_peer_may_change(int fd, gid_t group)
{
	struct ucred peer;
	socklen_t size = sizeof(peer);

	if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &size) < 0)
		return false;
	return peer.uid == 0 || peer.gid == group || has_group(fd, group);
}
