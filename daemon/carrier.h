#ifndef SHUNT_CARRIER_H
#define SHUNT_CARRIER_H

#include "carry/tcp_listen.h"
#include "kernel/sandbox.h"

struct carrier_listener {
	int fd;
	uint16_t divert;
	bool is_udp;
};

/* What the keeper gives a carrier at its birth. */
struct carrier_birth {
	int channel;                              /* to the keeper */
	unsigned number;                          /* of this carrier's life: never used twice */
	struct counters *counters;                /* shared with the keeper, which only reads */
	const struct carrier_listener *listeners; /* they belong to the first table that comes */
	size_t listener_count;
	unsigned sniffers;     /* how many will come with it */
	int share;             /* file of struct handed_share */
	int known;             /* flow/known.h; -1: there is none */
	struct netlink errors; /* shows ICMP errors: carry/mend.h; no socket: nobody does */
	struct sandbox_user user;
};

/* The hands: accept and carry flows until told to stop. Runs in a fresh child; never returns. */
_Noreturn void carrier_main(const struct carrier_birth *birth);

#endif
