#ifndef SHUNT_CARRY_UDP_HOLD_H
#define SHUNT_CARRY_UDP_HOLD_H

#include "base/datagrams.h"
#include "carry/udp_flow.h"

/*
 * The first datagrams of a flow, until it is decided; and then, where another
 * server could have to be tried, until the first one has answered. They are one
 * run (base/datagrams.h), for that is what the sniffer is asked about. A stranger
 * can make us hold no more than UDP_MOST_HELD_BYTES, of UDP_MOST_UNDECIDED flows:
 * beyond that the oldest goes that no sniffer is just judging.
 */
struct udp_held {
	uint32_t size;  /* of the run */
	uint32_t bytes; /* of its datagrams */
	uint8_t count;
	uint8_t tos[DATAGRAMS_MOST];
	uint8_t run[];
};

/* What is asked about UDP flows: struct udp_flow.asked. */
extern const struct asked_kind udp_hold_asked;

/* The first datagrams of a new flow, or further ones of one that is undecided. The flow may end. */
void udp_hold_take(struct udp_flow *f, const struct udp_run *run);

/* Keep further ones beside those that a server was sent already. False: there is no place. */
bool udp_hold_keep(struct udp_flow *f, const struct udp_run *run);

/* Nothing is held for it any more. */
void udp_hold_drop(struct udp_flow *f);

/* The table has changed: this undecided flow is of that divert of the current one now (-1: its own is
 * gone), and is asked about anew. */
void udp_hold_move(struct udp_flow *f, int divert);

/* `wait` is over. */
void udp_hold_late(struct udp_flow *f);

#endif
