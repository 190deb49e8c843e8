/* The timers of a loop. */
#include "loop/timer_heap.h"

#include <errno.h>
#include <stdlib.h>

enum {
	FIRST_ROOM = 64,
};

void timer_heap_done(struct timer_heap *h)
{
	free(h->at);
	*h = (struct timer_heap){ 0 };
}

static void place(struct timer_heap *h, size_t index, struct timer *t)
{
	h->at[index] = t;
	t->index = index;
}

static void sift_up(struct timer_heap *h, struct timer *t)
{
	size_t i = t->index;

	for (; i > 1 && h->at[i / 2]->at_ms > t->at_ms; i /= 2)
		place(h, i, h->at[i / 2]);
	place(h, i, t);
}

static void sift_down(struct timer_heap *h, struct timer *t)
{
	size_t i = t->index;

	for (size_t child = 2 * i; child <= h->count; child = 2 * i) {
		if (child < h->count && h->at[child + 1]->at_ms < h->at[child]->at_ms)
			child++;
		if (h->at[child]->at_ms >= t->at_ms)
			break;
		place(h, i, h->at[child]);
		i = child;
	}
	place(h, i, t);
}

static int make_room(struct timer_heap *h)
{
	size_t room = h->room ? 2 * h->room : FIRST_ROOM;
	struct timer **at;

	if (h->count + 1 < h->room)
		return 0;
	at = reallocarray(h->at, room, sizeof(struct timer *));
	if (!at)
		return -ENOMEM;
	h->at = at;
	h->room = room;
	return 0;
}

int timer_heap_set(struct timer_heap *h, struct timer *t, uint64_t at_ms)
{
	if (!t->index) {
		if (make_room(h))
			return -ENOMEM;
		h->count++;
		place(h, h->count, t);
	}
	t->at_ms = at_ms;
	sift_up(h, t);
	sift_down(h, t);
	return 0;
}

void timer_heap_remove(struct timer_heap *h, struct timer *t)
{
	struct timer *last;

	if (!t->index)
		return;
	last = h->at[h->count];
	h->count--;
	if (last != t) {
		place(h, t->index, last);
		sift_up(h, last);
		sift_down(h, last);
	}
	t->index = 0;
}

struct timer *timer_heap_due(struct timer_heap *h, uint64_t now_ms)
{
	struct timer *t = h->count ? h->at[1] : NULL;

	if (!t || t->at_ms > now_ms)
		return NULL;
	timer_heap_remove(h, t);
	return t;
}

bool timer_heap_next(const struct timer_heap *h, uint64_t *at_ms)
{
	if (!h->count)
		return false;
	*at_ms = h->at[1]->at_ms;
	return true;
}
