#ifndef SHUNT_KERNEL_CONNTRACK_SWAP_H
#define SHUNT_KERNEL_CONNTRACK_SWAP_H

#include "kernel/conntrack.h"

/*
 * The entry of a UDP flow that ends at this box gives its place to one that leads
 * the flow on: NAT cannot be added to an entry that is there. What others wrote
 * into its mark goes over to the new one.
 *
 * A datagram that comes in between makes the former entry anew; then all is
 * done once more. It takes two calls into the kernel when nothing is in the way.
 */
struct conntrack_swap {
	struct conntrack_hand hand; /* of UDP; mark: our bits of it */
	uint32_t held_marks[2];     /* our bits in the mark of the former entry: one of these */
	uint32_t own_mask;          /* the bits that are ours */
	uint32_t hand_mask;         /* those of them that are the same in every entry like this */
	uint32_t old_s; /* an entry like this that has no more time than that is an old one */
	uint16_t
		server_zone; /* where an entry from client to server goes as well; 0: there is none */
	uint32_t foreign;    /* out: the bits of others */
	bool (*may)(const struct conntrack_swap *s); /* NULL, or asked when `foreign` is known */
	conntrack_each *gone;                        /* told of each entry like this that went */
	void *arg;
};

/*
 * 0: done. -EBUSY: a flow that is not old has the place, on one of its two sides;
 * -ECANCELED: it may not; or -errno, what `gone` returned included. Then the former
 * entry is as it was; the one in server_zone, which any packet makes anew, may be gone.
 */
int conntrack_swap(struct netlink *nl, struct conntrack_swap *swap);

#endif
