#ifndef SHUNT_KERNEL_SANDBOX_H
#define SHUNT_KERNEL_SANDBOX_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

struct fault;

/* What a child process keeps of the keeper's power: see house rules on eyes and hands. */
enum sandbox_kind {
	SANDBOX_SNIFFER, /* no capability; read and write on one descriptor, and exit */
	SANDBOX_CARRIER, /* CAP_NET_ADMIN, _RAW and _BIND_SERVICE; sockets, pipes, epoll, memory */
};

struct sandbox_user {
	uid_t uid;
	gid_t gid;
};

/*
 * Close every descriptor but stderr and the `count` ones of `keep` (any order,
 * negative ones are skipped). For a child that was forked and not executed.
 */
void sandbox_close_others(const int *keep, size_t count);

/*
 * Give up everything that this kind of process does not need, for good. First user,
 * groups, capabilities, new privileges, being traced; a sniffer also new processes and threads: when
 * the keeper is not root the user stays. Then system calls; fd is the sniffer's one descriptor, unused for a
 * carrier. Each returns 0, or -errno with a fault naming the step.
 */
int sandbox_drop(enum sandbox_kind kind, const struct sandbox_user *user, struct fault *fault);
int sandbox_close(enum sandbox_kind kind, int fd, struct fault *fault);

/* Both in turn. */
int sandbox_enter(enum sandbox_kind kind, const struct sandbox_user *user, int fd,
		  struct fault *fault);

/*
 * For a program of somebody else's that is about to be run: be that user, with no group but its own, no
 * capability and no way to get any. When we are not root, this only succeeds for the user that we are. 0, or
 * -errno with a fault naming the step.
 */
int sandbox_become(const struct sandbox_user *user, struct fault *fault);

/* Go on as root with no more power than to run programs as other users and to kill them, for good. 0 or
 * -errno. */
int sandbox_keep_spawning(void);

#endif
