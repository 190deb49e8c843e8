#ifndef SHUNT_CARRY_TCP_RELAY_H
#define SHUNT_CARRY_TCP_RELAY_H

#include "carry/tcp_session.h"

/* Both sides are connected: begin to move bytes. is_answered: the server has spoken, or ended,
 * already; no further edge would tell. */
void tcp_relay_start(struct tcp_session *s, bool is_answered);

/* Urgent data arrived at this side, whose socket is the server's or the client's. */
void tcp_relay_urgent(struct tcp_side *side);

/* Events of one side in TCP_RELAYED. */
void tcp_relay_ready(struct tcp_session *s, struct tcp_side *side, uint32_t events);

/* Go on with the directions whose turn was over. */
void tcp_relay_again(struct tcp_session *s);

/* Move what has come from this side, now; or from both, after this turn. */
void tcp_relay_pump(struct tcp_session *s, struct tcp_side *from);
void tcp_relay_resume(struct tcp_session *s);

#endif
