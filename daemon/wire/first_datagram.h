#ifndef SHUNT_WIRE_FIRST_DATAGRAM_H
#define SHUNT_WIRE_FIRST_DATAGRAM_H

#include "wire/wire.h"

/*
 * The verdict of a recogniser whom the first datagram of a flow tells all: whether
 * that `fits`. MORE, not sure, until it is there; NO when it is too large to be held.
 */
enum wire_verdict first_datagram_ask(struct span in, struct wire_hints *hints,
				     bool (*fits)(struct span datagram));

#endif
