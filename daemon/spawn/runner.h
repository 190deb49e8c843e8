#ifndef SHUNT_SPAWN_RUNNER_H
#define SHUNT_SPAWN_RUNNER_H

#include "spawn/once.h"
#include "spawn/tool.h"

/*
 * What runs programs for those who ask, and how much of it. Requests that cannot
 * be served at once wait in line, for SPAWN_QUEUE_MS at most: RUNNER_MOST_WAITING of
 * them for programs that are run for one flow, and as many for each that is kept
 * running. Beyond that, and whatever a program does, the answer is SPAWN_FAILED.
 */
enum {
	RUNNER_MOST_ONCE = 16,     /* programs for one flow each, at a time */
	RUNNER_MOST_WAITING = 256, /* requests */
	RUNNER_LOOK_MS = 5,        /* those that were left behind and killed have ended by then */
	RUNNER_HAUNTED_MS = 2000,  /* one that cannot be killed is waited for no longer */
};

struct runner {
	struct loop *loop;
	LIST_HEAD(, tool) tools;
	LIST_HEAD(, job) jobs;
	LIST_HEAD(, once) runs;
	struct job_line waiting;
	unsigned waiting_count;
	unsigned once_count;
	struct timer strays; /* what programs left behind is looked at again */
	uint64_t haunted_ms; /* since when some of it lives on; 0: none */
	bool is_pumping;
	/* the owner's to set: a request of this asker's has its answer. Must not call the runner */
	void (*answered)(struct runner *r, void *asker, uint64_t id, enum spawn_word word);
};

/* No program yet; zeroed, `answered` set. */
void runner_init(struct runner *r, struct loop *loop);

/* Kill and free all. */
void runner_done(struct runner *r);

/* These are the programs from now on. One whose terms are as before goes on; the words of `terms` are the
 * runner's afterwards, come what may. 0, or -ENOMEM: then it is as before. */
int runner_set(struct runner *r, struct tool_terms *terms, size_t count);

/* Those that are kept running are started anew. */
void runner_anew(struct runner *r);

/* A sane request. It is answered once, now or later, unless runner_forget() comes first. */
void runner_ask(struct runner *r, void *asker, const struct spawn_request *q, struct span bytes);

/* This asker is gone. */
void runner_forget(struct runner *r, const void *asker);

/* SIGCHLD: see who ended. */
void runner_reap(struct runner *r);

/* Serve those in line as far as can be; called when something became free. */
void runner_pump(struct runner *r);

#endif
