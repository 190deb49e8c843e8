/* From one generation to the next, in all carriers: staged first, then changed over. */
#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>

#include "base/clock.h"
#include "base/log.h"
#include "children_talk.h"
#include "flow/channel.h"
#include "kernel/fd_pass.h"

enum {
	STAGE_MS =
		8000, /* longer than it takes to notice a carrier that hangs, and to replace it */
	SWITCH_MS = 6000, /* likewise; it is in force by then, only not everywhere said so */
};

static void kill_one(pid_t *pid)
{
	if (*pid > 0)
		(void)kill(*pid, SIGKILL); /* has ended already: fine, it was not waited for yet */
	*pid = 0;                          /* its end is no news any more */
}

void children_stage_lost(struct carrier_child *cc)
{
	for (unsigned i = 0; i < ASKER_MOST_LINKS; i++) {
		kill_one(&cc->staged[i].pid);
		kill_one(&cc->left[i]);
	}
	cc->is_staged = false;
}

void children_unstage(struct children *c)
{
	struct channel_message m = { .kind = CHANNEL_FORGET };

	if (!c->next)
		return;
	m.value = c->next->number;
	for (unsigned i = 0; i < c->carrier_count; i++) {
		struct carrier_child *cc = &c->carriers[i];

		if (cc->channel.fd >= 0)
			(void)fd_pass_send(cc->channel.fd, &m, sizeof m,
					   -1); /* or the next one does */
		children_stage_lost(cc);
	}
	timer_disarm(c->loop, &c->change);
	c->next = NULL;
}

static void give_up(struct children *c, const struct fault *fault)
{
	children_unstage(c);
	c->owner->unstaged(c, fault);
}

/* Listeners that the generation in force does not have; those that it has follow their divert. */
static int send_listeners(const struct carrier_child *cc, const struct generation *g)
{
	struct channel_message m = { .kind = CHANNEL_LISTENER, .value = g->number };
	int err = 0;

	for (size_t i = 0; i < g->config->divert_count * GENERATION_LISTENERS && !err; i++) {
		const struct listeners *l = &g->listeners[i];

		if (!l->fds || l->is_borrowed)
			continue;
		m.index = (uint32_t)(i / GENERATION_LISTENERS) |
			  (generation_is_udp(i) ? CHANNEL_LISTENER_UDP : 0);
		err = fd_pass_send(cc->channel.fd, &m, sizeof m, l->fds[cc - cc->all->carriers]);
	}
	return err;
}

/* One that dies just now is replaced, and its successor is told. */
static int stage(struct carrier_child *cc, const struct generation *g, struct fault *fault)
{
	struct channel_message m = { .kind = CHANNEL_TABLE, .value = g->number };
	int err = fd_pass_send(cc->channel.fd, &m, sizeof m, g->table_fd);

	for (unsigned i = 0; i < cc->all->sniffer_count && !err; i++) {
		pid_t pid = children_fork_sniffer(cc, g, i);

		if (pid < 0)
			return fault_set(fault, pid, "cannot start a sniffer: %s", strerror(-pid));
		cc->staged[i] = (struct children_staged){ pid, clock_ms() };
	}
	if (!err)
		err = send_listeners(cc, g);
	m.kind = CHANNEL_WHOLE;
	if (!err)
		err = fd_pass_send(cc->channel.fd, &m, sizeof m, -1);
	if (err && err != -EPIPE)
		return fault_set(fault, err, "carrier %d cannot be told: %s", (int)cc->child.pid,
				 strerror(-err));
	return 0;
}

void children_stage_newborn(struct carrier_child *cc)
{
	struct fault fault = { 0 };

	if (cc->all->next && stage(cc, cc->all->next, &fault))
		give_up(cc->all, &fault);
}

static void name_missing(const struct children *c, struct fault *fault)
{
	for (unsigned i = 0; i < c->carrier_count; i++) {
		if (c->carriers[i].is_staged)
			continue;
		(void)fault_set(fault, -ETIMEDOUT,
				"carrier %u or its sniffers do not answer within %d s", i + 1,
				STAGE_MS / 1000);
		return;
	}
}

static void change_fires(struct timer *t)
{
	struct children *c = container_of(t, struct children, change);
	struct fault fault = { 0 };

	if (c->is_switching) {
		c->is_switching = false;
		c->owner->switched(c); /* who comes late is replaced, and born with it */
		return;
	}
	name_missing(c, &fault);
	give_up(c, &fault);
}

int children_stage(struct children *c, struct generation *next, struct fault *fault)
{
	int err;

	c->next = next;
	c->change.fire = change_fires;
	err = timer_arm(c->loop, &c->change, clock_ms() + STAGE_MS);
	if (err)
		(void)fault_set(fault, err, "out of memory");
	for (unsigned i = 0; i < c->carrier_count && !err; i++) {
		struct carrier_child *cc = &c->carriers[i];

		cc->is_staged = false;
		if (cc->channel.fd >= 0)
			err = stage(cc, next, fault);
	}
	if (err)
		children_unstage(c);
	return err;
}

