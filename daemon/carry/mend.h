#ifndef SHUNT_CARRY_MEND_H
#define SHUNT_CARRY_MEND_H

#include "carry/gate.h"

/*
 * ICMP errors about flows that were handed over. The kernel shifts the sequence
 * numbers of a server's segments on their way to the client. An error that one
 * of them meets beyond this box quotes the shifted number; NAT mends the addresses
 * in the quote, but not that, so the server takes it for a forgery: path MTU
 * discovery would not work. Rules show us such errors (chain `related`), cut off
 * behind that number. The server is sent the same error with its own number.
 *
 * It is sent only for a flow that conntrack knows as handed over, and only the
 * number changes: who could not have guessed it before cannot do so now.
 */

/* Watch for them. The socket, of which each carrier has a copy, may be none; one that is of no use is closed, and without one
 * nothing is handed over.
 * 0 or -errno. */
int mend_start(struct gate *g, const struct netlink *shown);

/* Close our copy of the socket. Not having started is fine. */
void mend_stop(struct gate *g);

#endif
