#ifndef SHUNT_LOOP_LOOP_H
#define SHUNT_LOOP_LOOP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * One epoll loop. It owns nothing: watches, timers and later-calls are embedded
 * in the objects that need them, and are found again with container_of().
 */
#define container_of(ptr, type, member) ((type *)(void *)((char *)(ptr)-offsetof(type, member)))

enum {
	LOOP_BATCH = 128, /* events fetched per turn */
};

struct loop;

/* A descriptor that is waited for. events and ready's events are EPOLL* bits. */
struct watch {
	int fd;
	uint32_t events;
	void (*ready)(struct watch *w, uint32_t events);
};

/* A deadline. Zero-initialise, set fire; index is the loop's. */
struct timer {
	uint64_t at_ms;
	size_t index; /* place in the heap, from 1; 0: not armed */
	void (*fire)(struct timer *t);
};

/* A call after the present turn: the only place where objects of the loop are freed. */
struct later {
	struct later *next;
	bool is_due;
	void (*call)(struct later *l);
};

/* 0 and a loop for loop_free(); -errno. */
int loop_new(struct loop **out);
void loop_free(struct loop *l);

/* Wait for w->fd; 0 or -errno. The watch must stay until loop_forget(). */
int loop_watch(struct loop *l, struct watch *w);

/* Change what is waited for (w->events is set); 0 or -errno. */
int loop_change(struct loop *l, struct watch *w, uint32_t events);

/* Stop waiting, and drop the events of w that this turn already fetched. fd is
 * not closed. Nothing happens when w is not watched. */
void loop_forget(struct loop *l, struct watch *w);

/* The same for a descriptor that is closed right after: the close itself ends the watch. */
void loop_closing(struct loop *l, struct watch *w);

/* Arm (or re-arm) a timer at a time of clock_ms(). 0, or -ENOMEM. */
int timer_arm(struct loop *l, struct timer *t, uint64_t at_ms);

/* Disarm; nothing happens when it is not armed. */
void timer_disarm(struct loop *l, struct timer *t);

/* Call l->call once, after this turn. Asking twice is asking once. */
void loop_later(struct loop *l, struct later *later);

/* The clock of this turn, in ms: read once after each wait. */
uint64_t loop_now_ms(const struct loop *l);

/* Run until loop_stop(); it may then be run again. 0 or -errno. */
int loop_run(struct loop *l);
void loop_stop(struct loop *l);

#endif
