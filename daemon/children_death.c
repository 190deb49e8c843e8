/* Children end, stop or are stopped, and are replaced. */
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "children_talk.h"
#include "flow/channel.h"
#include "kernel/fd_pass.h"

enum {
	YOUNG_MS = 1000, /* one that dies younger is not replaced at once: something is wrong */
	RESTART_YOUNG_MS = 500,
	STOP_MS = 3000, /* to obey, before it is killed */
};

/* What it had counted goes on counting; flows that died with it are lost. */
static void bury_counters(struct children *c, struct counters *counters)
{
	const uint64_t *from = (const uint64_t *)counters;
	uint64_t *to;

	if (!counters)
		return;
	if (!c->past)
		c->past = calloc(1, sizeof *c->past);
	if (c->past) {
		counters->whys[FLOW_WHY_lost] += counters->flows_active;
		counters->flows_active = 0;
		counters->undecided = 0;
		counters->most_flows = 0;
		memset(counters->divert_active, 0, sizeof counters->divert_active);
		memset(counters->server_active, 0, sizeof counters->server_active);
		to = (uint64_t *)c->past;
		for (size_t i = 0; i < sizeof *counters / sizeof *to; i++)
			to[i] += from[i];
	}
	counters_unmap(counters);
}

static void close_channel(struct carrier_child *cc)
{
	if (cc->channel.fd < 0)
		return;
	loop_forget(cc->all->loop, &cc->channel);
	(void)close(cc->channel.fd); /* its other end is gone or asked to go */
	cc->channel.fd = -1;
	children_list_over(cc, 0);
}

static void kill_sniffers(struct carrier_child *cc)
{
	for (unsigned i = 0; i < cc->all->sniffer_count; i++) {
		if (cc->sniffers[i].pid > 0)
			(void)kill(cc->sniffers[i].pid, SIGKILL); /* has ended already: fine */
	}
}

/* With the timer, so that every death there is to see is seen first. One that lived but a moment is
 * not replaced at once: something is wrong. */
static void restart_soon(struct carrier_child *cc, const struct child *dead)
{
	uint64_t age_ms = clock_ms() - dead->started_ms;
	uint64_t delay_ms = age_ms < YOUNG_MS ? RESTART_YOUNG_MS : 0;

	if (cc->all->is_stopping)
		return;
	if (timer_arm(cc->all->loop, &cc->restart, clock_ms() + delay_ms))
		log_error("cannot restart a child process: out of memory");
}

static void carrier_died(struct carrier_child *cc, int status)
{
	struct children *c = cc->all;

	if (!c->is_stopping) {
		log_warn("carrier %d ended (%s %d): %llu flows lost, a new one starts",
			 (int)cc->child.pid, WIFSIGNALED(status) ? "signal" : "exit",
			 WIFSIGNALED(status) ? WTERMSIG(status) : WEXITSTATUS(status),
			 (unsigned long long)cc->counters->flows_active);
		cc->child.restarts++;
		c->restarts++;
	}
	cc->child.pid = 0;
	close_channel(cc);
	bury_counters(c, cc->counters);
	cc->counters = NULL;
	kill_sniffers(cc); /* they end anyway, with the other end of their socket */
	if (!c->is_ready && !c->is_stopping)
		c->owner->failed(c);
	restart_soon(cc, &cc->child);
}

static void sniffer_died(struct carrier_child *cc, unsigned index, int status)
{
	struct children *c = cc->all;
	struct child *child = &cc->sniffers[index];

	cc->alive_sniffers &= ~(1u << index);
	if (c->is_stopping || !cc->child.pid) {
		child->pid = 0;
		return;
	}
	log_warn("sniffer %d ended (%s %d), a new one starts", (int)child->pid,
		 WIFSIGNALED(status) ? "signal" : "exit",
		 WIFSIGNALED(status) ? WTERMSIG(status) : WEXITSTATUS(status));
	child->pid = 0;
	child->restarts++;
	c->restarts++;
	if (!c->is_ready) {
		c->owner->failed(c);
		return;
	}
	restart_soon(cc, child);
}

