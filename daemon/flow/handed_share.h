#ifndef SHUNT_FLOW_HANDED_SHARE_H
#define SHUNT_FLOW_HANDED_SHARE_H

#include <stdatomic.h>

#include "base/addr.h"

/*
 * What the keeper and all carriers know together of flows that were handed
 * over: a memory file that each of them maps and writes, without locks and system
 * calls. Sniffers have neither the file nor the mapping.
 */
enum {
	HANDED_SHARE_SLOTS = 1 << 20, /* with as many flows as can be, three of four are free */
	HANDED_SHARE_WAYS = 4096,     /* of TCP, and as many of UDP */
	HANDED_SHARE_MANY = 255,      /* a slot that was so full stays so */
};

struct handed_share {
	uint64_t seed; /* makes places unpredictable to strangers */
	/* How many of the flows have a client and a server that fall on this place. Whoever hands one
	 * over counts it in front of the end of its sockets; the keeper counts those that it finds, and
	 * takes away what is over. A count that was lost on the way stays too high. */
	_Atomic uint8_t held[HANDED_SHARE_SLOTS];
	/* few places are left in conntrack: see keeper_handed.c */
	_Atomic uint8_t is_crowded;
	/* flow/handed_way.h: enum handed_way each */
	_Atomic uint8_t ways[2 * HANDED_SHARE_WAYS];
	_Atomic uint8_t first_ways[2];
};

/* Make it, mapped; no child inherits the mapping, *file is for carriers. 0 or -errno. */
int handed_share_new(struct handed_share **out, int *file, uint64_t seed);

/* Map it. 0 or -errno. Both are undone by handed_share_unmap(), which takes NULL. */
int handed_share_map(struct handed_share **out, int file);
void handed_share_unmap(struct handed_share *s);

/* A flow between these two is the kernel's, or is over. */
void handed_share_hold(struct handed_share *s, const struct addr *client,
		       const struct addr *server);
void handed_share_release(struct handed_share *s, const struct addr *client,
			  const struct addr *server);

/* The keeper says whether flows that may be short are better relayed, for then conntrack can forget them
 * when it is full; carriers ask. */
void handed_share_crowd(struct handed_share *s, bool is_crowded);
bool handed_share_is_crowded(const struct handed_share *s);

/* A hash of an endpoint and a text (NULL: none), the same in all processes. */
uint64_t handed_share_hash(const struct handed_share *s, const struct addr *end, const char *text);

/* May there be such a flow? False is certain; true is to be asked of conntrack. */
bool handed_share_may_hold(const struct handed_share *s, const struct addr *client,
			   const struct addr *server);

#endif
