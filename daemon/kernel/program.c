/* Programs of others: what they are run with, and how they are ended. */
#include "kernel/program.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/fault.h"

enum {
	CANNOT_RUN = 127,     /* as a shell has it */
	MOST_CHILDREN = 1024, /* that are seen at a time */
	PID_TEXT_BYTES = 11,  /* each, with a blank */
};

/* --- in the child --- */

/* A lower one that we ourselves are under stays: nobody without CAP_SYS_RESOURCE could raise it. */
static int limit(int what, rlim_t most)
{
	struct rlimit r;

	if (getrlimit(what, &r) == 0 && r.rlim_max < most)
		most = r.rlim_max;
	r = (struct rlimit){ .rlim_cur = most, .rlim_max = most };
	return setrlimit(what, &r) < 0 ? -errno : 0;
}

static int set_limits(unsigned cpu_s)
{
	int err = limit(RLIMIT_CORE, 0);

	if (!err)
		err = limit(RLIMIT_CPU, cpu_s);
	if (!err)
		err = limit(RLIMIT_AS, (rlim_t)PROGRAM_MEMORY_MIB << 20);
	if (!err)
		err = limit(RLIMIT_NOFILE, PROGRAM_FILES);
	if (!err)
		err = limit(RLIMIT_NPROC, PROGRAM_PROCESSES);
	return err;
}

static void default_signals(void)
{
	sigset_t none;

	for (int i = 1; i < NSIG; i++)
		(void)signal(i, SIG_DFL); /* fails for those that cannot be changed */
	sigemptyset(&none);
	(void)sigprocmask(SIG_SETMASK, &none, NULL); /* cannot fail */
}

/* ends: what are to become 0, 1 and 2; all of them above 2. */
static int take_ends(const int ends[3])
{
	for (int i = 0; i < 3; i++)
		if (dup2(ends[i], i) < 0)
			return -errno;
	sandbox_close_others((const int[]){ STDIN_FILENO, STDOUT_FILENO }, 2);
	return 0;
}

static int wall_in(const struct program_terms *terms, struct fault *fault)
{
	int err;

	(void)setsid(); /* we were just forked: cannot fail */
	default_signals();
	(void)umask(022);
	if (chdir("/") < 0)
		return fault_set(fault, -errno, "cannot go to /: %s", strerror(errno));
	err = set_limits(terms->cpu_s);
	if (err)
		return fault_set(fault, err, "cannot set its limits: %s", strerror(-err));
	err = sandbox_become(&terms->user, fault);
	if (err)
		return err;
	/* only now: another user's credentials take it away */
	return prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0) < 0
		       ? fault_set(fault, -errno, "prctl failed")
		       : 0;
}

static _Noreturn void run(const struct program_terms *terms, const int ends[3], pid_t parent)
{
	struct fault fault = { 0 };

	if (take_ends(ends))
		_exit(CANNOT_RUN);
	if (wall_in(terms, &fault) == 0) {
		if (getppid() != parent)
			_exit(CANNOT_RUN); /* it ended before we could have noticed */
		(void)execve(terms->argv[0], terms->argv, terms->env);
		(void)fault_set(&fault, -errno, "cannot run: %s", strerror(errno));
	}
	(void)dprintf(STDERR_FILENO, "%s\n", fault.text); /* whoever reads there logs it */
	_exit(CANNOT_RUN);
}

/* --- in the parent --- */

static void close_all(int *fds, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		if (fds[i] >= 0)
			(void)close(fds[i]); /* pipes: nothing to be lost but what nobody wants */
		fds[i] = -1;
	}
}

