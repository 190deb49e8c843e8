#ifndef SHUNT_CARRY_UDP_H
#define SHUNT_CARRY_UDP_H

#include "carry/gate.h"
#include "carry/udp_table.h"
#include "kernel/udp_send.h"

/* What a carrier's UDP flows share. It is there from the first UDP listener on. */
enum {
	UDP_MOST_UNDECIDED = 4096, /* flows; the oldest gives way */
	UDP_MOST_HELD_BYTES =
		4 << 20,       /* of their datagrams, and of those kept for another server */
	UDP_MOST_LINES = 1000, /* in the log of flows that had no server, at once; then */
	UDP_LINES_PER_S = 100, /* so many */
	UDP_MOST_MUTE = 8192,  /* dropped flows that are remembered; the oldest gives way */
};

TAILQ_HEAD(udp_list, udp_flow);

struct udp_told;

struct udp {
	struct gate *gate;
	struct udp_table flows;   /* all but ended ones */
	struct udp_table replies; /* udp_reply.h */
	struct udp_table pairs;   /* flows by what their servers see: udp_source.h */
	struct udp_list resting;  /* undecided, no question on its way; the oldest first */
	struct udp_list asked;    /* undecided, a question on its way */
	struct udp_list kept;     /* relayed, with datagrams that another server may have to get */
	struct udp_list brief;    /* relayed, may be nobody's: udp_flow_settle(); oldest first */
	struct udp_list relayed;  /* the others */
	struct udp_list handed;   /* for what still comes of them */
	struct udp_list mute;     /* the oldest first */
	struct udp_list looks;    /* relayed, to be looked at after this turn */
	TAILQ_HEAD(, udp_told) told; /* servers' datagrams that are asked about: udp_ids.h */
	LIST_HEAD(, udp_listener) listeners;
	struct udp_batch *batch;
	struct udp_send *send;
	struct timer leave; /* the end of listeners whose divert is gone */
	struct later after; /* this turn */
	size_t held_bytes;
	unsigned undecided;  /* flows */
	unsigned mute_count; /* flows */
	unsigned told_count;
	int raw[2];           /* raw sockets for answers, IPv4 and IPv6; -1: not opened yet */
	int icmp[2];          /* likewise for refusals */
	uint64_t refusals_ms; /* when refusals were counted from */
	uint64_t lines_ms;    /* when lines were counted last */
	unsigned lines;       /* that may be written now */
	unsigned refusals;    /* sent since */
};

/* 0 when it is there, or -ENOMEM. */
int udp_open(struct gate *g);

/* End every flow and close every listener. */
void udp_done(struct gate *g);

/* Descriptors that are not for single flows. */
unsigned udp_fds(const struct gate *g);

/* At the limit of flows: end a relayed one that may well be nobody's, or is over. False: there is none. */
bool udp_make_room(struct gate *g);

/* Flows that this carrier has yet to see to: it must not end. */
bool udp_is_busy(const struct gate *g);

#endif
