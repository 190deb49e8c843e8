/* Children are born: carriers and their sniffers. */
#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "children_talk.h"
#include "flow/channel.h"
#include "kernel/fd_pass.h"
#include "sniff/judge.h"
#include "sniffer.h"

pid_t children_fork_sniffer(struct carrier_child *cc, const struct generation *g, unsigned index)
{
	struct channel_message m = { .kind = CHANNEL_SNIFFER, .index = index, .value = g->number };
	struct judge judge;
	struct sniffer_birth birth = {
		.judge = &judge,
		.user = &cc->all->user,
		.plugins = plugin_watch_shared(g->plugins),
		.off = plugin_watch_off(g->plugins),
		.place = plugin_watch_place((size_t)(cc - cc->all->carriers), index),
	};
	int fds[2];
	int err = question_pair(fds);
	pid_t pid;

	if (err)
		return err;
	judge_init(&judge, g->config, g->index, keeper_when_open(g->when));
	birth.fd = fds[1];
	plugin_watch_born(g->plugins, birth.place);
	pid = fork();
	if (pid == 0)
		sniffer_main(&birth);
	if (pid < 0) {
		pid = -errno;
	} else {
		err = fd_pass_send(cc->channel.fd, &m, sizeof m, fds[0]);
		if (err && err != -EPIPE) /* the carrier has just died: its end brings all anew */
			log_warn("sniffer %d: its carrier cannot be told: %s", (int)pid,
				 strerror(-err)); /* it ends, for nobody holds its socket */
	}
	(void)close(fds[0]); /* the carrier has its copy */
	(void)close(fds[1]);
	return pid;
}

int children_sniffer_start(struct carrier_child *cc, unsigned index)
{
	pid_t pid = children_fork_sniffer(cc, cc->all->now, index);

	if (pid < 0)
		return pid;
	child_born(&cc->sniffers[index], pid, clock_ms());
	return 0;
}

/* This carrier's listeners: one of each divert, transport and family. Returns how many. */
static size_t list_listeners(struct carrier_listener *out, const struct carrier_child *cc)
{
	const struct generation *g = cc->all->now;
	size_t count = 0;

	for (size_t i = 0; i < g->config->divert_count * GENERATION_LISTENERS; i++) {
		if (!g->listeners[i].fds)
			continue;
		out[count++] = (struct carrier_listener){
			.fd = g->listeners[i].fds[cc - cc->all->carriers],
			.divert = (uint16_t)(i / GENERATION_LISTENERS),
			.is_udp = generation_is_udp(i),
		};
	}
	return count;
}

static pid_t fork_carrier(struct carrier_child *cc, int channel)
{
	struct children *c = cc->all;
	struct carrier_listener listeners[CONFIG_MOST_DIVERTS * GENERATION_LISTENERS];
	struct carrier_birth birth = {
		.channel = channel,
		.number = ++c->births,
		.counters = cc->counters,
		.listeners = listeners,
		.listener_count = list_listeners(listeners, cc),
		.sniffers = c->sniffer_count,
		.errors = c->errors,
		.share = c->share,
		.known = c->known,
		.user = c->user,
	};
	pid_t pid = fork();

	if (pid == 0)
		carrier_main(&birth);
	return pid < 0 ? -errno : pid;
}

/* New counters for a new life; those of a crashed one are kept in the sum. */
static int fresh_counters(struct carrier_child *cc)
{
	int fd;
	int err = counters_new(&fd, &cc->counters);

	if (!err)
		(void)close(fd); /* the shared mapping is all that is used */
	return err;
}

/* Everything behind the fork. 0 or -errno. */
static int equip(struct carrier_child *cc, int channel)
{
	struct children *c = cc->all;
	struct channel_message places = { .kind = CHANNEL_PLACES };
	struct channel_message table = { .kind = CHANNEL_TABLE, .value = c->now->number };
	struct channel_message change = { .kind = CHANNEL_SWITCH, .value = c->now->number };
	int err;

	cc->is_switched = false;
	cc->has_spawn = false;
	cc->channel =
		(struct watch){ .fd = channel, .events = EPOLLIN, .ready = children_channel_ready };
	err = loop_watch(c->loop, &cc->channel);
	if (!err)
		err = fd_pass_send(channel, &places, sizeof places, c->places_fd);
	if (!err)
		err = fd_pass_send(channel, &table, sizeof table, c->now->table_fd);
	for (unsigned i = 0; i < c->sniffer_count && !err; i++)
		err = children_sniffer_start(cc, i);
	if (!err) {
		children_spawn_look(cc->all); /* its first flow may need it */
		err = fd_pass_send(channel, &change, sizeof change, -1);
	}
	if (!err)
		children_ping(channel);
	if (!err)
		children_stage_newborn(cc);
	return err;
}

int children_carrier_start(struct carrier_child *cc)
{
	const int room = CHANNEL_SEND_BYTES;
	int fds[2] = { -1, -1 };
	int err = fresh_counters(cc);
	pid_t pid;

	if (err)
		return err;
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, fds) < 0) {
		err = -errno;
		goto fail;
	}
	/* without it some flows that were handed over are found without their names */
	(void)setsockopt(fds[1], SOL_SOCKET, SO_SNDBUFFORCE, &room, sizeof room);
	pid = fork_carrier(cc, fds[1]);
	(void)close(fds[1]); /* the child has its copy */
	if (pid < 0) {
		err = pid;
		goto fail;
	}
	child_born(&cc->child, pid, clock_ms());
	err = equip(cc, fds[0]);
	if (err) {
		log_error("carrier %d: cannot be equipped: %s", (int)pid, strerror(-err));
		(void)kill(
			pid,
			SIGKILL); /* of no use like that: its end is noticed, and it is replaced */
	}
	return 0;
fail:
	if (fds[0] >= 0)
		(void)close(fds[0]); /* nobody at the other end */
	counters_unmap(cc->counters);
	cc->counters = NULL;
	return err;
}

void children_restart_due(struct carrier_child *cc)
{
	struct children *c = cc->all;
	uint64_t due_ms = UINT64_MAX;

	if (c->is_stopping)
		return;
	if (!cc->child.pid) {
		due_ms = cc->child.due_ms;
	} else {
		for (unsigned i = 0; i < c->sniffer_count; i++) {
			if (!cc->sniffers[i].pid && cc->sniffers[i].due_ms < due_ms)
				due_ms = cc->sniffers[i].due_ms;
		}
	}
	if (due_ms == UINT64_MAX)
		return;
	if (timer_arm(c->loop, &cc->restart, due_ms))
		log_error("cannot restart a child process: out of memory");
}

/* The next life in a place where there is none, if it is due. */
static void start_due(struct carrier_child *cc, struct child *child)
{
	int err;

	if (child->pid || child->due_ms > clock_ms())
		return;
	err = child == &cc->child ? children_carrier_start(cc)
				  : children_sniffer_start(cc, (unsigned)(child - cc->sniffers));
	if (!err)
		return;
	child_ended(child, clock_ms());
	log_error("cannot start a child process: %s", strerror(-err));
}

void children_restart(struct timer *t)
{
	struct carrier_child *cc = container_of(t, struct carrier_child, restart);

	if (cc->all->is_stopping)
		return;
	start_due(cc, &cc->child);
	for (unsigned i = 0; cc->child.pid && i < cc->all->sniffer_count; i++)
		start_due(cc, &cc->sniffers[i]);
	children_restart_due(cc);
}
