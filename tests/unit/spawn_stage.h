#ifndef SHUNT_UNIT_SPAWN_STAGE_H
#define SHUNT_UNIT_SPAWN_STAGE_H

#include <signal.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/log.h"
#include "loop/signals.h"
#include "spawn/runner.h"
#include "unit.h"

enum {
	MOST_ANSWERS = 512,
	PATIENCE_MS = 10000,
};

/* A runner, and one who asks. */
struct stage {
	struct runner runner;
	struct loop *loop;
	struct signals signals;
	struct timer stop;
	enum spawn_word words[MOST_ANSWERS]; /* by id; 0: no answer yet */
	unsigned answers, wanted;
	bool is_late;
};

static inline void answered(struct runner *r, void *asker, uint64_t id, enum spawn_word word)
{
	struct stage *s = container_of(r, struct stage, runner);

	assert_ptr_equal(asker, s);
	assert_true(id < MOST_ANSWERS);
	assert_int_equal(s->words[id], 0); /* once */
	s->words[id] = word;
	if (++s->answers == s->wanted)
		loop_stop(s->loop);
}

static inline void caught(struct signals *signals, int number)
{
	assert_int_equal(number, SIGCHLD);
	runner_reap(&container_of(signals, struct stage, signals)->runner);
}

static inline void stop_fires(struct timer *t)
{
	struct stage *s = container_of(t, struct stage, stop);

	s->is_late = true;
	loop_stop(s->loop);
}

/* Run until there are so many answers. */
static inline void await(struct stage *s, unsigned count)
{
	s->wanted = count;
	s->is_late = false;
	if (s->answers >= count)
		return;
	assert_int_equal(timer_arm(s->loop, &s->stop, clock_ms() + PATIENCE_MS), 0);
	assert_int_equal(loop_run(s->loop), 0);
	assert_false(s->is_late);
	timer_disarm(s->loop, &s->stop);
}

static inline void pass(struct stage *s, uint64_t ms)
{
	s->wanted = 0;
	assert_int_equal(timer_arm(s->loop, &s->stop, clock_ms() + ms), 0);
	assert_int_equal(loop_run(s->loop), 0);
}

static inline int setup(void **state)
{
	static const int numbers[] = { SIGCHLD, 0 };
	struct stage *s = calloc(1, sizeof *s);

	assert_non_null(s);
	assert_int_equal(loop_new(&s->loop), 0);
	s->signals.caught = caught;
	s->stop.fire = stop_fires;
	assert_int_equal(signals_start(&s->signals, s->loop, numbers), 0);
	s->runner.answered = answered;
	runner_init(&s->runner, s->loop);
	pass(s, 0); /* the loop has a clock from now on */
	*state = s;
	return 0;
}

static inline int teardown(void **state)
{
	struct stage *s = *state;

	runner_done(&s->runner);
	signals_done(&s->signals);
	timer_disarm(s->loop, &s->stop);
	loop_free(s->loop);
	free(s);
	return 0;
}

#endif
