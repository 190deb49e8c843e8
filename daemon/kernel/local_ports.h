#ifndef SHUNT_KERNEL_LOCAL_PORTS_H
#define SHUNT_KERNEL_LOCAL_PORTS_H

#include "kernel/addr_list.h"

/* Ports that the kernel gives to sockets that asked for none. */
struct local_ports_range {
	uint16_t first;
	uint16_t last;
};

/*
 * The TCP sockets on which this box itself serves others: listening, on an
 * address that is not loopback. Ours never show up, for they are on loopback.
 * An any-address has all bytes 0. Read from /proc/self/net/tcp and tcp6. 0 and
 * a list for addr_list_free(), or -errno.
 */
int local_ports_read(struct addr_list *out);

/*
 * The same of UDP: sockets that take datagrams from anybody. Those of clients
 * that send to several servers look the same, and mostly have a port that the
 * kernel chose: from *range on.
 */
int local_ports_read_udp(struct addr_list *out, struct local_ports_range *range);

/* Read one table of TCP, or of UDP, appending to *out; out of /proc only a test does. 0 or -errno. */
int local_ports_read_file(struct addr_list *out, const char *path, bool is_udp);

#endif
