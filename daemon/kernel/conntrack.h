#ifndef SHUNT_KERNEL_CONNTRACK_H
#define SHUNT_KERNEL_CONNTRACK_H

#include <stdbool.h>

#include "base/addr.h"
#include "kernel/netlink.h"

/* Entries of the kernel's connection tracking, by ctnetlink: of TCP and UDP. A transport is IPPROTO_TCP or
 * IPPROTO_UDP. */

/* A connection from a client to `to`, which in truth is one with a server. */
struct conntrack_hand {
	uint8_t transport;
	struct addr client;
	struct addr to;     /* where the client went */
	struct addr server; /* where it is led */
	uint32_t
		answer_shift; /* TCP: to be added to sequence numbers of the server's, modulo 2^32 */
	bool has_scale;       /* TCP: both ends scale their windows, */
	uint8_t client_scale; /* by these */
	uint8_t server_scale;
	uint32_t mark;
	uint32_t timeout_s; /* of the entry, until its first packet */
	bool is_unsure;     /* until that comes, the kernel may forget it when it needs room */
	bool has_stamps;    /* TCP: every segment has timestamps, which is noted in the entry */
};

enum conntrack_state {
	CONNTRACK_LIVE,    /* opening or established; always so of UDP */
	CONNTRACK_CLOSING, /* a FIN was seen */
	CONNTRACK_CLOSED,  /* both FINs were seen and acknowledged */
	CONNTRACK_RESET,   /* a RST was seen */
};

/* One entry, as a dump gives it. */
struct conntrack_entry {
	uint8_t transport;
	bool is_offloaded; /* its packets pass by a flow table: what is told here is late */
	bool is_answered;  /* packets went both ways */
	bool is_assured;   /* likewise, or made so; others go when the kernel needs room */
	bool has_stamps;   /* see struct conntrack_hand */
	struct addr client;
	struct addr to;
	struct addr server; /* whose answers are the client's */
	enum conntrack_state state;
	uint32_t id;           /* the kernel's name for it; 0: not told */
	uint32_t answer_shift; /* see struct conntrack_hand; 0 in events */
	uint32_t mark;
	uint32_t timeout_s;  /* until the kernel forgets it */
	uint64_t packets[2]; /* client to server, server to client; 0 where nobody counts */
	uint64_t bytes[2];   /* with their IP headers */
};

/* Bytes of payload that went from client to server (0) or back (1): without headers of IP, and of TCP or
 * UDP, that have no options but timestamps where they are noted. */
uint64_t conntrack_payload(const struct conntrack_entry *entry, int way);

/* Called for each entry of a dump; nonzero stops, and is the result. */
typedef int conntrack_each(const struct conntrack_entry *entry, void *arg);

/*
 * Let the kernel carry this connection: an established entry in zone 0 that
 * leads it to the server, keeps the client's address and port, and shifts the
 * sequence numbers of the answers. 0; -EEXIST when another entry has one of
 * its two sides; or -errno.
 */
int conntrack_hand_over(struct netlink *nl, const struct conntrack_hand *hand);

/* The entry of a connection in zone 0, by its client's side. 0, -ENOENT or -errno. */
int conntrack_get(struct netlink *nl, uint8_t transport, const struct addr *from,
		  const struct addr *to, struct conntrack_entry *out);

/* The same by its server's side: whose answers come from `server` to `client`. */
int conntrack_get_by_answers(struct netlink *nl, uint8_t transport, const struct addr *server,
			     const struct addr *client, struct conntrack_entry *out);

/* Let the kernel forget a connection in zone 0 in so many seconds, unless a packet comes. 0, -ENOENT or
 * -errno. */
int conntrack_set_timeout(struct netlink *nl, uint8_t transport, const struct addr *from,
			  const struct addr *to, uint32_t seconds);

/*
 * Let the kernel forget a TCP connection in zone 0 that is over, in so many
 * seconds. Should another one have taken its place, which can happen between
 * any two messages, that one gets its time back: live_s. 0, -ENOENT or -errno.
 */
int conntrack_linger(struct netlink *nl, const struct addr *from, const struct addr *to,
		     uint32_t seconds, uint32_t live_s);

/* The mark of the entry of a connection in that zone. 0, -ENOENT or -errno. */
int conntrack_mark(struct netlink *nl, uint16_t zone, uint8_t transport, const struct addr *from,
		   const struct addr *to, uint32_t *mark);

/* Forget a connection in that zone. 0, -ENOENT or -errno. */
int conntrack_forget(struct netlink *nl, uint16_t zone, uint8_t transport, const struct addr *from,
		     const struct addr *to);

/*
 * Forget what has in zone 0 the place of this connection: an entry from client
 * to `to`, or one whose answers come from the server to the client. Only one
 * that is over, or that is a former one of this very connection, from client
 * to `to` with mark & mask as in `hand`: of each with such a mark `gone` is told.
 * 0, what `gone` returned, -EBUSY when it is none of these; or -errno.
 */
int conntrack_make_way(struct netlink *nl, const struct conntrack_hand *hand, uint32_t mask,
		       conntrack_each *gone, void *arg);

/* Walk the entries whose mark & mask is `mark`. 0, what `each` returned, or -errno; it may have been
 * called for some of them more than once, for the list changes meanwhile. */
int conntrack_dump(struct netlink *nl, uint32_t mark, uint32_t mask, conntrack_each *each,
		   void *arg);

/* Forget all entries, of every zone and protocol, whose mark & mask is `mark`, which must not be 0. 0 or
 * -errno. */
int conntrack_flush(struct netlink *nl, uint32_t mark, uint32_t mask);

#endif
