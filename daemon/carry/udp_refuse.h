#ifndef SHUNT_CARRY_UDP_REFUSE_H
#define SHUNT_CARRY_UDP_REFUSE_H

#include "carry/udp_flow.h"

enum {
	UDP_REFUSE_MOST = 1000, /* in a second: as the kernel's own, net.ipv4.icmp_msgs_per_sec */
};

/* Tell the client that nobody takes what it sends (ICMP port unreachable), from where it sent it to;
 * no more often than a carrier may. The first held datagram is quoted; none is held: an empty one. */
void udp_refuse_held(struct udp_flow *f);

#endif