/* Make a pipe whose both ends have numbers above 2, ours (1: the writing one) non-blocking. */
static int make_pipe(int fds[2], int ours)
{
	int made[2];
	int err = 0;

	if (pipe2(made, O_CLOEXEC) < 0)
		return -errno;
	for (int i = 0; i < 2; i++) {
		fds[i] = fcntl(made[i], F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
		if (fds[i] < 0 && !err)
			err = -errno;
	}
	close_all(made, 2);
	if (!err && fcntl(fds[ours], F_SETFL, O_NONBLOCK) < 0)
		err = -errno;
	return err;
}

int program_start(struct program *p, const struct program_terms *terms)
{
	int in[2] = { -1, -1 }, out[2] = { -1, -1 }, errors[2] = { -1, -1 };
	pid_t parent = getpid();
	pid_t pid = 0;
	int err;

	err = make_pipe(in, 1);
	if (!err)
		err = make_pipe(out, 0);
	if (!err)
		err = make_pipe(errors, 0);
	if (!err) {
		pid = fork();
		if (pid == 0)
			run(terms, (const int[]){ in[0], out[1], errors[1] }, parent);
		if (pid < 0)
			err = -errno;
	}
	if (!err) {
		*p = (struct program){ .pid = pid, .in = in[1], .out = out[0], .err = errors[0] };
		in[1] = out[0] = errors[0] = -1;
	}
	close_all(in, 2);
	close_all(out, 2);
	close_all(errors, 2);
	return err;
}

void program_kill(const struct program *p)
{
	if (p->pid <= 0)
		return;
	(void)kill(-p->pid, SIGKILL); /* there is no such group yet when it has just begun: */
	(void)kill(p->pid, SIGKILL);  /* then this one does it; it may have ended: fine */
}

void program_close(struct program *p)
{
	int fds[] = { p->in, p->out, p->err };

	close_all(fds, 3);
	p->in = p->out = p->err = -1;
}

/* --- what programs leave behind --- */

static bool has_ended(pid_t pid)
{
	siginfo_t info = { 0 };

	return waitid(P_PID, (id_t)pid, &info, WEXITED | WNOHANG | WNOWAIT) == 0 &&
	       info.si_pid == pid;
}

/* Our children, as far as there is room. How many, or -1: the kernel does not list them. */
static int list_children(pid_t pids[static MOST_CHILDREN])
{
	char text[MOST_CHILDREN * PID_TEXT_BYTES + 1];
	size_t size = 0;
	ssize_t got = 1;
	char *at = text;
	int count = 0;
	int file;

	/* one thread: its number is the process's */
	(void)snprintf(text, sizeof text, "/proc/self/task/%d/children", (int)getpid());
	file = open(text, O_RDONLY | O_CLOEXEC);
	if (file < 0)
		return -1;
	while (got > 0 && size < sizeof text - 1) {
		got = read(file, text + size, sizeof text - 1 - size);
		size += got > 0 ? (size_t)got : 0;
	}
	(void)close(file); /* only read from */
	text[size] = '\0';
	while (count < MOST_CHILDREN) {
		char *end;
		long pid = strtol(at, &end, 10);

		/* the last one may be cut: it is another time's */
		if (end == at || *end != ' ')
			break;
		at = end;
		pids[count++] = (pid_t)pid;
	}
	return count;
}

/* Those that have ended, where there is no list. */
static void bury_unlisted(bool (*is_known)(void *arg, pid_t pid), void *arg)
{
	siginfo_t info;

	do {
		info = (siginfo_t){ 0 };
		if (waitid(P_ALL, 0, &info, WEXITED | WNOHANG | WNOWAIT) < 0 || !info.si_pid ||
		    is_known(arg, info.si_pid))
			return;
	} while (waitpid(info.si_pid, NULL, WNOHANG) > 0);
}

bool program_end_strays(bool (*is_known)(void *arg, pid_t pid), void *arg, bool is_late)
{
	pid_t pids[MOST_CHILDREN];
	int count = list_children(pids);
	bool is_alive = false;

	if (count < 0)
		bury_unlisted(is_known, arg);
	for (int i = 0; i < count; i++) {
		if (is_known(arg, pids[i])) {
			pids[i] = 0;
		} else if (!has_ended(pids[i])) {
			(void)kill(pids[i], SIGKILL); /* it may just end */
			is_alive = true;
		}
	}
	for (int i = 0; i < count && (is_late || !is_alive); i++)
		if (pids[i] > 0)
			(void)waitpid(pids[i], NULL, WNOHANG); /* one that lives: another time */
	return !is_alive;
}

static bool is_none(void *arg, pid_t pid)
{
	(void)arg;
	(void)pid;
	return false;
}

void program_end_all(unsigned most_ms)
{
	const struct timespec pause = { .tv_nsec = 2 * 1000 * 1000 };
	uint64_t ends_ms = clock_ms() + most_ms;

	do {
		if (program_end_strays(is_none, NULL, false) && waitpid(-1, NULL, WNOHANG) < 0)
			return;                /* there is none left */
		(void)nanosleep(&pause, NULL); /* a signal may cut it short: fine */
	} while (clock_ms() < ends_ms);
}

bool program_wait(const struct program *p, int *status)
{
	if (p->pid <= 0 || !has_ended(p->pid))
		return false;
	program_kill(p); /* its group, while the number is still its own */
	return waitpid(p->pid, status, WNOHANG) == p->pid;
}
