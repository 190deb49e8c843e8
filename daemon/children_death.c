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
	STOP_MS = 3000, /* to obey, before it is killed */
};

void children_bury_counters(struct children *c, struct counters *counters)
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
	children_last_words(cc->all, cc->channel.fd);
	loop_forget(cc->all->loop, &cc->channel);
	(void)close(cc->channel.fd); /* its other end is gone or asked to go */
	cc->channel.fd = -1;
	children_list_over(cc->all, &cc->list_file, 0);
}

static void kill_sniffers(struct carrier_child *cc)
{
	for (unsigned i = 0; i < cc->all->sniffer_count; i++) {
		if (cc->sniffers[i].pid > 0)
			(void)kill(cc->sniffers[i].pid, SIGKILL); /* has ended already: fine */
	}
}

/* How a life ended, and when the next begins: by the timer, so that every death there is to see is
 * seen first. */
static void tell_end(const char *what, pid_t pid, int status, const struct child *place)
{
	uint64_t now_ms = clock_ms();
	unsigned long long wait_ms = place->due_ms > now_ms ? place->due_ms - now_ms : 0;

	log_warn("%s %d ended (%s %d), a new one starts in %llu ms", what, (int)pid,
		 WIFSIGNALED(status) ? "signal" : "exit",
		 WIFSIGNALED(status) ? WTERMSIG(status) : WEXITSTATUS(status), wait_ms);
}

static void carrier_died(struct carrier_child *cc, int status)
{
	struct children *c = cc->all;
	pid_t pid = cc->child.pid;

	child_ended(&cc->child, clock_ms());
	if (!c->is_stopping) {
		tell_end("carrier", pid, status, &cc->child);
		if (cc->counters->flows_active)
			log_warn("carrier %d: %llu flows are lost with it", (int)pid,
				 (unsigned long long)cc->counters->flows_active);
		cc->child.restarts++;
		c->restarts++;
	}
	close_channel(cc);
	children_bury_counters(c, cc->counters);
	cc->counters = NULL;
	kill_sniffers(cc); /* they end anyway, with the other end of their socket */
	children_stage_lost(cc);
	if (!c->is_ready && !c->is_stopping)
		c->owner->failed(c);
	children_restart_due(cc);
}

static void sniffer_died(struct carrier_child *cc, unsigned index, int status)
{
	struct children *c = cc->all;
	struct child *child = &cc->sniffers[index];
	pid_t pid = child->pid;
	bool is_plugin;

	if (c->is_stopping || !cc->child.pid) {
		child->pid = 0; /* with its carrier, or as it was told */
		return;
	}
	child_ended(child, clock_ms());
	tell_end("sniffer", pid, status, child);
	child->restarts++;
	c->restarts++;
	is_plugin = plugin_watch_died(c->now->plugins,
				      plugin_watch_place((size_t)(cc - c->carriers), index));
	if (!c->is_ready && !is_plugin) {
		c->owner->failed(c);
		return;
	}
	children_restart_due(cc);
}

/* A stopped carrier lets its flows stand still: another takes the listeners, then it may finish. */
static void carrier_stopped(struct carrier_child *cc)
{
	pid_t pid = cc->child.pid;

	log_warn("carrier %d was stopped: another takes over, it may finish its flows", (int)pid);
	if (cc->all->is_stopping || children_retire(cc)) {
		(void)kill(pid, SIGKILL); /* its end is noticed as any other */
		return;
	}
	children_stage_lost(cc);
	cc->child.restarts++;
	cc->all->restarts++;
	children_restart_due(cc);
	(void)kill(pid, SIGCONT);
}

static void child_changed(struct children *c, pid_t pid, int status)
{
	struct retired_child *r = children_retired_find(c, pid);

	if (r && WIFSTOPPED(status))
		(void)kill(pid, SIGKILL); /* a second time: enough */
	else if (r)
		children_retired_ended(r);
	for (unsigned i = 0; !r && i < c->carrier_count; i++) {
		struct carrier_child *cc = &c->carriers[i];

		if (children_stage_ended(cc, pid, status))
			return;
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

	for (unsigned i = 0; i < c->carrier_count; i++) {
		if (c->carriers[i].child.pid)
			(void)kill(c->carriers[i].child.pid, SIGKILL); /* had three seconds */
	}
	children_retired_kill(c);
}

void children_stop(struct children *c)
{
	struct channel_message m = { .kind = CHANNEL_STOP };

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
	children_retired_stop(c);
	children_reap(c);
}
