#ifndef SHUNT_KERNEL_CONNTRACK_READ_H
#define SHUNT_KERNEL_CONNTRACK_READ_H

#include "kernel/conntrack.h"

struct nlmsghdr;

/* Read a conntrack entry as ctnetlink sends it. 0; -EPROTO when it is no entry of TCP or UDP that is whole. */
int conntrack_read(const struct nlmsghdr *message, struct conntrack_entry *out);

#endif
