#ifndef SHUNT_CARRY_ASKER_H
#define SHUNT_CARRY_ASKER_H

#include <sys/queue.h>

#include "carry/exec.h"
#include "flow/question.h"
#include "loop/loop.h"

struct asked;
struct gate;

enum {
	ASKER_MOST_LINKS = 16, /* sniffers of one carrier */
	ASKER_TELL_MS = 500,   /* no sooner is it told again that a sniffer answered */
};

/* The way to one sniffer. */
struct asker_link {
	struct watch w; /* fd -1: the sniffer is dead and not yet replaced */
	struct gate *gate;
	uint64_t told_ms;  /* when gate.heard last told of an answer; 0: it has not answered yet */
	uint32_t asked;    /* questions and pings sent: each is answered, in that order */
	uint32_t expected; /* answers on their way */
	bool is_pinged;    /* a ping is on its way */
};

/* What becomes of a flow that was asked about. Each may end the flow, and free what is asked about. */
struct asked_kind {
	void (*again)(struct asked *a); /* ask now, if there is still something to ask about */
	void (*answer)(struct asked *a, const struct answer *answer);
	void (*lost)(struct asked *a); /* the sniffer died over this question */
};

/* A flow that is asked about: embedded in it. */
struct asked {
	TAILQ_ENTRY(asked) line; /* in asker.waiting, when is_in_line */
	const struct asked_kind *kind;
	struct exec_words exec; /* what programs say of it */
	uint32_t slot;          /* index + 1; 0: not asked */
	uint32_t size; /* bytes of the last question, the flow's to set; 0: to be asked anew */
	bool is_in_line;
};

/* A question on its way: answers name its place, and are believed only if the generation agrees. */
struct asker_slot {
	struct asked *asked; /* NULL: free */
	uint32_t generation;
	uint32_t order; /* which of the link's questions */
	uint16_t link;
	uint32_t next_free;
};

/* The carrier's side of all its sniffers. */
struct asker {
	struct asker_link links[ASKER_MOST_LINKS];
	unsigned link_count;
	unsigned turn; /* whose turn it is */
	struct asker_slot *slots;
	uint32_t slot_count;
	uint32_t first_free; /* index + 1; 0: none */
	/* could not be asked: sockets full, or no sniffer alive */
	TAILQ_HEAD(asked_line, asked) waiting;
};

void asker_init(struct asker *a);
void asker_done(struct asker *a);

/*
 * Use this socket for sniffer `index`: it is pinged, and then asked what waits in
 * line. What the one before it had been asked is asked again. 0 or -errno.
 *
 * When a sniffer ends over a question, only that one is to blame: the oldest
 * without an answer, and only if this sniffer had answered before, at least its
 * first ping. asked_kind.lost() hears of it. The others that were on their way are
 * asked again before it, and as often as need be.
 */
int asker_link_up(struct gate *g, unsigned index, int fd);

/* The same for a socket over which a ping was sent, answered or not yet. Nobody is asked yet. */
int asker_link_take(struct gate *g, unsigned index, int fd, bool has_answered);

/* Hang up on all sniffers, of whom no answer is wanted any more: the caller forgets or moves every
 * flow that was asked about. */
void asker_hang_up(struct gate *g);

/*
 * Ask about a flow. q: all but `flow` and the words of programs; kind 0 is QUESTION_FLOW. message: room for that header,
 * which is put there, and behind it q->size bytes. 0: asked. -EAGAIN: it waits in
 * line and asked_kind.again() is called when there is room. -ENOMEM.
 */
int asker_ask(struct gate *g, struct asked *asked, const struct question *q, uint8_t *message);

/* Forget a flow: its question, or its place in the line, and the words of programs. */
void asker_forget(struct gate *g, struct asked *asked);

/* Is a question on its way, or does it wait in line? */
static inline bool asked_is_pending(const struct asked *asked)
{
	return asked->slot || asked->is_in_line;
}

/* Ping every sniffer that is not being asked anyway. */
void asker_ping(struct gate *g);

#endif
