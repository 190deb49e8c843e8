#ifndef SHUNT_BASE_PREFIX_H
#define SHUNT_BASE_PREFIX_H

#include "base/addr.h"

/* An address prefix; bits beyond `bits` are zero. */
struct prefix {
	uint8_t bytes[16];
	uint16_t family; /* AF_INET or AF_INET6 */
	uint8_t bits;    /* 0-32 or 0-128 */
};

enum {
	PREFIX_TEXT_BYTES = 64, /* a v6 address, "/128" and a NUL fit easily */
};

/*
 * Read "192.0.2.1", "192.0.2.0/24" or "2001:db8::/32". Returns 0, or -EINVAL
 * when the text is something else or has bits set beyond the prefix.
 */
int prefix_parse(struct prefix *out, const char *text);

/* True when the address lies in the prefix. Another family never does. */
bool prefix_holds(const struct prefix *p, const struct addr *a);

/* True when every address of `inner` lies in `outer`. */
bool prefix_covers(const struct prefix *outer, const struct prefix *inner);

/* By family, then address, then the wider first: what a prefix covers comes right behind it. Below 0,
 * 0 or above 0, as memcmp(). */
int prefix_compare(const struct prefix *a, const struct prefix *b);

/* Write "192.0.2.0/24"; a whole address without its length. Returns text. */
const char *prefix_text(const struct prefix *p, char text[static PREFIX_TEXT_BYTES]);

#endif
