/* shunt-spawn: the process. */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "file_watch.h"
#include "loop/signals.h"
#include "policy/config_equal.h"
#include "policy/config_values.h"
#include "shunt_spawn.h"
#include "spawn/guests.h"

enum {
	SETTLE_MS = 200,    /* a file that changes often is read once: as shuntd has it */
	LAST_ENDS_MS = 500, /* what programs left behind has gone by then, as we have */
};

struct spawner {
	struct loop *loop;
	struct runner runner;
	struct guests guests;
	struct signals signals;
	struct file_watch files;
	struct timer due;      /* read the configuration again */
	struct config *config; /* the first one: what we run as is of it */
	const char *path;
};

/* Warnings are shuntd's to say. */
static void log_faults(const struct config_notes *notes)
{
	char text[1024];

	for (size_t i = 0; i < notes->count; i++) {
		if (notes->at[i].is_warning)
			continue;
		config_note_text(&notes->at[i], text, sizeof text);
		log_error("%s", text);
	}
}

/* *files: what was read, for text_list_done(). */
static int load(struct config **out, const char *path, struct text_list *files)
{
	struct config_notes notes;
	int err = config_read(out, path, &notes);

	if (err)
		log_faults(&notes);
	*files = notes.files;
	notes.files = (struct text_list){ 0 };
	config_notes_free(&notes);
	return err;
}

/* What is in force stays so when this fails. */
static int take(struct spawner *s, const struct config *config)
{
	struct fault fault = { 0 };
	struct tool_terms *terms;
	size_t count;
	int err = spawn_tools(&terms, &count, config, &fault);

	if (!err) {
		err = runner_set(&s->runner, terms, count);
		free(terms);
		if (err)
			(void)fault_set(&fault, err, "out of memory");
	}
	if (err)
		log_error("%s: %s", s->path, fault.text);
	else
		log_info("%zu programs", count);
	return err;
}

/* What shuntd refuses to change in a running daemon, and whose programs are not for us, too. */
static bool is_same_daemon(const struct spawner *s, const struct config *config)
{
	static const char *const keys[] = { "user", "control" };

	for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++) {
		if (config_equal_key(s->config, config, keys[i]))
			continue;
		log_error("%s: `%s` cannot change while we run: restart shuntd and shunt-spawn, "
			  "or leave it as it was",
			  s->path, keys[i]);
		return false;
	}
	return true;
}

static void load_again(struct timer *t)
{
	struct spawner *s = container_of(t, struct spawner, due);
	struct text_list files = { 0 };
	struct config *config = NULL;
	bool is_taken = load(&config, s->path, &files) == 0 && is_same_daemon(s, config);

	if (is_taken) {
		log_set_level(config->shunt.log);
		(void)take(s, config); /* said so itself */
	} else {
		log_error("configuration %s refused: the programs of the one before stay", s->path);
	}
	config_free(config);
	(void)file_watch_set(&s->files, &files);
	text_list_done(&files);
}

static void load_soon(struct spawner *s)
{
	if (s->due.index)
		return;
	if (timer_arm(s->loop, &s->due, clock_ms() + SETTLE_MS))
		log_error("out of memory: the configuration is not read again");
}

static void files_changed(struct file_watch *f)
{
	load_soon(container_of(f, struct spawner, files));
}

static void signal_caught(struct signals *signals, int number)
{
	struct spawner *s = container_of(signals, struct spawner, signals);

	switch (number) {
	case SIGCHLD:
		runner_reap(&s->runner);
		break;
	case SIGHUP:
		runner_anew(&s->runner);
		load_soon(s);
		break;
	default:
		log_info("signal %d: stopping", number);
		loop_stop(s->loop);
	}
}

/* Whoever a program leaves behind comes to us, and is ended. */
static int prepare(struct spawner *s, struct fault *fault)
{
	static const int signals[] = { SIGCHLD, SIGTERM, SIGINT, SIGHUP, 0 };
	int err = loop_new(&s->loop);

	if (err)
		return fault_set(fault, err, "cannot make the event loop: %s", strerror(-err));
	s->due.fire = load_again;
	s->signals.caught = signal_caught;
	s->files.changed = files_changed;
	err = signals_start(&s->signals, s->loop, signals);
	if (err)
		return fault_set(fault, err, "cannot catch signals: %s", strerror(-err));
	(void)signal(SIGPIPE, SIG_IGN); /* cannot fail for this one */
	if (prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) < 0)
		return fault_set(fault, -errno, "prctl failed");
	runner_init(&s->runner, s->loop);
	err = file_watch_start(&s->files, s->loop);
	if (err)
		log_warn("the configuration is not followed (%s): send SIGHUP", strerror(-err));
	return 0;
}

static int set_up(struct spawner *s, const struct text_list *files, struct fault *fault)
{
	char path[SPAWN_PATH_BYTES];
	int err = prepare(s, fault);

	if (err)
		return err;
	err = take(s, s->config);
	if (err)
		return fault_set(fault, err, "its programs cannot be run");
	spawn_path(path, s->config->shunt.control);
	err = guests_open(&s->guests, &s->runner, path, fault);
	if (err)
		return err;
	if (file_watch_set(&s->files, files))
		load_soon(s); /* what happened since it was read went unseen */
	err = sandbox_keep_spawning();
	if (err)
		return fault_set(fault, err, "cannot give up capabilities: %s", strerror(-err));
	log_info("ready: %s", path);
	return 0;
}

static void tear_down(struct spawner *s)
{
	guests_close(&s->guests);
	runner_done(&s->runner);
	program_end_all(LAST_ENDS_MS);
	file_watch_stop(&s->files);
	if (s->loop) {
		timer_disarm(s->loop, &s->due);
		signals_done(&s->signals);
	}
	loop_free(s->loop);
}

int spawn_run(const struct spawn_options *o)
{
	struct spawner s = { .path = o->config, .signals.w.fd = -1, .files.w.fd = -1 };
	struct text_list files = { 0 };
	struct fault fault = { 0 };
	int err;

	log_open("shunt-spawn", LOG_LEVEL_INFO, o->to_syslog);
	if (geteuid() != 0) {
		log_error("start it as root: it runs programs as other users");
		return -EPERM;
	}
	err = load(&s.config, o->config, &files);
	if (!err) {
		log_set_level(s.config->shunt.log);
		err = set_up(&s, &files, &fault);
		if (err)
			log_error("%s", fault.text);
		else
			err = loop_run(s.loop);
	}
	tear_down(&s);
	config_free(s.config);
	text_list_done(&files);
	return err;
}
