/* Programs that are kept running and asked line by line. */
#include "spawn/lines.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/wait.h>
#include <unistd.h>

#include "spawn/runner.h"

enum {
	READ_BYTES = 4096, /* at once: others have their turn, too */
};

static struct tool *tool_of(struct lines *l)
{
	return container_of(l, struct tool, lines);
}

static void close_watch(struct lines *l, struct watch *w, int *fd)
{
	if (w->fd >= 0)
		loop_forget(tool_of(l)->runner->loop, w);
	w->fd = -1;
	if (*fd >= 0)
		(void)close(*fd); /* a pipe to or from one that is not heard any more */
	*fd = -1;
}

/* Nothing more is said to it or heard of it. */
static void hang_up(struct lines *l)
{
	close_watch(l, &l->in, &l->program.in);
	close_watch(l, &l->out, &l->program.out);
	close_watch(l, &l->err, &l->program.err);
	l->unsent_size = l->unsent_at = l->got_size = 0;
}

void lines_stop(struct tool *t)
{
	struct lines *l = &t->lines;

	if (!l->program.pid)
		return;
	hang_up(l);
	if (!l->is_ending)
		program_kill(&l->program);
	l->is_ending = true;
}

static void set_pause(struct lines *l)
{
	struct runner *r = tool_of(l)->runner;
	uint64_t pause = LINES_FIRST_PAUSE_MS;

	l->stillborn = l->answers ? 0 : l->stillborn + 1;
	for (unsigned i = 1; i < l->stillborn && pause < LINES_LONGEST_PAUSE_MS; i++)
		pause *= 2;
	l->due_ms = loop_now_ms(r->loop) + pause;
	(void)timer_arm(r->loop, &l->pause, l->due_ms); /* else the next request finds out */
}

/* This life is over, or shall be: what was asked is answered for it. */
static void fail(struct lines *l)
{
	struct job *job;

	lines_stop(tool_of(l));
	set_pause(l);
	while ((job = TAILQ_FIRST(&l->told)) != NULL)
		job_end(job, SPAWN_FAILED);
}

static void pause_over(struct timer *t)
{
	runner_pump(tool_of(container_of(t, struct lines, pause))->runner);
}

void lines_init(struct tool *t)
{
	struct lines *l = &t->lines;

	TAILQ_INIT(&l->told);
	l->in.fd = l->out.fd = l->err.fd = -1;
	l->program = (struct program){ .in = -1, .out = -1, .err = -1 };
	l->pause.fire = pause_over;
}

/* It has closed one of its ends: it has just ended, or does now. lines_ended() says how. */
static void cut_short(struct lines *l)
{
	close_watch(l, &l->in, &l->program.in);
	close_watch(l, &l->out, &l->program.out);
	program_kill(&l->program);
}

/* --- what it says --- */

static struct job *find_told(const struct lines *l, uint64_t number)
{
	struct job *job;

	TAILQ_FOREACH (job, &l->told, line)
		if (job->number == number)
			return job;
	return NULL;
}

/* "NUMBER WORD" without its newline. False: it is no such line. */
static bool read_answer(const char *text, uint64_t *number, enum spawn_word *word)
{
	static const char *const words[] = {
		[SPAWN_NO] = "no", [SPAWN_YES] = "yes", [SPAWN_MORE] = "more"
	};
	uint64_t n = 0;

	if (*text < '0' || *text > '9')
		return false;
	for (; *text >= '0' && *text <= '9'; text++) {
		if (n > UINT64_MAX / 10 - 1)
			return false;
		n = 10 * n + (uint64_t)(*text - '0');
	}
	if (*text++ != ' ')
		return false;
	for (int i = SPAWN_NO; i <= SPAWN_MORE; i++) {
		if (strcmp(text, words[i]) != 0)
			continue;
		*number = n;
		*word = (enum spawn_word)i;
		return true;
	}
	return false;
}

