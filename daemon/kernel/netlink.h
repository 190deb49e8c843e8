#ifndef SHUNT_KERNEL_NETLINK_H
#define SHUNT_KERNEL_NETLINK_H

#include <stddef.h>
#include <stdint.h>

struct mnl_socket;
struct nlmsghdr;

enum {
	NETLINK_BUFFER_BYTES = 32768, /* of one answer: what the kernel packs into one datagram */
	NETLINK_MESSAGE_BYTES = 4096, /* of a request that fits this, all but nft batches do */
	NETLINK_EVENT_BYTES =
		2097152,   /* of events that wait: some 10,000, as a big transaction makes */
	NETLINK_TRIES = 5, /* how often a dump that was disturbed is begun again */
};

/* One netlink socket. The kernel answers within send(), so nothing here waits. */
struct netlink {
	struct mnl_socket *socket; /* NULL: closed */
	uint32_t port;             /* the kernel's name for us; the owner of nft tables */
	uint32_t sequence;
};

/* One message of an answer, good during the call. Nonzero stops and is the result of the walk. */
typedef int netlink_each(const struct nlmsghdr *message, void *arg);

/* Open a socket of that NETLINK_* bus. 0 or -errno. */
int netlink_open(struct netlink *nl, int bus);

/* Have room for NETLINK_EVENT_BYTES of events, or for as much of it as the box allows. */
void netlink_widen(struct netlink *nl);

/* Receive that multicast group from now on. 0 or -errno. */
int netlink_join(struct netlink *nl, unsigned group);

/* Receive it no more. While nobody listens the kernel makes no events, which for a big transaction costs
 * it much time and memory. 0 or -errno. */
int netlink_leave(struct netlink *nl, unsigned group);

/* NULL and closed are fine. */
void netlink_close(struct netlink *nl);

int netlink_fd(const struct netlink *nl);

/* Send one request, with acknowledgement asked for, and give the kernel's word on it: 0 or -errno. */
int netlink_request(struct netlink *nl, struct nlmsghdr *request);

/* Send one request and walk its answer: 0, what `each` returned, or -errno. */
int netlink_ask(struct netlink *nl, struct nlmsghdr *request, netlink_each *each, void *arg);

/*
 * Send a request for a dump and walk its answers. 0, what `each` returned, or
 * -errno; -EINTR when the kernel's list changed meanwhile: begin again, at
 * most NETLINK_TRIES times.
 */
int netlink_dump(struct netlink *nl, struct nlmsghdr *request, netlink_each *each, void *arg);

/*
 * Send `size` bytes, made as one batch, and walk the answers (NLMSG_ERROR
 * messages, each naming the sequence number of one message of the batch).
 * 0, what `each` first returned, or -errno; -ENOBUFS when the kernel had to
 * drop answers, of which the first were walked.
 */
int netlink_batch(struct netlink *nl, const void *bytes, size_t size, netlink_each *each,
		  void *arg);

/* Messages that are sent at once: `count` of them, with the sequence numbers from that of the socket + 1 on. */
struct netlink_burst {
	const void *bytes;
	size_t size;
	unsigned count;
	unsigned last; /* the one, from 0, that has an answer in any case, with which it ends */
};

/*
 * Send them and walk what is said to them, up to the first word on the last one. Faster
 * than a batch: nothing else is waited for. What is said later is nobody's. 0, what
 * `each` first returned, or -errno.
 */
int netlink_exchange(struct netlink *nl, const struct netlink_burst *burst, netlink_each *each,
		     void *arg);

/*
 * Walk all the events that wait, from groups that were joined; none is left
 * behind, not even after an error. 0, what `each` first returned, or -errno;
 * -ENOBUFS when the kernel had to drop some.
 */
int netlink_events(struct netlink *nl, netlink_each *each, void *arg);

#endif
