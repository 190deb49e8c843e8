#ifndef SHUNT_BASE_PLACE_H
#define SHUNT_BASE_PLACE_H

#include "base/prefix.h"

/*
 * Where addresses are, seen from this box: its own ones, the networks of its
 * links, and what lies behind other routers. From that follows who would answer
 * whom without us. Pure: kernel/rtnl_places.h fills it.
 */
enum {
	PLACES_MOST = 512, /* all are looked through for each connection: some 1 us then */
};

struct place {
	struct prefix net;
	struct addr gateway; /* the next router; family 0: none, this is the link itself */
	uint32_t device;     /* interface index */
	uint32_t metric;
	uint8_t is_ours;      /* an address of this box */
	uint8_t is_connected; /* the network of an address that this box has on the device */
	uint8_t is_star;      /* the device joins no hosts with each other, only each with us */
};

/* Into the order that place_of() needs: long prefixes first, then ours, then the lower metric. */
void place_sort(struct place *at, size_t count);

/* Where is that address: the best of sorted places, or NULL. Its port and scope do not matter. */
const struct place *place_of(const struct place *at, size_t count, const struct addr *a);

/* Is it this very box's? */
bool place_is_ours(const struct place *at, size_t count, const struct addr *a);

/*
 * Would the server's answer to that client reach it without us? So it is when
 * both are in one network of one link; when the client is, together with the
 * router before the server; when one and the same router, or the server itself,
 * is before the client. With IPv6 all networks of a link count as one: routers
 * announce them to all hosts. On a link without neighbours (tun, WireGuard, ppp)
 * hosts of our own network there reach each other only through us.
 */
bool place_is_bypass(const struct place *at, size_t count, const struct addr *client,
		     const struct addr *server);

#endif
