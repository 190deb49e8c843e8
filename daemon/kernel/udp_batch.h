#ifndef SHUNT_KERNEL_UDP_BATCH_H
#define SHUNT_KERNEL_UDP_BATCH_H

#include "base/addr.h"

/* Datagrams that are read from a socket at once, whole whatever their size. */
enum {
	UDP_BATCH_MOST = 32,          /* messages of one call: its places are of 64 KiB each */
	UDP_BATCH_MOST_BYTES = 65535, /* of a message */
};

struct udp_batch;

/* One datagram; or several of one flow that came together, all but the last of one size. */
struct udp_run {
	struct addr from; /* family 0: of a connected socket */
	struct addr to;   /* where they were sent to; family 0: not told */
	uint32_t link;    /* index of the interface that they came in by; 0: not told */
	struct span bytes;
	uint16_t segment; /* the size of each but the last, which may be less; 0: it is one */
	uint8_t tos;      /* IPv4 TOS or IPv6 traffic class */
};

/* NULL without memory. Freed by udp_batch_free(), which takes NULL. */
struct udp_batch *udp_batch_new(void);
void udp_batch_free(struct udp_batch *b);

/* Read what is there, up to UDP_BATCH_MOST messages. How many; 0: nothing; or -errno: that waited at the
 * socket, which is read on. */
int udp_batch_receive(struct udp_batch *b, int fd);

/* One message of the last call: its bytes are good until the next. */
struct udp_run udp_batch_run(const struct udp_batch *b, unsigned index);

/* Its next datagram: the first one of *at bytes, which are set forward. False: there is none. An empty
 * datagram is one. */
bool udp_run_next(const struct udp_run *run, size_t *at, struct span *datagram);

#endif
