/* Children are born: carriers and their sniffers. */
#include <errno.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "children_talk.h"
#include "flow/channel.h"
#include "kernel/fd_pass.h"
#include "sniffer.h"

enum {
	RETRY_MS = 500, /* a child that could not be started */
};

int children_sniffer_start(struct carrier_child *cc, unsigned index)
{
	struct children *c = cc->all;
	struct child *child = &cc->sniffers[index];
	struct channel_message m = { .kind = CHANNEL_SNIFFER, .index = index };
	int fds[2];
	int err = question_pair(fds);

	if (err)
		return err;
	child->pid = fork();
	if (child->pid == 0)
		sniffer_main(fds[1], &c->judge, &c->user);
	if (child->pid < 0) {
		child->pid = 0;
		err = -errno;
	} else {
		child->started_ms = clock_ms();
		child->heard_ms = child->started_ms;
		cc->alive_sniffers |= 1u << index;
		err = fd_pass_send(cc->channel.fd, &m, sizeof m, fds[0]);
		if (err == -EPIPE)
			err = 0; /* the carrier has just died: its end brings all of it anew */
	}
	(void)close(fds[0]); /* the carrier has its copy */
	(void)close(fds[1]);
	return err;
}

static pid_t fork_carrier(struct carrier_child *cc, int channel)
{
	struct children *c = cc->all;
	struct carrier_birth birth = {
		.channel = channel,
		.number = ++c->births,
		.counters = cc->counters,
		.listeners = cc->listeners,
		.listener_count = cc->listener_count,
		.user = c->user,
	};
	pid_t pid;

	if (c->config->shunt.max_connections)
		birth.most_sessions = (c->config->shunt.max_connections + c->carrier_count - 1) /
				      c->carrier_count;
	pid = fork();
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

int children_carrier_start(struct carrier_child *cc)
{
	struct children *c = cc->all;
	struct channel_message m = { .kind = CHANNEL_TABLE };
	int fds[2];
	int err = fresh_counters(cc);
	pid_t pid;

	if (err)
		return err;
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, fds) < 0)
		return -errno;
	pid = fork_carrier(cc, fds[1]);
	(void)close(fds[1]); /* the child has its copy */
	if (pid < 0) {
		(void)close(fds[0]); /* nobody at the other end */
		return pid;
	}
	cc->child.pid = pid;
	cc->child.started_ms = clock_ms();
	cc->child.heard_ms = cc->child.started_ms;
	cc->channel =
		(struct watch){ .fd = fds[0], .events = EPOLLIN, .ready = children_channel_ready };
	err = loop_watch(c->loop, &cc->channel);
	if (!err)
		err = fd_pass_send(fds[0], &m, sizeof m, c->table_fd);
	for (unsigned i = 0; i < c->sniffer_count && !err; i++)
		err = children_sniffer_start(cc, i);
	if (!err)
		children_ping(cc);
	return err;
}

/* The timer: start what is missing. */
void children_restart(struct timer *t)
{
	struct carrier_child *cc = container_of(t, struct carrier_child, restart);
	int err = 0;

	if (cc->all->is_stopping)
		return;
	if (!cc->child.pid) {
		err = children_carrier_start(cc);
	} else {
		for (unsigned i = 0; i < cc->all->sniffer_count && !err; i++) {
			if (!cc->sniffers[i].pid)
				err = children_sniffer_start(cc, i);
		}
	}
	if (err) {
		log_error("cannot start a child process: %s", strerror(-err));
		(void)timer_arm(cc->all->loop, t,
				clock_ms() + RETRY_MS); /* has a place in the heap */
	}
}
