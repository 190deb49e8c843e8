#ifndef SHUNT_KERNEL_NFLOG_H
#define SHUNT_KERNEL_NFLOG_H

#include "base/span.h"
#include "kernel/netlink.h"

struct nlmsghdr;

enum {
	NFLOG_GROUPS = 16, /* tried, from the first one on */
};

/*
 * Packets that nft rules show by `log group`. Opens a socket that receives those
 * of the first group, or of the first behind it that nobody has; *group says
 * which. A process that inherits the socket may read from it, too; the group is
 * taken until the last one has closed it. 0 or -errno: -EPERM without
 * CAP_NET_ADMIN, or when all NFLOG_GROUPS are taken.
 */
int nflog_open(struct netlink *nl, uint16_t first, uint16_t *group);

/* The first bytes of the packet that an event of that socket shows, borrowed from it. False: none. */
bool nflog_packet(const struct nlmsghdr *message, struct span *out);

#endif
