#ifndef SHUNT_CARRY_TCP_HOLD_H
#define SHUNT_CARRY_TCP_HOLD_H

#include "carry/tcp_session.h"

/* What is asked about sessions: struct tcp_session.asked. */
extern const struct asked_kind tcp_hold_asked;

/* Begin to look at a fresh session: at its first bytes, or not at all where nothing depends on them. */
void tcp_hold_start(struct tcp_session *s);

/* Events of the client's socket in TCP_HELD. */
void tcp_hold_ready(struct tcp_session *s, uint32_t events);

/* Peek and ask, if there is something new to ask about. */
void tcp_hold_ask(struct tcp_session *s);

/* The table has changed: this undecided session is of that divert of the current one now (-1: its own
 * is gone), and is asked about anew. */
void tcp_hold_move(struct tcp_session *s, int divert);

/* `wait` is over. */
void tcp_hold_late(struct tcp_session *s);

#endif
