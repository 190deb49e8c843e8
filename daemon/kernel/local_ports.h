#ifndef SHUNT_KERNEL_LOCAL_PORTS_H
#define SHUNT_KERNEL_LOCAL_PORTS_H

#include "kernel/addr_list.h"

/*
 * The TCP sockets on which this box itself serves others: listening, on an
 * address that is not loopback. Ours never show up, for they are on loopback.
 * An any-address has all bytes 0. Read from /proc/self/net/tcp and tcp6. 0 and
 * a list for addr_list_free(), or -errno.
 */
int local_ports_read(struct addr_list *out);

/* Read one such table, appending to *out; out of /proc only a test does. 0 or -errno. */
int local_ports_read_file(struct addr_list *out, const char *path);

#endif
