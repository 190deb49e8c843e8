#ifndef SHUNT_KERNEL_UDP_BOUND_H
#define SHUNT_KERNEL_UDP_BOUND_H

#include <stdbool.h>

#include "base/addr.h"

/* Is a UDP socket of this box bound to that address and port, which need not be an address of the box?
 * False also when it cannot be found out. Needs CAP_NET_ADMIN. */
bool udp_is_bound(const struct addr *at);

#endif
