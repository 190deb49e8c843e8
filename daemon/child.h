#ifndef SHUNT_CHILD_H
#define SHUNT_CHILD_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

/*
 * One place among the keeper's children, and the life that is in it. A life ends
 * and another begins; what `alive` depends on is the place:
 *
 *   `alive` lasts for FIREWALL_ALIVE_MS from that moment since which every place
 *   has answered, in whichever life.
 *
 * So neither a death nor a birth changes anything by itself. As long as flows
 * are decided in between, be it by one life after the other, `fail` does not
 * take over: nobody lifts a divert by crashing children. A place that does not
 * answer any more lets `alive` run out, whatever the cause: it hangs, its lives
 * end before their first answer, or none can be started.
 *
 * Pure: times are those of clock_ms(), given by the caller.
 */
enum {
	CHILD_YOUNG_MS = 1000,      /* one that lived longer is replaced at once */
	CHILD_PAUSE_MS = 100,       /* before the next, when it ended young but had answered */
	CHILD_FIRST_PAUSE_MS = 250, /* when it had not: something is wrong. Doubles each time */
	CHILD_LONGEST_PAUSE_MS = 4000,
	CHILD_HANG_MS = 5000, /* one that answers nothing for so long is killed */
};

/* Zeroed at first. */
struct child {
	pid_t pid;           /* 0: no life just now */
	uint64_t started_ms; /* this life */
	uint64_t heard_ms;   /* its last answer, or its birth; later when it was pardoned */
	uint64_t proven_ms;  /* last answer of any life; 0: none yet */
	uint64_t due_ms;     /* when the next life may begin, while there is none */
	unsigned stillborn;  /* lives in a row without an answer, or that could not begin */
	bool has_answered;   /* this life */
	uint64_t restarts;
};

/* A life begins. */
void child_born(struct child *c, pid_t pid, uint64_t now_ms);

/* It was alive at at_ms; what is said of the future is not believed. */
void child_heard(struct child *c, uint64_t at_ms, uint64_t now_ms);

/* The life ended, or could not begin: the next is due at c->due_ms. */
void child_ended(struct child *c, uint64_t now_ms);

/* It lives, and has not answered for CHILD_HANG_MS. */
bool child_is_hung(const struct child *c, uint64_t now_ms);

#endif
