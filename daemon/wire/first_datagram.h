#ifndef SHUNT_WIRE_FIRST_DATAGRAM_H
#define SHUNT_WIRE_FIRST_DATAGRAM_H

#include "wire/wire.h"

/*
 * The verdict of a recogniser whom the first datagram of a flow tells all: whether
 * that `fits`. MORE, not sure, until it is there; NO when it is too large to be held.
 */
enum wire_verdict first_datagram_ask(struct span in, struct wire_hints *hints,
				     bool (*fits)(struct span datagram));

/*
 * The verdict of a recogniser whom the first datagram tells whether it is the protocol
 * at all, and that one or later ones tell the rest. `take` is given one by one with the
 * recogniser's own `flow`: YES ends it, NO is of use only of the first one (is_sure is
 * false), as later ones that are not understood are passed over. When there will be no
 * further one it is YES without a name.
 */
enum wire_verdict first_datagrams_ask(struct span in, struct wire_hints *hints, void *flow,
				      enum wire_verdict (*take)(void *flow, struct span datagram,
								bool is_sure,
								struct wire_hints *hints));

/* YES: it is the protocol, but nothing in it will ever tell a name. */
enum wire_verdict first_datagrams_nameless(struct wire_hints *hints);

#endif
