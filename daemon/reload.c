/* A new configuration in a running daemon. */
#include "reload.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "base/clock.h"
#include "base/log.h"
#include "keeper.h"
#include "policy/config_equal.h"
#include "policy/config_values.h"

/* What a running daemon cannot change: its processes, sockets and marks are made of it. */
static const char *const fixed_keys[] = { "user", "workers", "sniffers",     "control",
					  "mark", "table",   "control_group" };
enum {
	FIXED_KEYS = sizeof fixed_keys / sizeof *fixed_keys,
};

static uint64_t sum(void *arg, size_t offset)
{
	const struct reload *r = arg;

	return children_sum(&r->keeper->children, offset) +
	       counters_at(r->keeper->handed.counters, offset);
}

static int make(struct reload *r, struct config *config, struct generation **out,
		struct fault *fault)
{
	const struct generation_origin from = {
		.number = ++r->numbers,
		.before = r->keeper->children.now,
		.loop = r->keeper->loop,
		.ledger = r->ledger,
		.reader = { sum, r },
	};

	return generation_new(out, config, &from, fault);
}

int reload_first(struct reload *r, struct keeper *k, struct config *config, struct generation **out,
		 struct fault *fault)
{
	int err = ledger_new(&r->ledger);

	r->keeper = k;
	r->loaded_ms = clock_ms();
	return err ? fault_set(fault, err, "out of memory") : make(r, config, out, fault);
}

/* --- how it ended --- */

static void add_fault(struct reload *r, const char *text)
{
	char *shown;

	log_error("%s", text);
	if (r->fault_count == RELOAD_FAULTS_SHOWN)
		return;
	shown = r->texts[r->fault_count];
	(void)memccpy(shown, text, '\0', RELOAD_TEXT_BYTES - 1); /* cut: the log has all of it */
	shown[RELOAD_TEXT_BYTES - 1] = '\0';
	r->faults[r->fault_count++] = shown;
}

/* Begin the next one at that time; what is asked for until then is one with it. */
static void arm(struct reload *r, uint64_t at_ms)
{
	if (r->due.index && r->due.at_ms <= at_ms)
		return;
	if (timer_arm(r->keeper->loop, &r->due, at_ms))
		log_error("out of memory: the configuration is not reloaded");
}

static void end(struct reload *r, enum reload_result result)
{
	r->state = RELOAD_IDLE;
	r->last = result;
	ctl_reload_done(r->keeper->ctl, r->begun);
	if (r->asked != r->begun)
		arm(r, clock_ms());
}

static void refuse(struct reload *r)
{
	r->failed++;
	log_error("configuration %s refused: what was in force stays in force", r->path);
	end(r, RELOAD_REFUSED);
}

static void refuse_for(struct reload *r, const char *text)
{
	add_fault(r, text);
	refuse(r);
}

struct ctl_reload reload_facts(const struct reload *r)
{
	static const char *const results[] = {
		[RELOAD_NONE] = NULL,
		[RELOAD_OK] = "ok",
		[RELOAD_UNCHANGED] = "unchanged",
		[RELOAD_REFUSED] = "refused",
	};

	return (struct ctl_reload){ .count = r->count,
				    .failed = r->failed,
				    .last = results[r->last],
				    .faults = r->faults,
				    .fault_count = r->fault_count };
}

/* --- steps 1 to 4 --- */

static void tell_notes(struct reload *r, const struct config_notes *notes, bool is_refused)
{
	char text[1024];

	for (size_t i = 0; i < notes->count; i++) {
		const struct config_note *n = &notes->at[i];

		if (n->is_warning) {
			log_warn("%s:%d: %s", n->file, n->line, n->text);
		} else if (is_refused) {
			config_note_text(n, text, sizeof text);
			add_fault(r, text);
		}
	}
	if (notes->faults > notes->count)
		add_fault(r, "there are more faults: shuntd -t lists the first thousand");
}

/* Keys that only a restart can change: all of them are named. */
static bool are_fixed_same(struct reload *r, const struct config *config)
{
	const struct config *now = r->keeper->children.now->config;
	char text[RELOAD_TEXT_BYTES];
	bool are_same = true;

	for (size_t i = 0; i < FIXED_KEYS; i++) {
		if (config_equal_key(now, config, fixed_keys[i]))
			continue;
		(void)snprintf(text, sizeof text,
			       "%s: `%s` cannot change in a running daemon: restart shuntd, or "
			       "leave it as it was",
			       r->path, fixed_keys[i]);
		add_fault(r, text);
		are_same = false;
	}
	return are_same;
}

/* Frees the configuration unless it is staged; false: it was refused, and faults were added. */
static bool stage(struct reload *r, struct config *config)
{
	struct keeper *k = r->keeper;
	struct fault fault = { 0 };
	int err = firewall_check(k->firewall, config, &fault);

	if (!err && fault.text[0])
		log_warn("%s", fault.text);
	if (!err) {
		err = make(r, config, &r->next, &fault);
		if (!err)
			config = NULL; /* the generation's now */
	}
	if (!err) {
		r->state = RELOAD_STAGING;
		err = children_stage(&k->children, r->next, &fault);
	}
	if (err) {
		add_fault(r, fault.text);
		generation_free(r->next);
		r->next = NULL;
	}
	config_free(config);
	return !err;
}

