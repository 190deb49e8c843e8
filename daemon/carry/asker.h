#ifndef SHUNT_CARRY_ASKER_H
#define SHUNT_CARRY_ASKER_H

#include <sys/queue.h>

#include "flow/question.h"
#include "loop/loop.h"

struct gate;
struct tcp_session;

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

/* A question on its way: answers name its place, and are believed only if the generation agrees. */
struct asker_slot {
	struct tcp_session *session; /* NULL: free */
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
	TAILQ_HEAD(, tcp_session)
	waiting; /* could not be asked: sockets full, or no sniffer alive */
};

void asker_init(struct asker *a);
void asker_done(struct asker *a);

/*
 * Use this socket for sniffer `index`: it is pinged, and then asked what waits in
 * line. What the one before it had been asked is asked again. 0 or -errno.
 *
 * When a sniffer ends over a question, only that one is to blame: the oldest
 * without an answer, and only if this sniffer had answered before, at least its
 * first ping. tcp_hold_lost() hears of it. The others that were on their way are
 * asked again before it, and as often as need be.
 */
int asker_link_up(struct gate *g, unsigned index, int fd);

/* The same for a socket over which a ping was sent, answered or not yet. Nobody is asked yet. */
int asker_link_take(struct gate *g, unsigned index, int fd, bool has_answered);

/* Hang up on all sniffers, of whom no answer is wanted any more: the caller forgets or moves every
 * session that was asked about. */
void asker_hang_up(struct gate *g);

/*
 * Ask about a session. message: room for the header, which this fills in, and
 * behind it `size` bytes of the stream. 0: asked. -EAGAIN: the session waits in
 * line and tcp_hold_ask() is called when there is room. -ENOMEM.
 */
int asker_ask(struct gate *g, struct tcp_session *s, uint8_t *message, size_t size);

/* Forget a session: its question, or its place in the line. */
void asker_forget(struct gate *g, struct tcp_session *s);

/* Ping every sniffer that is not being asked anyway. */
void asker_ping(struct gate *g);

#endif
