#ifndef SHUNT_NFT_PLAN_MATCH_H
#define SHUNT_NFT_PLAN_MATCH_H

#include "nft/plan_udp.h"

/* For nft/plan_match*.c alone. */

/* What differs between the two transports. */
struct plan_transport {
	const char *ports; /* name of the sets of ports */
	enum plan_op_kind port;
	enum plan_op_kind port_in;
	bool is_udp;
};

extern const struct plan_transport plan_tcp;
extern const struct plan_transport plan_udp;

/* The ports of a divert. */
const struct port_list *plan_match_ports(const struct divert *d, const struct plan_transport *t);

/* What a set of a divert is called: `what`, and the divert's name. */
void plan_match_name(char name[static PLAN_NAME_BYTES], const char *what, const struct divert *d);

/* How many of a list are of that family (AF_*). */
size_t plan_match_count(const struct prefix_list *list, int family);

/* Does a device's name stand for several? And how many of a divert's do not? */
bool plan_match_is_pattern(const char *device);
size_t plan_match_devices(const struct divert *d);

#endif