static void take(struct reload *r, struct config *config, const struct config_notes *notes)
{
	if (config_equal(r->keeper->children.now->config, config)) {
		config_free(config);
		if (r->is_asked)
			log_info("configuration %s is unchanged", r->path);
		end(r, r->is_asked || r->last == RELOAD_REFUSED ? RELOAD_UNCHANGED : r->last);
		return;
	}
	tell_notes(r, notes, false);
	if (!are_fixed_same(r, config)) {
		config_free(config);
		refuse(r);
	} else if (!stage(r, config)) {
		refuse(r);
	}
}

/* Was one of them changed since then? To the clock that files are dated by. */
static bool is_newer(const struct text_list *files, const struct timespec *since)
{
	struct stat st;

	for (size_t i = 0; i < files->count; i++) {
		if (stat(files->at[i], &st) < 0)
			continue;
		if (st.st_ctim.tv_sec > since->tv_sec ||
		    (st.st_ctim.tv_sec == since->tv_sec && st.st_ctim.tv_nsec >= since->tv_nsec))
			return true;
	}
	return false;
}

/* Follow these files; those in folders that are new to us may have changed since they were read. */
static void follow(struct reload *r, const struct text_list *files, const struct timespec *read_at)
{
	if (!file_watch_set(&r->files, files) || !is_newer(files, read_at))
		return;
	r->asked++;
	arm(r, clock_ms() + RELOAD_SETTLE_MS);
}

static void begin(struct timer *t)
{
	struct reload *r = container_of(t, struct reload, due);
	struct timespec read_at;
	struct config_notes notes;
	struct config *config;
	int err;

	if (r->state != RELOAD_IDLE)
		return; /* its end begins the next */
	r->latest_ms = 0;
	r->begun = r->asked;
	r->is_asked = r->is_wanted;
	r->is_wanted = false;
	r->began_ms = clock_ms();
	r->fault_count = 0;
	(void)clock_gettime(CLOCK_REALTIME_COARSE, &read_at); /* cannot fail for this one */
	err = config_read(&config, r->path, &notes);
	follow(r, &notes.files, &read_at);
	if (err) {
		tell_notes(r, &notes, true);
		refuse(r);
	} else {
		take(r, config, &notes);
	}
	config_notes_free(&notes);
}

/* --- steps 5 and 6 --- */

void reload_unstaged(struct reload *r, const struct fault *fault)
{
	generation_free(r->next);
	r->next = NULL;
	refuse_for(r, fault->text);
}

void reload_staged(struct reload *r)
{
	struct keeper *k = r->keeper;
	struct generation *next = r->next;
	struct fault fault = { 0 };

	/* long lists take the kernel seconds, in which nobody renews it */
	keeper_tend_renew(k);
	if (firewall_change(k->firewall, next->config, next->ports, &fault) < 0) {
		children_unstage(&k->children);
		reload_unstaged(r, &fault);
		return;
	}
	r->state = RELOAD_SWITCHING;
	r->next = NULL; /* the children's now */
	r->loaded_ms = clock_ms();
	children_switch(&k->children);
	keeper_handed_changed(k);
	log_set_level(next->config->shunt.log);
}

void reload_switched(struct reload *r)
{
	const struct config *config = r->keeper->children.now->config;

	if (r->state != RELOAD_SWITCHING)
		return; /* the daemon was told to stop meanwhile */
	log_info("configuration %s reloaded: %zu diverts, %zu routes, %zu backends, in %llu ms",
		 r->path, config->divert_count, config->route_count, config->backend_count,
		 (unsigned long long)(clock_ms() - r->began_ms));
	r->count++;
	end(r, RELOAD_OK);
}

/* --- what asks for it --- */

uint64_t reload_ask(struct reload *r)
{
	r->is_wanted = true;
	r->asked++;
	r->latest_ms = 0;
	if (r->state == RELOAD_IDLE)
		arm(r, clock_ms());
	return r->asked;
}

static void files_changed(struct file_watch *f)
{
	struct reload *r = container_of(f, struct reload, files);

	uint64_t now_ms = clock_ms();
	uint64_t at_ms = now_ms + RELOAD_SETTLE_MS;

	r->is_wanted = true;
	r->asked++;
	if (!r->due.index)
		r->latest_ms = now_ms + RELOAD_MOST_MS;
	else if (r->latest_ms) /* still being written: wait for the end of that */
		timer_disarm(r->keeper->loop, &r->due);
	arm(r, r->latest_ms && r->latest_ms < at_ms ? r->latest_ms : at_ms);
}

void reload_open(struct reload *r, const struct text_list *files, const struct timespec *read_at)
{
	int err;

	r->state = RELOAD_IDLE;
	r->due.fire = begin;
	r->files.changed = files_changed;
	err = file_watch_start(&r->files, r->keeper->loop);
	if (err)
		log_warn("no inotify (%s): changes of files are only seen at a reload",
			 strerror(-err));
	else
		follow(r, files, read_at);
	if (r->asked != r->begun)
		arm(r, clock_ms());
}

void reload_close(struct reload *r)
{
	if (r->state == RELOAD_CLOSED)
		return;
	r->state = RELOAD_CLOSED;
	timer_disarm(r->keeper->loop, &r->due);
	file_watch_stop(&r->files);
	children_unstage(&r->keeper->children);
	generation_free(r->next);
	r->next = NULL;
}

void reload_done(struct reload *r)
{
	ledger_free(r->ledger);
}
