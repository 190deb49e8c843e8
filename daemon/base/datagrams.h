#ifndef SHUNT_BASE_DATAGRAMS_H
#define SHUNT_BASE_DATAGRAMS_H

#include "base/span.h"

/*
 * The first datagrams of a UDP flow as one run of bytes: each with its size in
 * front, two bytes, big-endian, in the order in which they came, empty ones too.
 * The hands write it while they hold them, the eyes read it. A run that stops
 * inside a datagram says nothing of that one.
 */
enum {
	DATAGRAMS_MOST = 16, /* of one flow, while it is undecided: Chromium's hello takes 3, */
	DATAGRAMS_MOST_BYTES =
		24 * 1024,        /* the longest in public captures 8; without their sizes */
	DATAGRAMS_HEAD_BYTES = 2, /* of a size */
	DATAGRAMS_ROOM = DATAGRAMS_MOST_BYTES + DATAGRAMS_MOST * DATAGRAMS_HEAD_BYTES,
};

enum datagrams_step {
	DATAGRAMS_ONE,  /* here is the next one */
	DATAGRAMS_END,  /* it is not there yet */
	DATAGRAMS_FULL, /* there will be no further one: most are there, or it is too large */
};

struct datagrams {
	struct span in; /* from the first one on, borrowed */
	size_t at;      /* bytes of it that were read */
	size_t bytes;   /* those of them that are no sizes */
	size_t wanted;  /* after DATAGRAMS_END: the least size of a run that says more */
	unsigned count; /* datagrams that were read */
};

static inline struct datagrams datagrams_of(struct span in)
{
	return (struct datagrams){ .in = in };
}

/* The next datagram, part of the input; *out is set with DATAGRAMS_ONE only. Once it is
 * DATAGRAMS_FULL that is final, whatever the run goes on with. */
enum datagrams_step datagrams_next(struct datagrams *d, struct span *out);

/*
 * Append a datagram to the run of *size bytes in `room`, which holds only such.
 * False, and nothing is changed, when that would be one too many, or too much.
 */
bool datagrams_put(uint8_t room[static DATAGRAMS_ROOM], size_t *size, struct span datagram);

/*
 * Append only the size of a datagram for which there was no place behind fewer than
 * DATAGRAMS_MOST others: readers are told DATAGRAMS_FULL, and nothing of it. The run
 * ends with that.
 */
void datagrams_put_size(uint8_t room[static DATAGRAMS_ROOM], size_t *size, size_t datagram);

#endif
