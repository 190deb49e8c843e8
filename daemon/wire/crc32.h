#ifndef SHUNT_WIRE_CRC32_H
#define SHUNT_WIRE_CRC32_H

#include "base/span.h"

/* The CRC-32 of ISO 3309 and ITU-T V.42, as Ethernet, zlib and STUN (RFC 8489 14.7) have it. */
uint32_t crc32_of(struct span data);

#endif
