/* Requests on their way. */
#include "spawn/job.h"

#include <stdlib.h>

#include "spawn/runner.h"

static void leave_line(struct job *job)
{
	switch (job->state) {
	case JOB_WAITS:
		TAILQ_REMOVE(&job->runner->waiting, job, line);
		job->runner->waiting_count--;
		break;
	case JOB_TOLD:
		TAILQ_REMOVE(&job->tool->lines.told, job, line);
		job->tool->lines.told_count--;
		break;
	case JOB_RUNS:
		break;
	}
}

static void join_line(struct job *job, enum job_state state)
{
	job->state = state;
	switch (state) {
	case JOB_WAITS:
		TAILQ_INSERT_TAIL(&job->runner->waiting, job, line);
		job->runner->waiting_count++;
		break;
	case JOB_TOLD:
		TAILQ_INSERT_TAIL(&job->tool->lines.told, job, line);
		job->tool->lines.told_count++;
		break;
	case JOB_RUNS:
		break;
	}
}

static int set_timer(struct job *job, uint32_t most_ms)
{
	uint64_t at_ms = loop_now_ms(job->runner->loop) + most_ms;

	return timer_arm(job->runner->loop, &job->timer,
			 at_ms < job->ends_ms ? at_ms : job->ends_ms);
}

/* Too late in its present state. */
static void fires(struct timer *t)
{
	struct job *job = container_of(t, struct job, timer);

	switch (job->state) {
	case JOB_WAITS:
		tool_complain(job->tool, NULL, "too many wait for it: that is a no");
		break;
	case JOB_RUNS:
		tool_complain(job->tool, job->once->err_text,
			      "gave no answer in time and was ended");
		break;
	case JOB_TOLD:
		lines_let_pass(job);
		return;
	}
	job_end(job, SPAWN_FAILED);
}

struct job *job_new(struct runner *r, struct tool *tool, void *asker, const struct spawn_request *q,
		    struct span bytes)
{
	struct job *job = calloc(1, sizeof *job + bytes.size);

	if (!job)
		return NULL;
	job->runner = r;
	job->tool = tool;
	job->asker = asker;
	job->q = *q;
	job->ends_ms = loop_now_ms(r->loop) + q->within_ms;
	job->timer.fire = fires;
	if (bytes.size > 0)
		memcpy(job->bytes, bytes.data, bytes.size);
	if (set_timer(job, SPAWN_QUEUE_MS)) {
		free(job);
		return NULL;
	}
	LIST_INSERT_HEAD(&r->jobs, job, entry);
	join_line(job, JOB_WAITS);
	return job;
}

bool job_enter(struct job *job, enum job_state state, uint32_t most_ms)
{
	if (set_timer(job, most_ms))
		return false;
	leave_line(job);
	join_line(job, state);
	return true;
}

void job_drop(struct job *job)
{
	struct once *once = job->once;

	timer_disarm(job->runner->loop, &job->timer);
	leave_line(job);
	LIST_REMOVE(job, entry);
	if (once) {
		once->job = NULL;
		once_kill(once);
	}
	free(job);
}

void job_end(struct job *job, enum spawn_word word)
{
	job->runner->answered(job->runner, job->asker, job->q.id, word);
	job_drop(job);
}
