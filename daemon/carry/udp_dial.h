#ifndef SHUNT_CARRY_UDP_DIAL_H
#define SHUNT_CARRY_UDP_DIAL_H

#include "carry/udp_flow.h"

/* The decision is there (action, backend, route are set): find a server, open the socket towards it, and
 * begin to relay. */
void udp_dial_start(struct udp_flow *f);

/*
 * An ICMP error says that nobody takes what was sent to the server. As long as
 * no server has answered the next one is tried, with all that was sent so far;
 * otherwise the client is told. The flow may end.
 */
void udp_dial_refused(struct udp_flow *f, int err);

/* May another server have to be tried, should this one refuse? */
bool udp_dial_has_next(const struct udp_flow *f);

/* Close the socket towards the server, if there is one. */
void udp_dial_hang_up(struct udp_flow *f);

/* The server of the present or last attempt; family 0: none. */
struct addr udp_dial_server(const struct udp_flow *f);

#endif
