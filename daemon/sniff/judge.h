#ifndef SHUNT_SNIFF_JUDGE_H
#define SHUNT_SNIFF_JUDGE_H

#include "flow/question.h"
#include "policy/route_index.h"
#include "sniff/first_bytes.h"
#include "sniff/plugins.h"
#include "wire/wire.h"

/* All that the eyes know: the configuration, its routes, and which of these are open. Borrowed; the
 * keeper sets the last of them while it is read, nothing else changes. */
struct judge {
	const struct config *config;
	const struct route_index *index;
	const volatile uint64_t *open; /* as struct route_query has it */
	struct proto_set definite;     /* recognisers whose bytes cannot be another's */
	struct first_bytes first;
	struct plugins *plugins; /* of probes; NULL: none are loaded, and those fit nothing */
};

/* Make one that borrows these; there is nothing to be undone. `open` may be NULL. */
void judge_init(struct judge *j, const struct config *config, const struct route_index *index,
		const volatile uint64_t *open);

/* Whose recognisers are asked: WIRE_TCP or WIRE_UDP. */
static inline unsigned judge_transport(const struct question *q)
{
	return q->transport == QUESTION_UDP ? WIRE_UDP : WIRE_TCP;
}

/* What the eyes make of a flow's first bytes. */
struct judgement {
	bool is_more;      /* undecided: only `wanted` and `exec_ask` are of use */
	size_t wanted;     /* asking again with fewer bytes in all is of no use, */
	uint32_t exec_ask; /* unless it is with the word of one of these probes, one bit each */
	int protocol;      /* wire id of the recogniser that routes of the divert named, or -1 */
	int named;         /* the same, or of one that merely lends its name; -1: nobody knows it */
	int route;         /* index into config.routes, or -1: the divert's `unknown` */
	unsigned cut;      /* regexes that were given up at a limit on the way there */
	struct wire_hints hints; /* of `named`; its spans are part of the bytes */
};

/*
 * Judge one question: which protocol these bytes begin, which route wins. Pure:
 * no state between calls, no allocation, no system call. `bytes` is the whole
 * prefix so far, of a stream or of a run of datagrams (base/datagrams.h), and only
 * recognisers of its transport are asked. Only those that routes of the divert
 * name decide; the others merely lend an unrouted flow their name. More is wanted
 * only as long as an undecided recogniser could still win and the question is not
 * final.
 */
void judge_weigh(const struct judge *j, const struct question *q, struct span bytes,
		 struct judgement *out);

/* What is asked of the routes for a flow that was judged so; its spans are part of `is`. */
struct route_query judge_query(const struct judge *j, const struct question *q,
			       const struct judgement *is);

/* Put a decision into an answer: this route, or ANSWER_ROUTE_*, and where it leads. */
void judge_put_target(struct answer *out, uint16_t route, const struct target *target);

/* The same as the answer that goes back to the hands. */
void judge_answer(const struct judge *j, const struct question *q, struct span bytes,
		  struct answer *out);

#endif
