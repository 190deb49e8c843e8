#ifndef SHUNT_WIRE_RECOGNISE_H
#define SHUNT_WIRE_RECOGNISE_H

#include "wire/wire.h"

/* The recognisers, one per line of protocols.h; each is defined in the file of its name. */
#define WIRE_PROTO(name) extern const struct wire_proto wire_##name;
#include "wire/protocols.h"
#undef WIRE_PROTO

#endif
