/* What the keeper and living carriers say to each other. */
#include "children_talk.h"

#include <errno.h>
#include <signal.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "flow/channel.h"
#include "kernel/fd_pass.h"

enum {
	START_PING_MS = 20,
};

void children_ping(int channel)
{
	struct channel_message m = { .kind = CHANNEL_PING, .value = clock_ms() };

	if (channel >= 0)
		(void)fd_pass_send(channel, &m, sizeof m,
				   -1); /* a full channel: it does not answer, that tells */
}

static void heard(struct children *c, struct child *child, uint64_t at_ms)
{
	child_heard(child, at_ms, clock_ms());
	if (c->is_ready || c->is_stopping || !children_quietest(c).child->proven_ms)
		return;
	c->is_ready = true;
	c->owner->ready(c);
}

int children_receive(int channel, struct channel_handed *m)
{
	ssize_t size;
	int fd;

	size = fd_pass_receive(channel, m, sizeof *m, &fd);
	if (fd >= 0)
		(void)close(fd); /* a carrier has none to give */
	if (size == -EAGAIN)
		return 0;
	if (size < (ssize_t)sizeof m->head)
		return -EPIPE;
	if (m->head.kind == CHANNEL_REPLACED)
		return size == sizeof *m ? 1 : -EPIPE;
	if (m->head.kind == CHANNEL_HANDED)
		return m->head.index <= CHANNEL_FLOWS &&
				       size == (ssize_t)(offsetof(struct channel_handed, flows) +
							 m->head.index * sizeof *m->flows)
			       ? 1
			       : -EPIPE;
	return size == sizeof m->head ? 1 : -EPIPE;
}

static void take_message(struct carrier_child *cc, const struct channel_handed *whole)
{
	const struct channel_message *m = &whole->head;
	struct children *c = cc->all;

	switch (m->kind) {
	case CHANNEL_PONG:
		heard(c, &cc->child, m->value);
		break;
	case CHANNEL_HEARD:
		if (m->index < c->sniffer_count)
			heard(c, &cc->sniffers[m->index], m->value);
		break;
	case CHANNEL_READY:
		children_staged_said(cc, m->value, -(int)m->index);
		break;
	case CHANNEL_SWITCHED:
		children_switched_said(cc, m->value);
		break;
	case CHANNEL_LISTED:
		children_list_over(c, &cc->list_file, m->value);
		break;
	case CHANNEL_UNSPAWNED:
		children_spawn_lost(cc);
		break;
	case CHANNEL_NOTE:
		notes_take(&c->now->notes, c->now->config, c->now->number, m);
		break;
	case CHANNEL_HANDED:
	case CHANNEL_REPLACED:
		c->owner->handed(c, whole);
		break;
	}
}

void children_channel_ready(struct watch *w, uint32_t events)
{
	struct carrier_child *cc = container_of(w, struct carrier_child, channel);
	struct channel_handed m;
	int got;

	(void)events;
	while (w->fd >= 0) {
		got = children_receive(w->fd, &m);
		if (got < 0)
			loop_forget(cc->all->loop, w); /* it has ended: SIGCHLD does the rest */
		if (got <= 0)
			return;
		take_message(cc, &m);
	}
}

void children_last_words(struct children *c, int channel)
{
	struct channel_handed m;

	while (children_receive(channel, &m) > 0) {
		if (m.head.kind == CHANNEL_HANDED || m.head.kind == CHANNEL_REPLACED)
			c->owner->handed(c, &m);
	}
}

void children_places(struct children *c, int file)
{
	const struct channel_message m = { .kind = CHANNEL_PLACES };

	c->places_fd = file;
	/* one that does not listen is replaced before long, and its next life gets it */
	for (unsigned i = 0; i < c->carrier_count; i++) {
		if (c->carriers[i].channel.fd >= 0)
			(void)fd_pass_send(c->carriers[i].channel.fd, &m, sizeof m, file);
	}
}

