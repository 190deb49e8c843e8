/* What runs programs for those who ask. */
#include "spawn/runner.h"

#include <errno.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/log.h"

static struct tool *find_tool(const struct runner *r, const char *name)
{
	struct tool *t;

	LIST_FOREACH (t, &r->tools, entry)
		if (strcmp(t->terms.name, name) == 0)
			return t;
	return NULL;
}

/* 0: it runs or was told; -EAGAIN: it waits on; another -errno: it cannot be served. */
static int serve(struct job *job)
{
	return job->tool->terms.is_lines ? lines_tell(job) : once_start(job);
}

void runner_pump(struct runner *r)
{
	struct job *job, *next;

	if (r->is_pumping)
		return;
	r->is_pumping = true;
	for (job = TAILQ_FIRST(&r->waiting); job; job = next) {
		int err = serve(job);

		/* one that is served is in line no more: those who wait are asked again */
		next = job->state == JOB_WAITS ? TAILQ_NEXT(job, line) : TAILQ_FIRST(&r->waiting);
		if (err && err != -EAGAIN) {
			tool_complain(job->tool, NULL, "cannot be run: %s", strerror(-err));
			job_end(job, SPAWN_FAILED);
		}
	}
	r->is_pumping = false;
}

/* Those who wait for one place: of the programs that are run for each flow all do. */
static bool is_line_full(const struct runner *r, const struct tool *t)
{
	const struct job *job;
	unsigned count = 0;

	if (r->waiting_count < RUNNER_MOST_WAITING)
		return false;
	TAILQ_FOREACH (job, &r->waiting, line)
		count += job->tool == t || !(job->tool->terms.is_lines || t->terms.is_lines);
	return count >= RUNNER_MOST_WAITING;
}

void runner_ask(struct runner *r, void *asker, const struct spawn_request *q, struct span bytes)
{
	struct tool *t = find_tool(r, q->name);

	if (!t) {
		r->answered(r, asker, q->id,
			    SPAWN_FAILED); /* our file and the daemon's differ just now */
		return;
	}
	if (is_line_full(r, t)) {
		tool_complain(t, NULL, "too many wait already: that is a no");
		r->answered(r, asker, q->id, SPAWN_FAILED);
		return;
	}
	if (!job_new(r, t, asker, q, bytes)) {
		r->answered(r, asker, q->id, SPAWN_FAILED);
		return;
	}
	runner_pump(r);
}

void runner_forget(struct runner *r, const void *asker)
{
	struct job *job, *next;

	for (job = LIST_FIRST(&r->jobs); job; job = next) {
		next = LIST_NEXT(job, entry);
		if (job->asker == asker)
			job_drop(job);
	}
}

/* --- ends --- */

static struct once *find_run(const struct runner *r, pid_t pid)
{
	struct once *o;

	LIST_FOREACH (o, &r->runs, entry)
		if (o->program.pid == pid)
			return o;
	return NULL;
}

static struct tool *find_running(const struct runner *r, pid_t pid)
{
	struct tool *t;

	LIST_FOREACH (t, &r->tools, entry)
		if (t->lines.program.pid == pid)
			return t;
	return NULL;
}

static bool is_known(void *arg, pid_t pid)
{
	const struct runner *r = arg;

	return find_run(r, pid) || find_running(r, pid);
}

static bool take_end_once(struct runner *r)
{
	struct once *o;
	int status;

	LIST_FOREACH (o, &r->runs, entry)
		if (program_wait(&o->program, &status)) {
			once_ended(o, status);
			return true;
		}
	return false;
}

static bool take_end_line(struct runner *r)
{
	struct tool *t;
	int status;

	LIST_FOREACH (t, &r->tools, entry)
		if (program_wait(&t->lines.program, &status)) {
			lines_ended(t, status);
			return true;
		}
	return false;
}

static void end_strays(struct runner *r)
{
	uint64_t now_ms = clock_ms();
	bool is_late = r->haunted_ms && now_ms >= r->haunted_ms + RUNNER_HAUNTED_MS;

	if (program_end_strays(is_known, r, is_late)) {
		r->haunted_ms = 0;
		timer_disarm(r->loop, &r->strays);
		return;
	}
	if (!r->haunted_ms || is_late)
		r->haunted_ms = now_ms;
	(void)timer_arm(r->loop, &r->strays,
			now_ms + RUNNER_LOOK_MS); /* else the next that ends makes us look */
}

static void strays_fires(struct timer *t)
{
	end_strays(container_of(t, struct runner, strays));
}

void runner_init(struct runner *r, struct loop *loop)
{
	r->loop = loop;
	LIST_INIT(&r->tools);
	LIST_INIT(&r->jobs);
	LIST_INIT(&r->runs);
	TAILQ_INIT(&r->waiting);
	r->strays.fire = strays_fires;
}

void runner_reap(struct runner *r)
{
	while (take_end_once(r) || take_end_line(r))
		;
	end_strays(r);
	runner_pump(r);
}

/* --- the programs --- */

enum wanted { NOT_WANTED, WANTED, NEW };

static void forget(struct runner *r, enum wanted which)
{
	struct tool *t, *next;

	for (t = LIST_FIRST(&r->tools); t; t = next) {
		next = LIST_NEXT(t, entry);
		if (t->wanted == (int)which)
			tool_free(t);
	}
}

/* The one of this name, or a new one of these terms; NULL without memory. */
static struct tool *want(struct runner *r, struct tool_terms *terms)
{
	struct tool *t = find_tool(r, terms->name);

	if (t) {
		t->wanted = WANTED;
		return t;
	}
	t = tool_new(r, terms);
	if (t)
		t->wanted = NEW;
	return t;
}

int runner_set(struct runner *r, struct tool_terms *terms, size_t count)
{
	struct tool *t;
	int err = 0;

	LIST_FOREACH (t, &r->tools, entry)
		t->wanted = NOT_WANTED;
	/* what may fail comes first: those that are new */
	for (size_t i = 0; i < count && !err; i++)
		if (!want(r, &terms[i]))
			err = -ENOMEM;
	for (size_t i = 0; i < count && !err; i++) {
		t = terms[i].name[0] ? find_tool(r, terms[i].name) : NULL;
		if (t && !tool_is(t, &terms[i]))
			tool_change(t, &terms[i]);
	}
	for (size_t i = 0; i < count; i++)
		tool_terms_done(&terms[i]); /* of programs that go on as they were */
	forget(r, err ? NEW : NOT_WANTED);
	runner_pump(r);
	return err;
}

void runner_anew(struct runner *r)
{
	struct tool *t;

	LIST_FOREACH (t, &r->tools, entry)
		tool_anew(t);
	runner_pump(r);
}

void runner_done(struct runner *r)
{
	struct job *job;
	struct once *o;
	struct tool *t;

	if (!r->loop)
		return;
	while ((job = LIST_FIRST(&r->jobs)) != NULL)
		job_drop(job);
	while ((o = LIST_FIRST(&r->runs)) != NULL)
		once_free(o);
	while ((t = LIST_FIRST(&r->tools)) != NULL)
		tool_free(t);
	timer_disarm(r->loop, &r->strays);
}
