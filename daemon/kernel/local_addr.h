#ifndef SHUNT_KERNEL_LOCAL_ADDR_H
#define SHUNT_KERNEL_LOCAL_ADDR_H

#include "base/addr.h"

/* 127.0.0.0/8 or ::1. */
bool local_addr_is_loopback(const struct addr *a);

/*
 * Is this an address of this very box? Asks the kernel's routing by connecting
 * a UDP socket, which sends nothing: four system calls, no netlink. False also
 * when there is no route or no descriptor for the question.
 */
bool local_addr_is_ours(const struct addr *a);

#endif
