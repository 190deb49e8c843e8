#ifndef SHUNT_BASE_STAMP_H
#define SHUNT_BASE_STAMP_H

#include <stdbool.h>

#include "base/span.h"

/*
 * TCP timestamps (RFC 7323). Two connections that become one have four clocks:
 * each end's, and ours towards each end. From then on each end sees the other's
 * clock where it saw ours, and takes what it says only when that is not older
 * (PAWS, 5): it must be ahead of ours, modulo 2^32. How fast it ticks, from 1 Hz
 * to 1 MHz, nobody knows. It never goes backward.
 */
enum {
	/* our clocks tick every millisecond: for a quarter of an hour beside one that stands still, ... */
	STAMP_LEAST_AHEAD = 1 << 20,
	/* ... for two minutes beside the fastest, and for a day and a half of silence towards that end */
	STAMP_MOST_AHEAD = 0x78000000,
	STAMP_MOST_JUMP = 0x60000000, /* an end that heard nothing for six days takes it */
	STAMP_OPTION_BYTES = 12,      /* as all send it, aligned */
};

/* An option of a segment. */
struct stamp {
	uint32_t value; /* the sender's clock */
	uint32_t echo;  /* what it heard last of its receiver's; 0: nothing */
};

/* Is a clock far enough ahead of ours to be taken for it, and not too far? */
bool stamp_is_ahead(uint32_t theirs, uint32_t ours);

/* How far our clock has to jump for that, less than half its circle; 0: not at all. Where that is not
 * enough, ask again after the jump: two suffice. */
uint32_t stamp_jump(uint32_t theirs, uint32_t ours);

/* Is `a` no older than `b`? */
bool stamp_is_since(uint32_t a, uint32_t b);

/* The timestamps among the options of a TCP header (RFC 9293 3.1). False: there are none. */
bool stamp_find(struct span options, struct stamp *out);

#endif
