/* The control socket: who may open it, and who may change something by it. */
#include "ctl/ctl_socket.h"

#include <errno.h>
#include <grp.h>
#include <stdlib.h>
#include <sys/socket.h>

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

int ctl_socket_open(struct ctl_socket *s, const char *path, const char *group, struct fault *fault)
{
	struct unix_listen_terms terms = { .key = "control",
					   .program = "shuntd",
					   .path = path,
					   .type = SOCK_STREAM,
					   .backlog = SOCKET_BACKLOG,
					   .mode = SOCKET_MODE };
	int err = find_group(&terms.group, group, fault);

	if (err == 0)
		err = unix_listen_open(&s->on, &terms, fault);
	if (err == 0)
		s->group = terms.group;
	return err;
}

void ctl_socket_close(struct ctl_socket *s)
{
	unix_listen_close(&s->on);
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
