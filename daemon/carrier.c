/*
 * The carrier process: its loop, and what the keeper tells it. When the keeper's
 * end of the channel closes it accepts no more, lets its flows finish, and ends.
 */
#include "carrier.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "base/fault.h"
#include "base/log.h"
#include "carry/flow_log.h"
#include "flow/channel.h"
#include "kernel/fd_pass.h"
#include "loop/signals.h"

struct carrier {
	struct gate gate;
	struct watch channel;
	struct loop *loop;
	const struct carrier_birth *birth;
	bool has_table;
};

static void tell(struct carrier *c, uint32_t kind, uint32_t index, uint64_t value)
{
	struct channel_message m = { .kind = kind, .index = index, .value = value };

	(void)fd_pass_send(c->channel.fd, &m, sizeof m,
			   -1); /* a keeper that does not listen asks again or is gone */
}

static void sniffer_heard(struct gate *g, unsigned index)
{
	tell(container_of(g, struct carrier, gate), CHANNEL_HEARD, index, loop_now_ms(g->loop));
}

static void finish(struct gate *g)
{
	loop_stop(g->loop);
}

static void retire(struct carrier *c)
{
	tcp_listen_close(&c->gate);
	c->gate.is_retiring = true;
	c->gate.emptied = finish;
	if (!c->gate.session_count)
		loop_stop(c->loop);
}

static int take_table(struct carrier *c, int fd)
{
	int err = gate_set_table(&c->gate, fd);

	if (!err && !c->has_table) {
		c->has_table = true;
		err = tcp_listen_start(&c->gate, c->birth->listeners, c->birth->listener_count);
	}
	return err;
}

static void list_flows(struct carrier *c, int file)
{
	int64_t count = file < 0 ? 0 : flow_log_list(&c->gate, file);

	tell(c, CHANNEL_LISTED, 0, count < 0 ? 0 : (uint64_t)count);
	if (file >= 0)
		(void)close(file); /* the keeper has its own */
}

/* One that cannot be used sees its socket close, and ends: the keeper sends another. */
static void take_sniffer(struct carrier *c, unsigned index, int fd)
{
	int err = fd < 0 ? -EMFILE : asker_link_up(&c->gate, index, fd);

	if (err)
		log_warn("carrier: cannot take a sniffer up: %s", strerror(-err));
}

static void obey(struct carrier *c, const struct channel_message *m, int fd)
{
	int err = 0;

	switch (m->kind) {
	case CHANNEL_TABLE:
		err = take_table(c, fd);
		break;
	case CHANNEL_SNIFFER:
		take_sniffer(c, m->index, fd);
		break;
	case CHANNEL_PING:
		asker_ping(&c->gate);
		tell(c, CHANNEL_PONG, 0, m->value);
		break;
	case CHANNEL_LIST:
		list_flows(c, fd);
		break;
	case CHANNEL_RETIRE:
		retire(c);
		break;
	case CHANNEL_STOP:
		loop_stop(c->loop);
		break;
	}
	if (err) {
		log_error("carrier: message %u: %s", m->kind, strerror(-err));
		loop_stop(c->loop); /* of no use like this: the keeper makes a new one */
	}
}

static void channel_ready(struct watch *w, uint32_t events)
{
	struct carrier *c = container_of(w, struct carrier, channel);
	struct channel_message m;
	ssize_t size;
	int fd;

	(void)events;
	for (;;) {
		size = fd_pass_receive(w->fd, &m, sizeof m, &fd);
		if (size == -EAGAIN)
			return;
		if (size != sizeof m)
			break;
		obey(c, &m, fd);
	}
	loop_forget(c->loop, w); /* the keeper is gone */
	(void)close(w->fd);
	w->fd = -1;
	retire(c);
}

static int set_up(struct carrier *c, struct fault *fault)
{
	const struct carrier_birth *birth = c->birth;
	int err = loop_new(&c->loop);

	if (err)
		return fault_set(fault, err, "cannot make its loop: %s", strerror(-err));
	c->gate.heard = sniffer_heard;
	c->gate.most_sessions = birth->most_sessions;
	c->gate.other_fds = (unsigned)birth->listener_count + ASKER_MOST_LINKS;
	err = gate_init(&c->gate, c->loop, birth->counters, birth->number);
	if (err)
		return fault_set(fault, err, "out of memory");
	c->channel =
		(struct watch){ .fd = birth->channel, .events = EPOLLIN, .ready = channel_ready };
	err = loop_watch(c->loop, &c->channel);
	if (err)
		return fault_set(fault, err, "cannot watch its channel: %s", strerror(-err));
	return sandbox_enter(SANDBOX_CARRIER, &birth->user, -1, fault);
}

static void close_others(const struct carrier_birth *birth)
{
	size_t count = birth->listener_count + 1;
	int *keep = calloc(count, sizeof *keep);

	if (!keep)
		_exit(1);
	for (size_t i = 0; i < birth->listener_count; i++)
		keep[i] = birth->listeners[i].w.fd;
	keep[count - 1] = birth->channel;
	sandbox_close_others(keep, count);
	free(keep);
}

_Noreturn void carrier_main(const struct carrier_birth *birth)
{
	struct carrier *c = calloc(1, sizeof *c);
	struct fault fault = { 0 };
	int err;

	signals_in_child();
	log_leave();
	close_others(birth);
	log_again();
	if (!c)
		_exit(1);
	c->birth = birth;
	err = set_up(c, &fault);
	if (err) {
		log_error("carrier: %s", fault.text);
		_exit(1);
	}
	err = loop_run(c->loop);
	if (err)
		log_error("carrier: its loop failed: %s", strerror(-err));
	gate_done(&c->gate);
	_exit(err ? 1 : 0);
}