/* Was it over a plugin that a staged sniffer ended? Then the fault says so. */
static bool name_plugin(struct fault *fault, const struct carrier_child *cc, unsigned sniffer)
{
	const char *plugin =
		plugin_watch_culprit(cc->all->next->plugins,
				     plugin_watch_place((size_t)(cc - cc->all->carriers), sniffer));

	if (plugin)
		(void)fault_set(fault, -EPIPE,
				"[probe %s] a sniffer ended when it loaded the plugin", plugin);
	return plugin;
}

/* Its carrier knows that one ended, sometimes before us, but neither which nor why. */
static bool name_any_plugin(struct fault *fault, const struct carrier_child *cc)
{
	for (unsigned i = 0; i < cc->all->sniffer_count; i++)
		if (name_plugin(fault, cc, i))
			return true;
	return false;
}

void children_staged_said(struct carrier_child *cc, uint64_t number, int err)
{
	struct children *c = cc->all;
	struct fault fault = { 0 };

	if (!c->next || number != c->next->number)
		return; /* of one that was given up */
	if (err) {
		if (err != -EPIPE || !name_any_plugin(&fault, cc))
			(void)fault_set(&fault, err,
					err == -EPIPE
						? "carrier %d: a sniffer ended when it began: %s"
						: "carrier %d cannot take it up: %s",
					(int)cc->child.pid, strerror(-err));
		give_up(c, &fault);
		return;
	}
	cc->is_staged = true;
	for (unsigned i = 0; i < c->carrier_count; i++)
		if (!c->carriers[i].is_staged)
			return;
	c->owner->staged(c);
}

bool children_stage_ended(struct carrier_child *cc, pid_t pid, int status)
{
	struct fault fault = { 0 };

	if (WIFSTOPPED(status))
		return false; /* the deadline finds it */
	for (unsigned i = 0; i < ASKER_MOST_LINKS; i++) {
		if (cc->left[i] == pid) {
			cc->left[i] = 0;
			return true;
		}
		if (cc->staged[i].pid != pid)
			continue;
		cc->staged[i].pid = 0;
		if (!cc->all->next)
			return true;
		if (!name_plugin(&fault, cc, i))
			(void)fault_set(&fault, -EPIPE, "a sniffer ended when it began (%s %d)",
					WIFSIGNALED(status) ? "signal" : "exit",
					WIFSIGNALED(status) ? WTERMSIG(status)
							    : WEXITSTATUS(status));
		give_up(cc->all, &fault);
		return true;
	}
	return false;
}

/* The staged sniffers take the places of those that were there. */
static void seat_sniffers(struct carrier_child *cc)
{
	for (unsigned i = 0; i < cc->all->sniffer_count; i++) {
		kill_one(&cc->left[i]); /* of the change before: had its time */
		cc->left[i] = cc->sniffers[i].pid;
		child_born(&cc->sniffers[i], cc->staged[i].pid, cc->staged[i].started_ms);
		cc->staged[i].pid = 0;
	}
}

void children_switch(struct children *c)
{
	struct channel_message m = { .kind = CHANNEL_SWITCH, .value = c->next->number };
	struct generation *before = c->now;

	c->now = c->next;
	c->next = NULL;
	generation_take_over(c->now, before);
	c->is_switching = true;
	children_spawn_look(c); /* the first flow of the new one may need it */
	for (unsigned i = 0; i < c->carrier_count; i++) {
		struct carrier_child *cc = &c->carriers[i];
		int err = fd_pass_send(cc->channel.fd, &m, sizeof m, -1);

		cc->is_staged = false;
		cc->is_switched = false;
		seat_sniffers(cc);
		if (err && err != -EPIPE && cc->child.pid > 0) {
			log_error("carrier %d does not hear: killed", (int)cc->child.pid);
			(void)kill(cc->child.pid,
				   SIGKILL); /* replaced by one that has changed over */
		}
	}
	(void)timer_arm(c->loop, &c->change, clock_ms() + SWITCH_MS); /* has a place in the heap */
}

void children_switched_said(struct carrier_child *cc, uint64_t number)
{
	struct children *c = cc->all;

	if (number != c->now->number)
		return;
	cc->is_switched = true;
	/* nobody asks them any more */
	for (unsigned i = 0; i < c->sniffer_count; i++)
		kill_one(&cc->left[i]);
	if (!c->is_switching)
		return;
	for (unsigned i = 0; i < c->carrier_count; i++)
		if (!c->carriers[i].is_switched)
			return;
	c->is_switching = false;
	timer_disarm(c->loop, &c->change);
	c->owner->switched(c);
}
