#ifndef SHUNT_KERNEL_PROGRAM_H
#define SHUNT_KERNEL_PROGRAM_H

#include <sys/types.h>

#include "kernel/sandbox.h"

/* What a program that strangers' bytes are given to may use. */
enum {
	PROGRAM_MEMORY_MIB = 512, /* of addresses: interpreters reserve far more than they use */
	PROGRAM_FILES = 64,
	PROGRAM_PROCESSES = 256, /* of its user, whoever started them */
};

/* How it is run. Borrowed. */
struct program_terms {
	char *const *argv; /* ends in NULL; argv[0] is a path */
	char *const *env;  /* all of its environment; ends in NULL */
	struct sandbox_user user;
	unsigned cpu_s; /* processor time, after which the kernel ends it */
};

/* One that runs. Our ends of its standard input, output and error output: non-blocking,
 * close-on-exec; -1: closed. */
struct program {
	pid_t pid; /* also of its process group; 0: none */
	int in, out, err;
};

/*
 * Run it: in a session and process group of its own, in /, as that user without
 * a capability and without ways to get one, with bounds on all that it may use,
 * and with no descriptor but the three. It is killed when we end. What goes wrong
 * in the child before it is this program is written to its error output, and it
 * exits with 127. 0 or -errno: then nothing was started.
 */
int program_start(struct program *p, const struct program_terms *terms);

/* Kill it with its process group. It is still to be waited for. */
void program_kill(const struct program *p);

/* Close our ends. */
void program_close(struct program *p);

/* Has it ended? Then its process group goes, too, and *status is waitpid(2)'s; its number may be another's. */
bool program_wait(const struct program *p, int *status);

/*
 * Children of ours that are not our doing: a program's that left its group, and
 * whose parent is gone. Kill all that `is_known` denies. They are waited for when
 * none lives, or with is_late: until then they count as processes of their user, so
 * that those which do nothing but fork come to their limit, and to their end. False: some
 * live, look again soon. Where the kernel does not list children none is killed.
 */
bool program_end_strays(bool (*is_known)(void *arg, pid_t pid), void *arg, bool is_late);

/* We end: kill and wait for all children, and for theirs as they become ours, for so long at most. */
void program_end_all(unsigned most_ms);

#endif
