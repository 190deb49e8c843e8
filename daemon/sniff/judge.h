#ifndef SHUNT_SNIFF_JUDGE_H
#define SHUNT_SNIFF_JUDGE_H

#include "flow/question.h"
#include "policy/route_index.h"

/* All that the eyes know: the configuration and its routes. Borrowed, never changed. */
struct judge {
	const struct config *config;
	const struct route_index *index;
};

/*
 * Judge one question: which protocol these bytes begin, which route wins. Pure:
 * no state between calls, no allocation, no system call. `bytes` is the whole
 * prefix so far. Only the recognisers that routes of the divert name decide;
 * the others merely lend an unrouted flow their name. ANSWER_MORE only as long
 * as an undecided recogniser could still win and the question is not final.
 */
void judge_answer(const struct judge *j, const struct question *q, struct span bytes,
		  struct answer *out);

#endif
