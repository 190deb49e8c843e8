#ifndef SHUNT_SPAWN_ONCE_H
#define SHUNT_SPAWN_ONCE_H

#include "kernel/program.h"
#include "spawn/job.h"

/*
 * A program that is run for one flow: the bytes on its standard input, then the
 * end; the name of its section on its standard output for yes, `more` for more.
 * What else it says, and an exit status other than 0, is no; a status above 1, a
 * signal, too much output or none in time is a failure.
 */
enum {
	ONCE_SAID_BYTES = 200,       /* of each output, for us; */
	ONCE_MOST_BYTES = 64 * 1024, /* of both, and it is ended */
	ONCE_CPU_S = 2,              /* more than the time that it has */
};

/* One that runs. Owned by the runner; it may outlive its job, until it was waited for. */
struct once {
	LIST_ENTRY(once) entry; /* in runner.runs */
	struct runner *runner;
	struct job *job; /* NULL: nobody waits for it any more */
	struct program program;
	struct watch out, err;
	size_t bytes; /* that it said */
	size_t out_size, err_size;
	char out_text[ONCE_SAID_BYTES]; /* NUL-terminated */
	char err_text[ONCE_SAID_BYTES];
};

/* Run it for this job. 0; -EAGAIN: not now, too many run; or another -errno. */
int once_start(struct job *job);

/* Nobody waits for it any more: end it. */
void once_kill(struct once *o);

/* It has ended. It is freed, and its job answered. */
void once_ended(struct once *o, int status);

/* Kill, close, free, without waiting: we end, too. */
void once_free(struct once *o);

#endif
