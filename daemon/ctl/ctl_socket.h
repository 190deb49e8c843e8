#ifndef SHUNT_CTL_CTL_SOCKET_H
#define SHUNT_CTL_CTL_SOCKET_H

#include "kernel/unix_listen.h"

/* The listening socket of the control interface and its file. */
struct ctl_socket {
	struct unix_listen on;
	gid_t group;
};

/*
 * Listen on path, mode 0660, group `group` (a name or a number): see unix_listen_open(). Returns 0, *s for
 * ctl_socket_close(); or -errno with the fault filled in.
 */
int ctl_socket_open(struct ctl_socket *s, const char *path, const char *group, struct fault *fault);

/* Stop listening, and remove the file when it is still the one that was made. */
void ctl_socket_close(struct ctl_socket *s);

/* May the peer of this connection change something: is it root, or in that group? */
bool ctl_socket_peer_may_change(int fd, gid_t group);

#endif
