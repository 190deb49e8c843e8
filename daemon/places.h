#ifndef SHUNT_PLACES_H
#define SHUNT_PLACES_H

#include "base/fault.h"
#include "kernel/rtnl_places.h"
#include "loop/loop.h"

/*
 * The keeper's eye on addresses, routes and links, for the carriers: it knows
 * them from the start, and follows their changes within a moment.
 */
struct places {
	struct loop *loop;
	void (*changed)(struct places *p); /* there is a new file */
	int file;                          /* flow/place_map.h; -1: none */
	struct place_list known;
	struct netlink events;
	struct netlink ask;
	struct watch watch;
	struct timer timer;
	uint64_t rest_until_ms; /* no sooner is all of it read again */
};

/* Read them, and watch them from now on. Zeroed *p; ended by places_stop(). 0, or -errno with a fault. */
int places_start(struct places *p, struct loop *loop, void (*changed)(struct places *p),
		 struct fault *fault);

/* Never started is fine. */
void places_stop(struct places *p);

#endif
