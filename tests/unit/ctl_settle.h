#ifndef SHUNT_UNIT_CTL_SETTLE_H
#define SHUNT_UNIT_CTL_SETTLE_H

/* For tests of ctl/ in which nothing is to come back: the loop turns until nothing is left to do. */
#include "ctl_talk.h"

static inline void count_turn(struct timer *t)
{
	struct world *w = container_of(t, struct world, soon);

	if (w->turns_left-- > 0)
		assert_int_equal(timer_arm(w->loop, t, clock_ms() + 1), 0);
	else
		loop_stop(w->loop);
}

/* Let the server do what there is to do. All of it is ready at once, so some turns are enough,
 * however slow the machine: no time is waited for. */
static inline void settle(struct world *w)
{
	w->turns_left = TALK_TURNS;
	w->soon.fire = count_turn;
	w->awaited = NULL;
	assert_int_equal(timer_arm(w->loop, &w->deadline, clock_ms() + TALK_MOST_MS), 0);
	assert_int_equal(timer_arm(w->loop, &w->soon, clock_ms() + 1), 0);
	assert_int_equal(loop_run(w->loop), 0);
}

#endif
