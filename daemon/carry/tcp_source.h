#ifndef SHUNT_CARRY_TCP_SOURCE_H
#define SHUNT_CARRY_TCP_SOURCE_H

#include "carry/tcp_session.h"

/*
 * Whom a server is to see: the client's address and port; where that cannot be,
 * its address, or an address of this box. Each step down is counted, shows in
 * the flow's line, and is said once for each backend where it is the place of
 * the server that makes it necessary.
 */

/*
 * Before an attempt with that server: step down if its answers would not come
 * back to us otherwise. What was prepared for another source is closed. Asks
 * nobody: gate.places tells.
 */
void tcp_source_choose(struct tcp_session *s, const struct addr *server);

/* The address and port to bind for the present source; family 0: none. */
struct addr tcp_source_address(const struct tcp_session *s);

/* That very pair of addresses and ports is taken on this box: the next way, after in_ms. False: there
 * is none left. */
bool tcp_source_taken(struct tcp_session *s, const struct addr *server, uint32_t *in_ms);

#endif
