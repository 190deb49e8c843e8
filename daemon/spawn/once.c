/* Programs that are run for one flow each. */
#include "spawn/once.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/wait.h>
#include <unistd.h>

#include "spawn/runner.h"

enum {
	READ_BYTES = 4096, /* at once: others have their turn, too */
	ENV_BYTES = RECORD_SECTION_BYTES + 32,
};

static void close_watch(struct once *o, struct watch *w, int *fd)
{
	if (w->fd < 0)
		return;
	loop_forget(o->runner->loop, w);
	(void)close(w->fd); /* only read from */
	w->fd = -1;
	*fd = -1;
}

/* Keep the beginning of what it says. How much was read; 0: nothing for now; -EPIPE: it is over. */
static ssize_t listen_to(int fd, char *text, size_t *size)
{
	char room[READ_BYTES];
	ssize_t got = read(fd, room, sizeof room);
	size_t kept;

	if (got < 0)
		return errno == EAGAIN || errno == EINTR ? 0 : -EPIPE;
	if (got == 0)
		return -EPIPE;
	kept = (size_t)got < ONCE_SAID_BYTES - 1 - *size ? (size_t)got
							 : ONCE_SAID_BYTES - 1 - *size;
	memcpy(text + *size, room, kept);
	*size += kept;
	text[*size] = '\0';
	return got;
}

static void too_much(struct once *o)
{
	struct job *job = o->job;

	if (!job) {
		once_kill(o);
		return;
	}
	tool_complain(job->tool, o->err_text, "said too much and was ended");
	job_end(job, SPAWN_FAILED); /* and it is killed */
}

static void hear(struct once *o, struct watch *w, int *fd, char *text, size_t *size)
{
	ssize_t got = listen_to(w->fd, text, size);

	if (got < 0) {
		close_watch(o, w, fd);
		return;
	}
	o->bytes += (size_t)got;
	if (o->bytes > ONCE_MOST_BYTES)
		too_much(o);
}

static void out_ready(struct watch *w, uint32_t events)
{
	struct once *o = container_of(w, struct once, out);

	(void)events;
	hear(o, w, &o->program.out, o->out_text, &o->out_size);
}

static void err_ready(struct watch *w, uint32_t events)
{
	struct once *o = container_of(w, struct once, err);

	(void)events;
	hear(o, w, &o->program.err, o->err_text, &o->err_size);
}

static int run(struct once *o, const struct tool *tool, const struct spawn_request *q)
{
	char probe[ENV_BYTES], transport[ENV_BYTES], client[ENV_BYTES], to[ENV_BYTES];
	char path[] = "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
	char *const env[] = { path, probe, transport, client, to, NULL };
	const struct program_terms terms = {
		.argv = tool->terms.argv, .env = env, .user = tool->terms.user, .cpu_s = ONCE_CPU_S
	};
	char text[ADDR_TEXT_BYTES];

	/* they fit: ENV_BYTES */
	(void)snprintf(probe, sizeof probe, "SHUNT_PROBE=%s", tool->terms.name);
	(void)snprintf(transport, sizeof transport, "SHUNT_TRANSPORT=%s",
		       flow_transport_text(q->transport));
	(void)snprintf(client, sizeof client, "SHUNT_CLIENT=%s", addr_text(&q->client, text));
	(void)snprintf(to, sizeof to, "SHUNT_TO=%s", addr_text(&q->to, text));
	return program_start(&o->program, &terms);
}

static int watch_output(struct once *o)
{
	int err;

	o->out = (struct watch){ .fd = o->program.out, .events = EPOLLIN, .ready = out_ready };
	o->err = (struct watch){ .fd = o->program.err, .events = EPOLLIN, .ready = err_ready };
	err = loop_watch(o->runner->loop, &o->out);
	return err ? err : loop_watch(o->runner->loop, &o->err);
}

int once_start(struct job *job)
{
	struct runner *r = job->runner;
	struct once *o;
	int err;

	if (r->once_count >= RUNNER_MOST_ONCE)
		return -EAGAIN;
	o = calloc(1, sizeof *o);
	if (!o || !job_enter(job, JOB_RUNS, SPAWN_MOST_MS)) {
		free(o);
		return -ENOMEM;
	}
	o->runner = r;
	err = run(o, job->tool, &job->q);
	if (err) {
		free(o);
		return err == -EAGAIN ? -ENOMEM
				      : err; /* no process to be had: not a matter of turns */
	}
	LIST_INSERT_HEAD(&r->runs, o, entry);
	r->once_count++;
	o->job = job;
	job->once = o;
	/* an empty pipe has room for it; when the program has gone its end tells */
	(void)!write(o->program.in, job->bytes, job->q.size);
	(void)close(o->program.in);
	o->program.in = -1;
	return watch_output(o); /* whoever ends the job ends the program */
}

void once_kill(struct once *o)
{
	close_watch(o, &o->out, &o->program.out);
	close_watch(o, &o->err, &o->program.err);
	program_kill(&o->program);
}

static void drain(int fd, char *text, size_t *size)
{
	while (fd >= 0 && *size < ONCE_SAID_BYTES - 1 && listen_to(fd, text, size) > 0)
		;
}

/* What it said, without the white space behind. */
static enum spawn_word word_of(const struct once *o)
{
	size_t size = o->out_size;

	while (size > 0 && memchr(" \t\r\n", o->out_text[size - 1], 4))
		size--;
	if (size == strlen(o->job->tool->terms.name) &&
	    memcmp(o->out_text, o->job->tool->terms.name, size) == 0)
		return SPAWN_YES;
	return size == 4 && memcmp(o->out_text, "more", 4) == 0 ? SPAWN_MORE : SPAWN_NO;
}

static enum spawn_word judge(const struct once *o, int status)
{
	struct tool *tool = o->job->tool;

	if (WIFSIGNALED(status)) {
		tool_complain(tool, o->err_text, "was ended by signal %d", WTERMSIG(status));
		return SPAWN_FAILED;
	}
	if (WEXITSTATUS(status) > 1) {
		tool_complain(tool, o->err_text, "ended with status %d", WEXITSTATUS(status));
		return SPAWN_FAILED;
	}
	if (o->err_size)
		tool_complain(tool, o->err_text, "says");
	return WEXITSTATUS(status) ? SPAWN_NO : word_of(o);
}

void once_free(struct once *o)
{
	once_kill(o);
	program_close(&o->program);
	LIST_REMOVE(o, entry);
	o->runner->once_count--;
	free(o);
}

void once_ended(struct once *o, int status)
{
	struct job *job = o->job;

	drain(o->program.out, o->out_text, &o->out_size);
	drain(o->program.err, o->err_text, &o->err_size);
	if (job) {
		enum spawn_word word = judge(o, status);

		job->once = NULL;
		o->job = NULL;
		job_end(job, word);
	}
	o->program.pid = 0; /* it was waited for: the number may be another's */
	once_free(o);
}
