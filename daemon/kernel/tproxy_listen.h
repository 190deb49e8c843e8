#ifndef SHUNT_KERNEL_TPROXY_LISTEN_H
#define SHUNT_KERNEL_TPROXY_LISTEN_H

#include "base/addr.h"

struct fault;

/*
 * Open `count` listening sockets that share one port of 127.0.0.1 (AF_INET) or
 * ::1 (AF_INET6), one per carrier, for the tproxy rules to lead to. Never a
 * wildcard: a client whose own port equals ours would hit it. Everything that an
 * accepted socket should have is set here and inherited: IP_TRANSPARENT, the
 * mark, TCP_NODELAY, keepalive, TCP_SAVE_SYN. Non-blocking, close-on-exec.
 * Fills fds[] and *port. 0, -EAFNOSUPPORT when the box has no such family, or
 * -errno with a fault; nothing stays open on failure.
 */
int tproxy_listen(int family, uint32_t mark, unsigned count, int *fds, uint16_t *port,
		  struct fault *fault);

#endif
