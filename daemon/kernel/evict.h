#ifndef SHUNT_KERNEL_EVICT_H
#define SHUNT_KERNEL_EVICT_H

#include "base/addr.h"
#include "base/mark.h"

/*
 * Ends TIME_WAIT sockets of ours that block a client's port. Nothing in the
 * kernel's interface does so but a new SYN for the same connection; so we make
 * one, from server to client, and let it enter by lo, where the nft table
 * leads it to the TIME_WAIT socket and nowhere else.
 */

/* Open the socket. 0 and *out to close(), or -errno: -EPERM without CAP_NET_RAW. */
int evict_open(int *out);

/*
 * End the TIME_WAIT socket between client (its address and port, which we
 * bound) and server; nothing happens when there is none. It is gone when this
 * returns, or, on a busy box, a moment later: try the connect again. 0,
 * -EINVAL when the two are not of one family, or -errno.
 */
int evict_time_wait(int fd, const struct marks *marks, const struct addr *client,
		    const struct addr *server);

#endif
