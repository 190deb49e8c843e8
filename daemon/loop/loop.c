/*
 * The epoll loop: watches, calls after the turn, and the run itself. Timers
 * live in timer.c. Nothing that a caller embedded is owned here.
 */
#include "loop/loop.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "base/clock.h"
#include "loop/timer_heap.h"

struct loop {
	int epoll_fd;
	bool is_stopping;
	uint64_t now_ms;
	struct timer_heap timers;
	struct later *first; /* calls due after this turn, in order */
	struct later **last;
	int fetched; /* events of this turn */
	struct epoll_event events[LOOP_BATCH];
};

int loop_new(struct loop **out)
{
	struct loop *l = calloc(1, sizeof *l);
	int err;

	if (!l)
		return -ENOMEM;
	l->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
	if (l->epoll_fd < 0) {
		err = -errno;
		free(l);
		return err;
	}
	l->last = &l->first;
	l->now_ms = clock_ms();
	*out = l;
	return 0;
}

void loop_free(struct loop *l)
{
	if (!l)
		return;
	(void)close(l->epoll_fd); /* nothing was written to it */
	timer_heap_done(&l->timers);
	free(l);
}

static int control(struct loop *l, int what, struct watch *w, uint32_t events)
{
	struct epoll_event e = { .events = events, .data.ptr = w };

	if (epoll_ctl(l->epoll_fd, what, w->fd, &e) < 0)
		return -errno;
	w->events = events;
	return 0;
}

int loop_watch(struct loop *l, struct watch *w)
{
	return control(l, EPOLL_CTL_ADD, w, w->events);
}

int loop_change(struct loop *l, struct watch *w, uint32_t events)
{
	return control(l, EPOLL_CTL_MOD, w, events);
}

void loop_closing(struct loop *l, struct watch *w)
{
	for (int i = 0; i < l->fetched; i++) {
		if (l->events[i].data.ptr == w)
			l->events[i].data.ptr = NULL;
	}
}

void loop_forget(struct loop *l, struct watch *w)
{
	loop_closing(l, w);
	if (w->fd >= 0)
		(void)epoll_ctl(l->epoll_fd, EPOLL_CTL_DEL, w->fd, NULL); /* not watched: fine */
}

int timer_arm(struct loop *l, struct timer *t, uint64_t at_ms)
{
	return timer_heap_set(&l->timers, t, at_ms);
}

void timer_disarm(struct loop *l, struct timer *t)
{
	timer_heap_remove(&l->timers, t);
}

void loop_later(struct loop *l, struct later *later)
{
	if (later->is_due)
		return;
	later->is_due = true;
	later->next = NULL;
	*l->last = later;
	l->last = &later->next;
}

uint64_t loop_now_ms(const struct loop *l)
{
	return l->now_ms;
}

void loop_stop(struct loop *l)
{
	l->is_stopping = true;
}

/* Only the calls that were due when the turn ended: a call that asks again waits a turn. */
static void call_later_ones(struct loop *l)
{
	struct later *later = l->first;
	struct later *next;

	l->first = NULL;
	l->last = &l->first;
	for (; later; later = next) {
		next = later->next;
		later->is_due = false;
		later->call(later); /* may free it */
	}
}

static void fire_timers(struct loop *l)
{
	struct timer *t;

	for (t = timer_heap_due(&l->timers, l->now_ms); t;
	     t = timer_heap_due(&l->timers, l->now_ms))
		t->fire(t);
}

static int wait_ms(const struct loop *l)
{
	uint64_t at_ms;

	if (l->first)
		return 0;
	if (!timer_heap_next(&l->timers, &at_ms))
		return -1;
	if (at_ms <= l->now_ms)
		return 0;
	return at_ms - l->now_ms > 3600000 ? 3600000 : (int)(at_ms - l->now_ms);
}

int loop_run(struct loop *l)
{
	int count;

	while (!l->is_stopping) {
		count = epoll_wait(l->epoll_fd, l->events, LOOP_BATCH, wait_ms(l));
		if (count < 0 && errno != EINTR)
			return -errno;
		l->fetched = count > 0 ? count : 0;
		l->now_ms = clock_ms();
		for (int i = 0; i < l->fetched; i++) {
			struct watch *w = l->events[i].data.ptr;

			if (w)
				w->ready(w, l->events[i].events);
		}
		l->fetched = 0;
		fire_timers(l);
		call_later_ones(l);
	}
	l->is_stopping = false; /* it may be run again */
	return 0;
}
