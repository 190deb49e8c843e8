#ifndef SHUNT_KERNEL_CONNTRACK_LIMITS_H
#define SHUNT_KERNEL_CONNTRACK_LIMITS_H

#include <stdint.h>

/* How conntrack is set up: net.netfilter.nf_conntrack_*. */

/* For how many seconds after a packet it remembers a connection in this state. */
struct conntrack_timeouts {
	uint32_t established;
	uint32_t unacknowledged; /* with data that nobody has acknowledged */
	uint32_t repeated;       /* with such data that were sent several times */
	uint32_t closed;         /* CONNTRACK_CLOSED */
	uint32_t reset;          /* CONNTRACK_RESET */
	uint32_t datagrams;      /* UDP, both ways */
	uint32_t unanswered;     /* UDP, one way */
};

/* What cannot be read is as it comes with the kernel. */
void conntrack_timeouts_read(struct conntrack_timeouts *out);

/* How many connections it remembers at most; 0: it does not say. */
uint32_t conntrack_most(void);

/* Have packets and bytes of new connections counted. 1: they were not; 0: they were, or -errno. */
int conntrack_count(void);

#endif
