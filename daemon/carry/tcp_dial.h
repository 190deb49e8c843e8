#ifndef SHUNT_CARRY_TCP_DIAL_H
#define SHUNT_CARRY_TCP_DIAL_H

#include "carry/tcp_session.h"

/* Make the socket towards the server while the sniffer still thinks: nothing is lost if it cannot be. */
void tcp_dial_prepare(struct tcp_session *s);

/* The decision is there (action, backend, route are set): connect. */
void tcp_dial_start(struct tcp_session *s);

/* Events of the server's socket in TCP_DIALLING. */
void tcp_dial_ready(struct tcp_session *s, uint32_t events);

/* The deadline of TCP_DIALLING: a slow server, or the time to try a taken port again. */
void tcp_dial_late(struct tcp_session *s);

/* The server of the present or last attempt; family 0: none. */
struct addr tcp_dial_server(const struct tcp_session *s);

#endif
