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

void children_ping(struct carrier_child *cc)
{
	struct channel_message m = { .kind = CHANNEL_PING };

	if (cc->channel.fd >= 0)
		(void)fd_pass_send(cc->channel.fd, &m, sizeof m,
				   -1); /* a full channel: it does not answer, that tells */
}

static void take_pong(struct carrier_child *cc, const struct channel_message *m)
{
	struct children *c = cc->all;

	cc->child.heard_ms = clock_ms();
	cc->alive_sniffers = m->index;
	for (unsigned i = 0; i < c->sniffer_count; i++) {
		if (m->index >> i & 1)
			cc->sniffers[i].heard_ms = cc->child.heard_ms;
	}
	if (c->is_ready || c->is_stopping || !children_are_alive(c))
		return;
	c->is_ready = true;
	c->owner->ready(c);
}

void children_channel_ready(struct watch *w, uint32_t events)
{
	struct carrier_child *cc = container_of(w, struct carrier_child, channel);
	struct channel_message m;
	ssize_t size;
	int fd;

	(void)events;
	while (w->fd >= 0) {
		size = fd_pass_receive(w->fd, &m, sizeof m, &fd);
		if (fd >= 0)
			(void)close(fd); /* a carrier has none to give */
		if (size == -EAGAIN)
			return;
		if (size != sizeof m) {
			loop_forget(cc->all->loop, w); /* it has ended: SIGCHLD does the rest */
			return;
		}
		if (m.kind == CHANNEL_PONG)
			take_pong(cc, &m);
		else if (m.kind == CHANNEL_LISTED)
			children_list_over(cc, m.value);
	}
}

bool children_are_alive(const struct children *c)
{
	uint32_t all = c->sniffer_count == 32 ? UINT32_MAX : (1u << c->sniffer_count) - 1;
	uint64_t now_ms = clock_ms();

	for (unsigned i = 0; i < c->carrier_count; i++) {
		const struct carrier_child *cc = &c->carriers[i];

		if (!cc->child.pid || cc->child.heard_ms + 3ull * CHILDREN_PING_MS < now_ms ||
		    (cc->alive_sniffers & all) != all)
			return false;
	}
	return true;
}

/* Alive but deaf for too long: hung. Its end is noticed, and it is replaced, like any other's. */
static void kill_hung(struct child *child, const char *what)
{
	if (child->pid <= 0 || child->heard_ms + CHILDREN_HANG_MS > clock_ms())
		return;
	log_warn("%s %d has not answered for %d s: killed", what, (int)child->pid,
		 CHILDREN_HANG_MS / 1000);
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

		kill_hung(&cc->child, "carrier");
		for (unsigned k = 0; k < c->sniffer_count; k++) {
			if (cc->child.heard_ms + 2ull * CHILDREN_PING_MS > clock_ms())
				kill_hung(&cc->sniffers[k], "sniffer");
		}
		children_ping(cc);
	}
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

void children_list_over(struct carrier_child *cc, uint64_t count)
{
	int file = cc->list_file;

	if (!cc->is_listing)
		return;
	cc->is_listing = false;
	cc->list_file = -1;
	cc->all->owner->listed(cc->all, file, count);
	(void)close(file); /* a memory file: it is gone with that */
}

static int ask_for_list(struct carrier_child *cc)
{
	struct channel_message m = { .kind = CHANNEL_LIST };
	int file = memfd_create("shunt-flows", MFD_CLOEXEC);
	int err;

	if (file < 0)
		return -errno;
	err = fd_pass_send(cc->channel.fd, &m, sizeof m, file);
	if (err) {
		(void)close(file); /* nobody writes into it */
		return err;
	}
	cc->is_listing = true;
	cc->list_file = file;
	return 0;
}

int children_list(struct children *c)
{
	int asked = 0;

	for (unsigned i = 0; i < c->carrier_count; i++) {
		struct carrier_child *cc = &c->carriers[i];

		if (cc->channel.fd < 0)
			continue;
		if (cc->is_listing ||
		    ask_for_list(cc) == 0) /* an answer that is on its way is good too */
			asked++;
	}
	return asked;
}
