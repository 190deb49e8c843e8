#ifndef SHUNT_BASE_HEX_H
#define SHUNT_BASE_HEX_H

#include "base/span.h"

/*
 * Bytes written as hexadecimal digits, two for each, of either case and nothing
 * between. All of the text is looked at; of its bytes the first `room` are
 * written to out, which may be NULL without room. Returns how many bytes the
 * text stands for, or -EINVAL (and out may be written in part).
 */
ptrdiff_t hex_decode(uint8_t *out, size_t room, struct span text);

#endif
