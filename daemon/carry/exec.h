#ifndef SHUNT_CARRY_EXEC_H
#define SHUNT_CARRY_EXEC_H

#include <sys/queue.h>

#include "flow/spawn.h"
#include "flow/table.h"
#include "loop/loop.h"

struct asked;
struct gate;

/*
 * What programs say of undecided flows. The sniffer asks for their words by
 * answer.exec_ask, shunt-spawn runs them, and the sniffer is asked again with each
 * word that came. Whatever keeps a program from answering is a no: there is no
 * shunt-spawn, too many are asked already, its time is over. A flow is given no
 * later than its `wait` ends.
 */
enum {
	EXEC_MOST_ASKED = 512, /* of one carrier, at a time: more than shunt-spawn keeps in line */
	EXEC_MOST_ROUNDS =
		8, /* a flow is asked about again this often because a program said more */
};

/* Of one flow: embedded in struct asked. Bits are probes of the table in force. */
struct exec_words {
	uint32_t yes, no;  /* for the next question to the sniffer */
	uint32_t told;     /* of these, the last question had */
	uint32_t waits;    /* being asked */
	uint32_t later;    /* said more: to be asked again when there are more bytes */
	uint16_t first;    /* of its places in struct exec: number + 1; 0: none */
	uint8_t rounds;    /* that it was asked again */
	bool is_again : 1; /* more was said of fewer bytes than the sniffer has seen since */
	bool is_whole : 1; /* the sniffer was shown all that there will be, but may still ask for words */
	bool is_over : 1; /* no further word is waited for: the next question is the last */
};

/* A question on its way. */
struct exec_place {
	TAILQ_ENTRY(exec_place) line; /* in exec.asked: the oldest first */
	struct asked *asked;          /* NULL: free, or the flow has no use for it any more */
	uint64_t ends_ms;
	uint32_t generation;
	uint16_t next;    /* of the same flow, or free: number + 1; 0: none */
	uint16_t counter; /* of the probe */
	uint32_t size;    /* asked->size at that time */
	uint8_t probe;
	bool is_datagram;
};

/* The way to shunt-spawn. */
struct exec {
	struct watch w; /* fd -1: it is not there */
	struct gate *gate;
	struct exec_place *places; /* EXEC_MOST_ASKED; NULL: never needed so far */
	uint16_t free;             /* number + 1; 0: none */
	TAILQ_HEAD(, exec_place) asked;
	struct timer late; /* the oldest has waited for too long */
	/* NULL, or tells the keeper that the connection is lost */
	void (*lost)(struct gate *g);
};

/* What is asked about. Borrowed. */
struct exec_about {
	uint8_t transport; /* enum question_transport */
	const struct addr *client;
	const struct addr *to;
	struct span
		bytes; /* the stream's first ones, or the first datagram; SPAWN_MOST_BYTES are used */
	uint64_t ends_ms; /* when the flow waits no longer */
};

void exec_init(struct gate *g);
void exec_done(struct gate *g);

/* Use this connection from now on, which is taken over: closed on failure. 0 or -errno. */
int exec_link_up(struct gate *g, int fd);

/*
 * Ask these probes for their words, but for those that are asked already. When a word comes,
 * asked->kind->again() is called. What cannot be asked is a no at once: exec_has_news().
 */
void exec_ask(struct gate *g, struct asked *asked, uint32_t probes, const struct exec_about *about);

/* No word is known or waited for any more. */
void exec_forget(struct gate *g, struct asked *asked);

/* Has a word come since the sniffer was asked, or may one come that it had no need of then? */
static inline bool exec_has_news(const struct exec_words *w)
{
	return (w->yes | w->no) != w->told || w->is_again;
}

/*
 * Of a flow of which there will be no more bytes: is the next question the last? Not
 * before the sniffer was asked whether it needs a word of this table's programs, unless there is no time.
 */
static inline bool exec_is_last(const struct exec_words *w, const struct table *t, bool is_late)
{
	return is_late || !t->exec_count || w->is_over;
}

#endif
