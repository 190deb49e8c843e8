#ifndef SHUNT_SPAWN_LINES_H
#define SHUNT_SPAWN_LINES_H

#include "kernel/program.h"
#include "spawn/job.h"

/*
 * A program that is kept running. It is asked a line on its standard input,
 *   NUMBER TRANSPORT CLIENT TO HEX
 * and answers one on its standard output, in any order:
 *   NUMBER yes|no|more
 * It is started when it is needed first, and again after its end, later each time
 * that it ends without having answered. One that says what is no answer is ended,
 * as is one that leaves LINES_MOST_SILENT questions in a row without any for as
 * long as it may take. Flows that have less time than that to wait are no fault of its.
 */
enum {
	LINES_MOST_TOLD = 64,       /* questions without an answer, at a time */
	LINES_MOST_SILENT = 4,      /* that it let pass, one after the other */
	LINES_ANSWER_BYTES = 64,    /* of the longest line that it may say */
	LINES_CPU_S = 3600,         /* processor time of one life */
	LINES_FIRST_PAUSE_MS = 250, /* before the next life; doubles while none answers */
	LINES_LONGEST_PAUSE_MS = 8000,
	LINES_PATIENT_MS =
		500, /* a pause that requests wait for; a longer one answers them at once */
	LINES_QUESTION_BYTES = 2 * SPAWN_MOST_BYTES + 2 * ADDR_TEXT_BYTES + 64,
	LINES_SAID_BYTES = 200, /* of its error output, for the log */
};

struct lines {
	struct program program; /* pid 0: does not run */
	struct watch in, out, err;
	struct timer pause; /* until its next life may begin */
	struct job_line told;
	unsigned told_count;
	uint64_t number;    /* of the last question, over all lives */
	uint64_t answers;   /* in this life, */
	uint64_t asked;     /* and questions */
	unsigned silent;    /* questions in a row that were not answered in time */
	unsigned stillborn; /* lives in a row without an answer */
	uint64_t due_ms;    /* no life before */
	unsigned owed;      /* questions without an answer, but for those that counted as silence */
	uint64_t quiet_ms;  /* since when it owes some and has said nothing */
	size_t unsent_at, unsent_size;
	size_t got_size;
	bool is_ending;                    /* killed, not yet waited for */
	char got[LINES_ANSWER_BYTES];      /* a line that is not whole yet */
	char said[LINES_SAID_BYTES];       /* NUL-terminated */
	char unsent[LINES_QUESTION_BYTES]; /* the end of a question */
};

struct tool;

/* No life yet. */
void lines_init(struct tool *t);

/* Ask it, starting it when need be. 0; -EAGAIN: not now, later; another -errno: it cannot be asked. */
int lines_tell(struct job *job);

/* It did not answer this one in time. */
void lines_let_pass(struct job *job);

/* Its life is over. */
void lines_ended(struct tool *t, int status);

/* End it without a word; it may be asked again. Its jobs are the caller's to see to. */
void lines_stop(struct tool *t);

#endif
