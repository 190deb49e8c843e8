#ifndef SHUNT_SPAWN_TOOL_H
#define SHUNT_SPAWN_TOOL_H

#include "kernel/sandbox.h"
#include "policy/command.h"
#include "spawn/job.h"
#include "spawn/lines.h"

enum {
	TOOL_COMPLAIN_MS = 10000, /* one line of the log for each program in so long */
};

/* What the configuration says of one program. */
struct tool_terms {
	char name[RECORD_SECTION_BYTES];    /* of its section */
	char *argv[COMMAND_MOST_WORDS + 1]; /* ends in NULL; argv[0] is an absolute path; owned */
	struct sandbox_user user;
	bool is_lines; /* it is kept running, and asked line by line */
};

/* One program. Owned by the runner. */
struct tool {
	LIST_ENTRY(tool) entry; /* in runner.tools */
	struct runner *runner;
	struct tool_terms terms;
	struct lines lines;     /* with is_lines */
	uint64_t complained_ms; /* when the log heard of it last; 0: never */
	unsigned unsaid;        /* complaints since */
	int wanted;             /* scratch of runner_set() */
};

/* A program of these terms, whose words are the tool's from now on. NULL without memory, and they are not. */
struct tool *tool_new(struct runner *r, struct tool_terms *terms);

/* Are these the terms that it has? */
bool tool_is(const struct tool *t, const struct tool_terms *terms);

/* End the one that is kept running, if there is one. What it had been asked is asked again, of its next life. */
void tool_anew(struct tool *t);

/* It is another program from now on; the words are the tool's. */
void tool_change(struct tool *t, struct tool_terms *terms);

/* End it, and all jobs of it (SPAWN_FAILED); out of runner.tools. */
void tool_free(struct tool *t);

void tool_terms_done(struct tool_terms *terms);

/* The log hears of a failure of this program, but not of each. `said`: what it wrote to its error output;
 * shown as far as a log may show it. */
void tool_complain(struct tool *t, const char *said, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

#endif
