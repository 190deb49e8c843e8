#ifndef SHUNT_CARRY_UDP_RELAY_H
#define SHUNT_CARRY_UDP_RELAY_H

#include "carry/udp_flow.h"

/* The flow has a socket towards its server: send what is held, and relay from now on. */
void udp_relay_start(struct udp_flow *f);

/* Add a message of the client's to what is to be sent to the server, and send. The flow may end when it is
 * sent. Only one flow's are gathered at a time. */
void udp_relay_add(struct udp_flow *f, const struct udp_run *run);
void udp_relay_send(struct udp_flow *f);

/* Send the client what the server's socket still has, in packets of that mark (0: their socket's). */
void udp_relay_drain(struct udp_flow *f, uint32_t mark);

/* Is it so new that the server may be about to refuse it? */
bool udp_relay_is_young(const struct udp_flow *f);

struct udp;

/* The turn is over: look whether flows that were carried in it can be handed over. */
void udp_relay_look(struct udp *u);

/* The deadline of UDP_RELAYED. */
void udp_relay_late(struct udp_flow *f);

#endif
