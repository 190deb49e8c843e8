#ifndef SHUNT_KERNEL_UDP_SEND_H
#define SHUNT_KERNEL_UDP_SEND_H

#include "kernel/udp_batch.h"

/*
 * Datagrams that are to leave by one socket, gathered and sent at once. Those
 * of one size that follow each other go through the kernel as one (UDP GSO) as
 * long as it can be done; what arrives is the same.
 */
enum {
	UDP_SEND_MOST = 64, /* messages of one call */
};

struct udp_send;

/* By which way they go, and what came of it. */
struct udp_way {
	int fd;
	uint16_t family;       /* of the socket */
	const struct addr *to; /* NULL: where it is connected to */
	uint32_t mark;         /* of these packets; 0: the socket's */
	bool is_single;        /* in: do not gather. Out: the way does not take what is gathered */
	int err;               /* of the socket, about datagrams sent before; 0: none */
	uint64_t bytes;        /* that were sent: added to */
	uint64_t count;        /* datagrams that were sent: added to */
	uint64_t lost;         /* datagrams that the kernel did not take: added to */
};

/* NULL without memory. Freed by udp_send_free(), which takes NULL. */
struct udp_send *udp_send_new(void);
void udp_send_free(struct udp_send *s);

/* Add what is to be sent next; its bytes are borrowed until udp_send_all(). False: there is no place, send
 * first. is_single: as in the way that it will take. */
bool udp_send_add(struct udp_send *s, const struct udp_run *run, bool is_single);

/* Is there nothing to send? */
bool udp_send_is_empty(const struct udp_send *s);

/* Send all and forget it. */
void udp_send_all(struct udp_send *s, struct udp_way *way);

#endif
