#ifndef SHUNT_KERNEL_TPROXY_LISTEN_H
#define SHUNT_KERNEL_TPROXY_LISTEN_H

#include "base/addr.h"

struct fault;

/* What listeners are wanted. */
struct tproxy_listen {
	int family;    /* AF_INET or AF_INET6 */
	uint32_t mark; /* SO_MARK, also of what is accepted */
	int defer_s; /* 0: accept at once. Else with the first bytes, or so long after without any */
	unsigned count; /* one per carrier */
};

/*
 * Open listening sockets that share one port of 127.0.0.1 or ::1, for the
 * tproxy rules to lead to. Never a wildcard: a client whose own port equals
 * ours would hit it. Everything that an accepted socket should have is set here
 * and inherited: IP_TRANSPARENT, the mark, TCP_NODELAY, keepalive,
 * TCP_SAVE_SYN. Non-blocking, close-on-exec. Fills fds[count] and *port. 0,
 * -EAFNOSUPPORT when the box has no such family, or -errno with a fault;
 * nothing stays open on failure.
 */
int tproxy_listen_open(const struct tproxy_listen *want, int *fds, uint16_t *port,
		       struct fault *fault);

/*
 * Tell clients that come from now on windows of this scale (RFC 7323 2.2; a
 * larger one than the box has by itself is not possible), or to send no larger
 * segments than this. 0 or -errno.
 */
int tproxy_listen_scale(int fd, uint8_t scale);
int tproxy_listen_segment(int fd, uint16_t bytes);

#endif