/* One whole line. False: it has to go. */
static bool take_line(struct lines *l, const char *text)
{
	enum spawn_word word;
	struct job *job;
	uint64_t number;

	if (!read_answer(text, &number, &word)) {
		tool_complain(tool_of(l), text, "said what is no answer and is started anew");
		return false;
	}
	l->silent = 0;
	l->owed -= l->owed > 0;
	l->quiet_ms = loop_now_ms(tool_of(l)->runner->loop);
	if (number == 0 || number > l->number || l->answers++ >= l->asked) {
		tool_complain(tool_of(l), text,
			      "answered what it was not asked and is started anew");
		return false;
	}
	job = find_told(l, number);
	if (job) /* else it comes too late */
		job_end(job, word);
	return true;
}

static bool take_bytes(struct lines *l, const char *bytes, size_t size)
{
	for (size_t i = 0; i < size; i++) {
		if (bytes[i] != '\n' && l->got_size + 1 < sizeof l->got) {
			l->got[l->got_size++] = bytes[i];
			continue;
		}
		l->got[l->got_size] = '\0';
		l->got_size = 0;
		/* one that is cut is no answer */
		if (!take_line(l, bytes[i] == '\n' ? l->got : "a line that is too long"))
			return false;
	}
	return true;
}

static void out_ready(struct watch *w, uint32_t events)
{
	struct lines *l = container_of(w, struct lines, out);
	char room[READ_BYTES];
	ssize_t got = read(w->fd, room, sizeof room);

	(void)events;
	if (got < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (got <= 0)
		cut_short(l);
	else if (!take_bytes(l, room, (size_t)got))
		fail(l);
	else
		runner_pump(tool_of(l)->runner); /* it may be asked more now */
}

/* The last of it is for the log when it ends. */
static void err_ready(struct watch *w, uint32_t events)
{
	struct lines *l = container_of(w, struct lines, err);
	ssize_t got = read(w->fd, l->said, sizeof l->said - 1);

	(void)events;
	if (got < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (got <= 0) {
		close_watch(l, &l->err, &l->program.err);
		return;
	}
	l->said[got] = '\0';
	tool_complain(tool_of(l), l->said, "says");
}

/* --- what it is told --- */

/* False: it does not listen any more. */
static bool flush(struct lines *l)
{
	ssize_t sent;

	while (l->unsent_at < l->unsent_size) {
		sent = write(l->program.in, l->unsent + l->unsent_at,
			     l->unsent_size - l->unsent_at);
		if (sent < 0)
			return errno == EAGAIN || errno == EINTR;
		l->unsent_at += (size_t)sent;
	}
	l->unsent_at = l->unsent_size = 0;
	return true;
}

static void in_ready(struct watch *w, uint32_t events)
{
	struct lines *l = container_of(w, struct lines, in);

	(void)events;
	if (!flush(l)) {
		cut_short(l);
		return;
	}
	if (l->unsent_size)
		return;
	loop_forget(tool_of(l)->runner->loop, w);
	w->fd = -1;
	runner_pump(tool_of(l)->runner);
}

static int start(struct lines *l)
{
	struct tool *t = tool_of(l);
	char probe[RECORD_SECTION_BYTES + 32];
	char path[] = "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
	char *const env[] = { path, probe, NULL };
	const struct program_terms terms = {
		.argv = t->terms.argv, .env = env, .user = t->terms.user, .cpu_s = LINES_CPU_S
	};
	int err;

	(void)snprintf(probe, sizeof probe, "SHUNT_PROBE=%s", t->terms.name); /* fits */
	err = program_start(&l->program, &terms);
	if (err)
		return err;
	l->is_ending = false;
	l->answers = l->asked = 0;
	l->silent = l->owed = 0;
	l->said[0] = '\0';
	l->out = (struct watch){ .fd = l->program.out, .events = EPOLLIN, .ready = out_ready };
	l->err = (struct watch){ .fd = l->program.err, .events = EPOLLIN, .ready = err_ready };
	err = loop_watch(t->runner->loop, &l->out);
	if (!err)
		err = loop_watch(t->runner->loop, &l->err);
	if (err)
		lines_stop(t);
	return err;
}

static void write_question(struct lines *l, const struct job *job)
{
	static const char digits[] = "0123456789abcdef";
	char client[ADDR_TEXT_BYTES], to[ADDR_TEXT_BYTES];
	size_t at;

	at = (size_t)snprintf(l->unsent, sizeof l->unsent, "%" PRIu64 " %s %s %s ", job->number,
			      flow_transport_text(job->q.transport),
			      addr_text(&job->q.client, client), addr_text(&job->q.to, to));
	/* LINES_QUESTION_BYTES has room for all of it */
	for (uint32_t i = 0; i < job->q.size; i++) {
		l->unsent[at++] = digits[job->bytes[i] >> 4];
		l->unsent[at++] = digits[job->bytes[i] & 15];
	}
	l->unsent[at++] = '\n';
	l->unsent_at = 0;
	l->unsent_size = at;
}

/* Is there one to tell now, and would it listen? 0 or as lines_tell(). */
static int make_ready(struct lines *l)
{
	uint64_t now_ms = loop_now_ms(tool_of(l)->runner->loop);

	if (l->program.pid && !l->is_ending)
		return l->unsent_size || l->program.out < 0 || l->told_count >= LINES_MOST_TOLD
			       ? -EAGAIN
			       : 0;
	if (l->due_ms > now_ms)
		return l->due_ms - now_ms > LINES_PATIENT_MS ? -EPIPE : -EAGAIN;
	if (l->is_ending)
		return -EAGAIN; /* very soon */
	return start(l);
}

int lines_tell(struct job *job)
{
	struct lines *l = &job->tool->lines;
	int err = make_ready(l);

	if (err)
		return err;
	if (!job_enter(job, JOB_TOLD, SPAWN_MOST_MS))
		return -ENOMEM;
	job->number = ++l->number;
	l->asked++;
	if (!l->owed++)
		l->quiet_ms = loop_now_ms(job->runner->loop);
	write_question(l, job);
	if (!flush(l)) {
		cut_short(l);
		return 0; /* its end answers */
	}
	if (!l->unsent_size)
		return 0;
	l->in = (struct watch){ .fd = l->program.in, .events = EPOLLOUT, .ready = in_ready };
	if (loop_watch(job->runner->loop, &l->in)) {
		l->in.fd = -1;
		cut_short(l); /* nothing would bring the rest of the line */
	}
	return 0;
}

void lines_let_pass(struct job *job)
{
	struct lines *l = &job->tool->lines;

	job_end(job, SPAWN_FAILED);
	if (loop_now_ms(tool_of(l)->runner->loop) < l->quiet_ms + SPAWN_MOST_MS)
		return; /* it had less time than it may take, because its flow had */
	l->owed -= l->owed > 0;
	tool_complain(tool_of(l), NULL, "gave no answer in time");
	if (++l->silent < LINES_MOST_SILENT)
		return;
	tool_complain(tool_of(l), NULL, "is silent and is started anew");
	fail(l);
}

void lines_ended(struct tool *t, int status)
{
	struct lines *l = &t->lines;
	bool was_ending = l->is_ending;

	if (l->err.fd >= 0)
		err_ready(&l->err, 0); /* its last words */
	l->program.pid = 0;            /* it was waited for: the number may be another's */
	if (was_ending) {
		hang_up(l);
		l->is_ending = false;
		return;
	}
	if (WIFSIGNALED(status))
		tool_complain(t, l->said, "was ended by signal %d and is started anew",
			      WTERMSIG(status));
	else
		tool_complain(t, l->said, "ended with status %d and is started anew",
			      WEXITSTATUS(status));
	hang_up(l);
	fail(l);
}
