#ifndef SHUNT_LOOP_TIMER_HEAP_H
#define SHUNT_LOOP_TIMER_HEAP_H

#include "loop/loop.h"

/* A binary heap of embedded timers, the earliest on top: no wake-up that is not due. */
struct timer_heap {
	struct timer **at; /* from index 1 */
	size_t count;
	size_t room;
};

void timer_heap_done(struct timer_heap *h);

/* Put a timer in, or move it. 0, or -ENOMEM (then it is where it was). */
int timer_heap_set(struct timer_heap *h, struct timer *t, uint64_t at_ms);

/* Take it out; nothing happens when it is not in. */
void timer_heap_remove(struct timer_heap *h, struct timer *t);

/* Take out and return a timer that is due at now_ms, or NULL. */
struct timer *timer_heap_due(struct timer_heap *h, uint64_t now_ms);

/* The time of the earliest timer; false when there is none. */
bool timer_heap_next(const struct timer_heap *h, uint64_t *at_ms);

#endif
