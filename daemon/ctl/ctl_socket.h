#ifndef SHUNT_CTL_CTL_SOCKET_H
#define SHUNT_CTL_CTL_SOCKET_H

#include <stdbool.h>
#include <sys/stat.h>
#include <sys/un.h>

#include "base/fault.h"

/* The listening socket of the control interface and its file. */
struct ctl_socket {
	int fd; /* -1: not open */
	gid_t group;
	dev_t device; /* of the file as we made it: another one at the same path is not ours */
	ino_t inode;
	struct sockaddr_un at;
};

/*
 * Listen on path, mode 0660, group `group` (a name or a number). Makes the parent directory (0755)
 * when it is missing, and replaces the socket of a daemon that is dead. Returns 0, *s for
 * ctl_socket_close(); or -errno with the fault filled in: -EADDRINUSE when one is alive.
 */
int ctl_socket_open(struct ctl_socket *s, const char *path, const char *group, struct fault *fault);

/* Stop listening, and remove the file when it is still the one that was made. */
void ctl_socket_close(struct ctl_socket *s);

/* May the peer of this connection change something: is it root, or in that group? */
bool ctl_socket_peer_may_change(int fd, gid_t group);

#endif
