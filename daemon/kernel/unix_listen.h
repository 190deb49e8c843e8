#ifndef SHUNT_KERNEL_UNIX_LISTEN_H
#define SHUNT_KERNEL_UNIX_LISTEN_H

#include <stdbool.h>
#include <sys/stat.h>
#include <sys/un.h>

#include "base/fault.h"

/* What a listening UNIX socket is to be. Texts are borrowed. */
struct unix_listen_terms {
	const char *key;     /* what faults begin with: "control" */
	const char *program; /* who else may be there: "shuntd" */
	const char *path;
	int type;    /* SOCK_STREAM or SOCK_SEQPACKET */
	int backlog; /* connections that wait to be taken */
	mode_t mode;
	gid_t group; /* of the file; (gid_t)-1: as it comes */
};

/* A listening UNIX socket and its file. */
struct unix_listen {
	int fd;       /* -1: not open */
	dev_t device; /* of the file as we made it: another one at the same path is not ours */
	ino_t inode;
	struct sockaddr_un at;
};

/*
 * Listen there, non-blocking. Makes the parent directory (0755) when it is missing, and replaces a
 * socket at which nobody listens any more. Returns 0, *s for unix_listen_close(); or -errno with the fault
 * filled in: -EADDRINUSE when one is alive.
 */
int unix_listen_open(struct unix_listen *s, const struct unix_listen_terms *terms,
		     struct fault *fault);

/* Is the file at its path still the one that was made? */
bool unix_listen_is_there(const struct unix_listen *s);

/* Stop listening, and remove the file when it is still the one that was made. */
void unix_listen_close(struct unix_listen *s);

#endif
