#ifndef SHUNT_WIRE_GQUIC_H
#define SHUNT_WIRE_GQUIC_H

#include <stdbool.h>
#include <stdint.h>

/* Is that a version of Google's QUIC, `Q024` to `Q05x`, or `T05x`? To be known as gquic, not as quic. */
bool gquic_is_version(uint32_t version);

#endif
