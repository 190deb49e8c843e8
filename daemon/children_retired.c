/* Carriers that were stopped and replaced: they only finish their flows. */
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "base/clock.h"
#include "children_talk.h"
#include "flow/channel.h"
#include "kernel/fd_pass.h"

static void channel_ready(struct watch *w, uint32_t events)
{
	struct retired_child *r = container_of(w, struct retired_child, channel);
	struct channel_handed m;
	int got;

	(void)events;
	for (got = children_receive(w->fd, &m); got > 0; got = children_receive(w->fd, &m)) {
		if (m.head.kind == CHANNEL_PONG)
			child_heard(&r->child, m.head.value, clock_ms());
		else if (m.head.kind == CHANNEL_LISTED)
			children_list_over(r->all, &r->list_file, m.head.value);
		else if (m.head.kind == CHANNEL_HANDED || m.head.kind == CHANNEL_REPLACED)
			r->all->owner->handed(r->all, &m);
	}
	if (got < 0)
		loop_forget(r->all->loop, w); /* it has ended: SIGCHLD does the rest */
}

/* Nothing can fail any more: the place is free. */
static void move(struct carrier_child *cc, struct retired_child *r)
{
	struct children *c = cc->all;

	child_born(&r->child, cc->child.pid, clock_ms());
	r->counters = cc->counters;
	r->list_file = cc->list_file;
	LIST_INSERT_HEAD(&c->retired, r, entry);
	cc->channel.fd = -1;
	cc->counters = NULL;
	cc->list_file = -1;
	child_ended(&cc->child, clock_ms());
	for (unsigned i = 0; i < c->sniffer_count; i++)
		cc->sniffers[i].pid = 0; /* they stay with the old one, and end with it */
}

int children_retire(struct carrier_child *cc)
{
	struct children *c = cc->all;
	struct channel_message m = { .kind = CHANNEL_RETIRE };
	struct retired_child *r = calloc(1, sizeof *r);
	int err = r ? fd_pass_send(cc->channel.fd, &m, sizeof m, -1) : -ENOMEM;

	if (err)
		goto out;
	loop_forget(c->loop, &cc->channel);
	r->all = c;
	r->channel =
		(struct watch){ .fd = cc->channel.fd, .events = EPOLLIN, .ready = channel_ready };
	err = loop_watch(c->loop, &r->channel);
	if (err)
		goto out;
	move(cc, r);
	return 0;
out:
	free(r);
	return err;
}

struct retired_child *children_retired_find(struct children *c, pid_t pid)
{
	struct retired_child *r;

	LIST_FOREACH (r, &c->retired, entry) {
		if (r->child.pid == pid)
			return r;
	}
	return NULL;
}

void children_retired_ended(struct retired_child *r)
{
	LIST_REMOVE(r, entry);
	children_last_words(r->all, r->channel.fd);
	loop_forget(r->all->loop, &r->channel);
	(void)close(r->channel.fd); /* the other end is gone */
	children_list_over(r->all, &r->list_file, 0);
	children_bury_counters(r->all, r->counters);
	free(r);
}

void children_retired_tick(struct children *c)
{
	struct retired_child *r;

	LIST_FOREACH (r, &c->retired, entry) {
		children_kill_hung(&r->child, "replaced carrier");
		children_ping(r->channel.fd);
	}
}

int children_retired_list(struct children *c)
{
	struct retired_child *r;
	int asked = 0;

	LIST_FOREACH (r, &c->retired, entry)
		asked += children_list_ask(r->channel.fd, &r->list_file);
	return asked;
}

void children_retired_stop(struct children *c)
{
	struct channel_message m = { .kind = CHANNEL_STOP };
	struct retired_child *r;

	LIST_FOREACH (r, &c->retired, entry)
		(void)fd_pass_send(r->channel.fd, &m, sizeof m, -1); /* else it is killed later */
}

void children_retired_kill(struct children *c)
{
	struct retired_child *r;

	LIST_FOREACH (r, &c->retired, entry)
		(void)kill(r->child.pid, SIGKILL); /* has ended already: fine */
}
