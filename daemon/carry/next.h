#ifndef SHUNT_CARRY_NEXT_H
#define SHUNT_CARRY_NEXT_H

#include "carry/asker.h"

struct gate;
struct gate_table;
struct next;
struct tcp_listener;
struct udp_listener;

/*
 * The configuration to come, in a carrier. It is brought in piece by piece while
 * the present one goes on: a table, its sniffers, listeners for new diverts.
 * Everything that can fail is done then; next_switch() only changes over, at
 * once, between two events of the loop. A configuration is known by its number.
 *
 * What becomes of flows when it is changed over:
 *  - decided ones keep the table they were decided by, and are not touched;
 *  - undecided ones move to the divert of the same name in the new table and are
 *    asked about again, by its sniffers; `wait` goes on from when they came. The
 *    sockets to the former sniffers are closed: no answer of theirs is read;
 *  - undecided ones whose divert is gone keep their table; its `silent` and
 *    `unknown` decide, for nobody is left to ask.
 * A listener whose divert is gone is kept for NEXT_LEAVE_MS: handshakes that
 * began under the former rules end there.
 */
enum {
	NEXT_LEAVE_MS = 3000, /* a lost SYN-ACK was repeated by then */
};

/* The way to a sniffer that is not asked yet. */
struct next_sniffer {
	struct watch w; /* fd -1: none */
	struct next *next;
	bool has_answered;
};

struct next {
	struct gate *gate;
	uint64_t number;          /* 0: nothing is to come */
	struct gate_table *table; /* NULL: not here yet */
	struct next_sniffer sniffers[ASKER_MOST_LINKS];
	unsigned sniffer_count;
	LIST_HEAD(, tcp_listener) listeners;
	LIST_HEAD(, udp_listener) udp_listeners;
	bool is_whole; /* all that belongs to it was said */
	bool is_ready; /* `ready` was told so: next_switch() may follow at any moment */
	/* called once for each configuration that is whole: when all its sniffers have answered, or
	 * with -errno when it cannot be. And with -EPIPE for each sniffer that is lost after the
	 * former: next_switch() would still do, with those that are left */
	void (*ready)(struct gate *g, uint64_t number, int err);
};

/* Nothing is to come; `ready` is the owner's to set. */
void next_init(struct next *n, struct gate *g);

/* A new configuration is to come, with this table; what was there of another is dropped. fd is
 * closed. 0 or -errno. */
int next_table(struct gate *g, uint64_t number, int fd);

/* The socket to its sniffer, and a listener of its divert. The descriptors are taken over, closed on
 * failure or when it is not the one to come. 0 or -errno. */
int next_sniffer(struct gate *g, uint64_t number, unsigned index, int fd);
int next_listener(struct gate *g, uint64_t number, unsigned divert, int fd);
int next_udp_listener(struct gate *g, uint64_t number, unsigned divert, int fd);

/* That was all of it; err: what has failed of it. */
void next_whole(struct gate *g, uint64_t number, int err);

/* Change over; sniffers that have not answered yet are good enough. False when it is not there. */
bool next_switch(struct gate *g, uint64_t number);

/* It will not come. */
void next_forget(struct gate *g);

#endif
