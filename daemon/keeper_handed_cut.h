#ifndef SHUNT_KEEPER_HANDED_CUT_H
#define SHUNT_KEEPER_HANDED_CUT_H

#include <stdbool.h>

#include "base/addr.h"
#include "kernel/inject.h"

/*
 * Telling both ends of a handed-over flow that it was ended. Its entry is taken
 * away, and a RST would need numbers that nobody here knows. So each end is asked
 * by a segment that fits in no window, which it answers with what it has and what
 * it expects (RFC 9293 3.10.7.4, RFC 5961); and that answer, which comes for
 * a connection that conntrack does not know any more, the rules answer with a RST
 * (sets cut4, cut6). An end that does not answer is where it would be without.
 */
struct keeper;

enum {
	KEEPER_CUTS = 4096, /* at once: of more of them the ends are not told */
};

/* A flow of TCP that was ended. */
struct keeper_cut {
	struct addr client;
	struct addr to;
	struct addr server;
	uint32_t foreign; /* mark bits of others */
	uint32_t asked_s; /* when both ends were; 0: not yet */
	bool has_stamps;
};

struct keeper_cuts {
	struct keeper_cut *at; /* KEEPER_CUTS; NULL: there were none yet */
	unsigned count;
	struct inject inject;
};

int keeper_cuts_open(struct keeper_cuts *cuts);  /* 0 or -errno: then nobody is told */
void keeper_cuts_done(struct keeper_cuts *cuts); /* zeroed is fine */

/* Have both ends told, with the next keeper_cuts_tell(). */
void keeper_cuts_add(struct keeper_cuts *cuts, const struct keeper_cut *cut);

/* Tell those that were not told, and forget those that had time to answer. */
void keeper_cuts_tell(struct keeper *k);

#endif
