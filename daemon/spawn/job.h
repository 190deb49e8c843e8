#ifndef SHUNT_SPAWN_JOB_H
#define SHUNT_SPAWN_JOB_H

#include <sys/queue.h>

#include "base/span.h"
#include "flow/spawn.h"
#include "loop/loop.h"

struct once;
struct runner;
struct tool;

TAILQ_HEAD(job_line, job);

/* Where a job is. */
enum job_state {
	JOB_WAITS, /* in runner.waiting */
	JOB_RUNS,  /* a program runs for it alone: once.h */
	JOB_TOLD,  /* in tool.lines.told */
};

/* One request, until it is answered. Owned by the runner. */
struct job {
	LIST_ENTRY(job) entry; /* in runner.jobs */
	TAILQ_ENTRY(job) line; /* JOB_WAITS, JOB_TOLD */
	struct runner *runner;
	struct tool *tool;
	struct once *once;  /* JOB_RUNS */
	void *asker;        /* whom to answer */
	struct timer timer; /* its present state may last no longer */
	uint64_t ends_ms;   /* an answer is of no use later */
	uint64_t number;    /* JOB_TOLD: in its line */
	enum job_state state;
	struct spawn_request q;
	uint8_t bytes[]; /* q.size */
};

/* A new one, which waits: the last in line. NULL without memory. */
struct job *job_new(struct runner *r, struct tool *tool, void *asker, const struct spawn_request *q,
		    struct span bytes);

/* It goes on to that state, in which it may be for so long. False: no memory, and nothing has changed. */
bool job_enter(struct job *job, enum job_state state, uint32_t most_ms);

/* Answer and free it, and end what runs for it. */
void job_end(struct job *job, enum spawn_word word);

/* The same without an answer: there is nobody to hear it. */
void job_drop(struct job *job);

#endif
