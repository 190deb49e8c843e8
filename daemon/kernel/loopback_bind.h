#ifndef SHUNT_KERNEL_LOOPBACK_BIND_H
#define SHUNT_KERNEL_LOOPBACK_BIND_H

#include "base/addr.h"

struct fault;

/* A socket option that is a number; what NULL: the end of a list of them. */
struct loopback_option {
	int level;
	int name;
	int value;
	const char *what; /* for a fault */
};

/* What sockets are wanted. */
struct loopback_want {
	int family;                            /* AF_INET or AF_INET6 */
	int type;                              /* SOCK_STREAM or SOCK_DGRAM */
	const char *what;                      /* for a fault: "a listener" */
	const struct loopback_option *options; /* set before the bind */
	int (*start)(int fd); /* behind it: 0 or -errno; NULL: nothing is to be done */
	unsigned count;
};

/*
 * Open sockets that share one port of 127.0.0.1 or ::1, which takes SO_REUSEPORT
 * among their options. Non-blocking, close-on-exec. Fills fds[count] and *port. 0,
 * -EAFNOSUPPORT when the box has no such family, or -errno with a fault; nothing
 * stays open on failure.
 */
int loopback_bind(const struct loopback_want *want, int *fds, uint16_t *port, struct fault *fault);

#endif
