#ifndef SHUNT_BASE_BASE64_H
#define SHUNT_BASE_BASE64_H

#include "base/span.h"

/*
 * Bytes written in the alphabet of RFC 4648 4, with the `=` that fill up the last
 * four characters, nothing between, and no bit set that stands for nothing: so each
 * run of bytes has one text only. Decoding writes the first `room` bytes to out,
 * which may be NULL without room, and returns how many the text stands for, or
 * -EINVAL (and out may be written in part).
 */
ptrdiff_t base64_decode(uint8_t *out, size_t room, struct span text);

/* Characters of so many bytes, without a NUL. */
#define BASE64_SIZE(bytes) (((bytes) + 2) / 3 * 4)

/* Write them, and a NUL: out has room for BASE64_SIZE(data.size) + 1. */
void base64_encode(char *out, struct span data);

#endif
