#ifndef SHUNT_KERNEL_LINKS_H
#define SHUNT_KERNEL_LINKS_H

#include "kernel/addr_list.h"
#include "kernel/netlink.h"

/* Ask for the addresses of this box, those of lo left out; port 0. 0 and a list for
 * addr_list_free(), or -errno. */
int links_read(struct addr_list *out, struct netlink *nl);

#endif