/* A stopped carrier lets its flows stand still: another takes the listeners, then it may finish. */
static void carrier_stopped(struct carrier_child *cc)
{
	struct children *c = cc->all;
	struct channel_message m = { .kind = CHANNEL_RETIRE };
	struct retired_child *r = calloc(1, sizeof *r);

	log_warn("carrier %d was stopped: another takes over, it may finish its flows",
		 (int)cc->child.pid);
	if (!r || c->is_stopping || fd_pass_send(cc->channel.fd, &m, sizeof m, -1)) {
		free(r);
		(void)kill(cc->child.pid, SIGKILL); /* its end is noticed as any other */
		return;
	}
	r->pid = cc->child.pid;
	loop_forget(c->loop, &cc->channel);
	r->channel = cc->channel.fd;
	cc->channel.fd = -1;
	children_list_over(cc, 0);
	r->counters = cc->counters;
	LIST_INSERT_HEAD(&c->retired, r, entry);
	cc->counters = NULL;
	cc->child.pid = 0;
	cc->child.restarts++;
	c->restarts++;
	for (unsigned i = 0; i < c->sniffer_count; i++)
		cc->sniffers[i].pid = 0; /* they stay with the old one, and end with it */
	(void)kill(r->pid, SIGCONT);
	children_restart(&cc->restart);
}

static struct retired_child *find_retired(struct children *c, pid_t pid)
{
	struct retired_child *r;

	LIST_FOREACH (r, &c->retired, entry) {
		if (r->pid == pid)
			return r;
	}
	return NULL;
}

static void child_changed(struct children *c, pid_t pid, int status)
{
	struct retired_child *r = find_retired(c, pid);

	if (r && WIFSTOPPED(status)) {
		(void)kill(pid, SIGKILL); /* a second time: enough */
		return;
	}
	if (r) {
		LIST_REMOVE(r, entry);
		(void)close(r->channel); /* the other end is gone */
		bury_counters(c, r->counters);
		free(r);
		return;
	}
	for (unsigned i = 0; i < c->carrier_count; i++) {
		struct carrier_child *cc = &c->carriers[i];

		if (cc->child.pid == pid) {
			if (WIFSTOPPED(status))
				carrier_stopped(cc);
			else
				carrier_died(cc, status);
			return;
		}
		for (unsigned k = 0; k < c->sniffer_count; k++) {
			if (cc->sniffers[k].pid != pid)
				continue;
			if (WIFSTOPPED(status))
				(void)kill(pid, SIGKILL); /* stateless: a new one is as good */
			else
				sniffer_died(cc, k, status);
			return;
		}
	}
}

static bool has_any(const struct children *c)
{
	for (unsigned i = 0; i < c->carrier_count; i++) {
		if (c->carriers[i].child.pid)
			return true;
	}
	return !LIST_EMPTY(&c->retired);
}

void children_reap(struct children *c)
{
	int status;
	pid_t pid;

	for (;;) {
		pid = waitpid(-1, &status, WNOHANG | WUNTRACED);
		if (pid <= 0)
			break;
		child_changed(c, pid, status);
	}
	if (c->is_stopping && !has_any(c))
		c->owner->gone(c);
}

static void stop_fires(struct timer *t)
{
	struct children *c = container_of(t, struct children, deadline);
	struct retired_child *r;

	for (unsigned i = 0; i < c->carrier_count; i++) {
		if (c->carriers[i].child.pid)
			(void)kill(c->carriers[i].child.pid, SIGKILL); /* had three seconds */
	}
	LIST_FOREACH (r, &c->retired, entry)
		(void)kill(r->pid, SIGKILL);
}

void children_stop(struct children *c)
{
	struct channel_message m = { .kind = CHANNEL_STOP };
	struct retired_child *r;

	if (c->is_stopping)
		return;
	c->is_stopping = true;
	timer_disarm(c->loop, &c->tick);
	c->deadline.fire = stop_fires;
	(void)timer_arm(c->loop, &c->deadline,
			clock_ms() + STOP_MS); /* tick left a place in the heap */
	for (unsigned i = 0; i < c->carrier_count; i++) {
		if (c->carriers[i].channel.fd >= 0)
			(void)fd_pass_send(c->carriers[i].channel.fd, &m, sizeof m,
					   -1); /* else the deadline */
	}
	LIST_FOREACH (r, &c->retired, entry)
		(void)fd_pass_send(r->channel, &m, sizeof m, -1); /* else the deadline */
	children_reap(c);
}
