/* The programs of the configuration. */
#include "spawn/tool.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/log.h"
#include "spawn/runner.h"

enum {
	COMPLAINT_BYTES = 160,
};

struct tool *tool_new(struct runner *r, struct tool_terms *terms)
{
	struct tool *t = calloc(1, sizeof *t);

	if (!t)
		return NULL;
	t->runner = r;
	t->terms = *terms;
	*terms = (struct tool_terms){ .name = "" };
	lines_init(t);
	LIST_INSERT_HEAD(&r->tools, t, entry);
	return t;
}

void tool_terms_done(struct tool_terms *terms)
{
	for (size_t i = 0; i < COMMAND_MOST_WORDS; i++)
		free(terms->argv[i]);
	*terms = (struct tool_terms){ .name = "" };
}

bool tool_is(const struct tool *t, const struct tool_terms *terms)
{
	if (t->terms.is_lines != terms->is_lines || t->terms.user.uid != terms->user.uid ||
	    t->terms.user.gid != terms->user.gid)
		return false;
	for (size_t i = 0; i <= COMMAND_MOST_WORDS; i++) {
		const char *mine = t->terms.argv[i];
		const char *other = terms->argv[i];

		if (!mine || !other)
			return mine == other;
		if (strcmp(mine, other) != 0)
			return false;
	}
	return true;
}

void tool_anew(struct tool *t)
{
	struct job *job, *next;

	for (job = TAILQ_FIRST(&t->lines.told); job; job = next) {
		next = TAILQ_NEXT(job, line);
		if (!job_enter(job, JOB_WAITS, SPAWN_QUEUE_MS))
			job_end(job, SPAWN_FAILED);
	}
	lines_stop(t);
	t->lines.stillborn = 0;
	t->lines.due_ms = 0;
}

void tool_change(struct tool *t, struct tool_terms *terms)
{
	tool_anew(t);
	tool_terms_done(&t->terms);
	t->terms = *terms;
	*terms = (struct tool_terms){ .name = "" };
}

void tool_free(struct tool *t)
{
	struct job *job, *next;

	for (job = LIST_FIRST(&t->runner->jobs); job; job = next) {
		next = LIST_NEXT(job, entry);
		if (job->tool == t)
			job_end(job, SPAWN_FAILED);
	}
	lines_stop(t);
	timer_disarm(t->runner->loop, &t->lines.pause);
	LIST_REMOVE(t, entry);
	tool_terms_done(&t->terms);
	free(t);
}

/* The first line of it, as far as a log may show it. */
static void put_said(char *out, size_t room, const char *said)
{
	size_t size = 0;

	for (; said && *said && *said != '\n' && size + 1 < room; said++)
		out[size++] = *said >= ' ' && *said <= '~' ? *said : '.';
	out[size] = '\0';
}

void tool_complain(struct tool *t, const char *said, const char *format, ...)
{
	uint64_t now_ms = loop_now_ms(t->runner->loop);
	char what[COMPLAINT_BYTES], error[COMPLAINT_BYTES], unsaid[48] = "";
	va_list arguments;

	if (t->complained_ms && now_ms < t->complained_ms + TOOL_COMPLAIN_MS) {
		t->unsaid++;
		return;
	}
	va_start(arguments, format);
	(void)vsnprintf(what, sizeof what, format, arguments); /* cut when it is long */
	va_end(arguments);
	put_said(error, sizeof error, said);
	if (t->unsaid)
		(void)snprintf(unsaid, sizeof unsaid, " (%u more since the last such line)",
			       t->unsaid);
	log_warn("probe %s: %s %s%s%s%s", t->terms.name, t->terms.argv[0], what,
		 error[0] ? ": " : "", error, unsaid);
	t->complained_ms = now_ms;
	t->unsaid = 0;
}
