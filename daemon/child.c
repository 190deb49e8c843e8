/* One place among the keeper's children, and the life that is in it. */
#include "child.h"

void child_born(struct child *c, pid_t pid, uint64_t now_ms)
{
	c->pid = pid;
	c->started_ms = now_ms;
	c->heard_ms = now_ms;
	c->has_answered = false;
}

void child_heard(struct child *c, uint64_t at_ms, uint64_t now_ms)
{
	if (at_ms > now_ms)
		at_ms = now_ms;
	if (at_ms > c->heard_ms)
		c->heard_ms = at_ms;
	if (at_ms > c->proven_ms)
		c->proven_ms = at_ms;
	if (at_ms < c->started_ms)
		return; /* the life before had said it */
	c->has_answered = true;
	c->stillborn = 0;
}

static uint64_t pause_ms(const struct child *c, uint64_t now_ms)
{
	uint64_t pause = CHILD_FIRST_PAUSE_MS;

	if (c->stillborn == 0)
		return now_ms - c->started_ms < CHILD_YOUNG_MS ? CHILD_PAUSE_MS : 0;
	for (unsigned i = 1; i < c->stillborn && pause < CHILD_LONGEST_PAUSE_MS; i++)
		pause *= 2;
	return pause < CHILD_LONGEST_PAUSE_MS ? pause : CHILD_LONGEST_PAUSE_MS;
}

void child_ended(struct child *c, uint64_t now_ms)
{
	if (!c->pid || !c->has_answered)
		c->stillborn++;
	c->due_ms = now_ms + pause_ms(c, now_ms);
	c->pid = 0;
}

bool child_is_hung(const struct child *c, uint64_t now_ms)
{
	return c->pid > 0 && c->heard_ms + CHILD_HANG_MS <= now_ms;
}