struct children_quiet children_quietest(const struct children *c)
{
	struct children_quiet quiet = { .child = &c->carriers[0].child, .sniffer = -1 };

	for (unsigned i = 0; i < c->carrier_count; i++) {
		const struct carrier_child *cc = &c->carriers[i];

		if (cc->child.proven_ms < quiet.child->proven_ms)
			quiet = (struct children_quiet){ &cc->child, i, -1 };
		for (unsigned k = 0; k < c->sniffer_count; k++) {
			if (cc->sniffers[k].proven_ms < quiet.child->proven_ms)
				quiet = (struct children_quiet){ &cc->sniffers[k], i, (int)k };
		}
	}
	return quiet;
}

void children_kill_hung(struct child *child, const char *what)
{
	if (!child_is_hung(child, clock_ms()))
		return;
	log_warn("%s %d has not answered for %d s: killed", what, (int)child->pid,
		 CHILD_HANG_MS / 1000);
	(void)kill(child->pid, SIGKILL); /* has ended just now: fine */
	child->heard_ms = clock_ms();    /* once is enough */
}

/* We were stopped, or the whole box was: nobody could have answered. */
static void pardon_all(struct children *c)
{
	for (unsigned i = 0; i < c->carrier_count; i++) {
		c->carriers[i].child.heard_ms = clock_ms();
		for (unsigned k = 0; k < c->sniffer_count; k++)
			c->carriers[i].sniffers[k].heard_ms = clock_ms();
	}
}

/* Until everybody has answered once there is nothing else to wait for. */
static uint64_t tick_ms(const struct children *c)
{
	return c->is_ready ? CHILDREN_PING_MS : START_PING_MS;
}

static void tick(struct timer *t)
{
	struct children *c = container_of(t, struct children, tick);

	if (c->ticked_ms + 2ull * CHILDREN_PING_MS < clock_ms())
		pardon_all(c);
	c->ticked_ms = clock_ms();

	for (unsigned i = 0; i < c->carrier_count; i++) {
		struct carrier_child *cc = &c->carriers[i];

		children_kill_hung(&cc->child, "carrier");
		for (unsigned k = 0; k < c->sniffer_count; k++) {
			if (cc->child.heard_ms + 2ull * CHILDREN_PING_MS > clock_ms())
				children_kill_hung(&cc->sniffers[k], "sniffer");
		}
		children_ping(cc->channel.fd);
	}
	children_retired_tick(c);
	(void)timer_arm(c->loop, t, clock_ms() + tick_ms(c)); /* has a place in the heap */
}

void children_tick_start(struct children *c)
{
	c->tick.fire = tick;
	c->ticked_ms = clock_ms();
	if (timer_arm(c->loop, &c->tick, clock_ms() + tick_ms(c)))
		log_error("out of memory: children that hang will not be noticed");
}

/* --- lists of flows --- */

void children_list_over(struct children *c, int *file, uint64_t count)
{
	int written = *file;

	if (written < 0)
		return;
	*file = -1;
	c->owner->listed(c, written, count);
	(void)close(written); /* a memory file: it is gone with that */
}

bool children_list_ask(int channel, int *file)
{
	struct channel_message m = { .kind = CHANNEL_LIST };
	int fresh;

	if (channel < 0)
		return false;
	if (*file >= 0)
		return true;
	fresh = memfd_create("shunt-flows", MFD_CLOEXEC);
	if (fresh < 0)
		return false;
	if (fd_pass_send(channel, &m, sizeof m, fresh)) {
		(void)close(fresh); /* nobody writes into it */
		return false;
	}
	*file = fresh;
	return true;
}

int children_list(struct children *c)
{
	int asked = children_retired_list(c);

	for (unsigned i = 0; i < c->carrier_count; i++)
		asked += children_list_ask(c->carriers[i].channel.fd, &c->carriers[i].list_file);
	return asked;
}
