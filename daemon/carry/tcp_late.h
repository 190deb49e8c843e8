#ifndef SHUNT_CARRY_TCP_LATE_H
#define SHUNT_CARRY_TCP_LATE_H

#include "carry/tcp_session.h"

/* When a flow that begins to be relayed is first looked at, in ms. */
uint64_t tcp_late_first_ms(const struct tcp_session *s);

/* The time has come to look at a relayed flow: it may end, be handed over, or be looked at again. */
void tcp_late(struct tcp_session *s);

#endif
