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
#include "carry/mend.h"
#include "carry/udp_listen.h"
#include "flow/channel.h"
#include "kernel/fd_pass.h"
#include "loop/signals.h"

struct carrier {
	struct gate gate;
	struct watch channel;
	struct loop *loop;
	const struct carrier_birth *birth;
	struct channel_handed waiting; /* flows that were handed over in this turn */
	struct later turn_over;
	uint64_t number; /* of the configuration in force; 0: none yet */
	int failed;      /* the first -errno of the one to come */
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

static void note(struct gate *g, enum channel_note note, unsigned backend)
{
	struct carrier *c = container_of(g, struct carrier, gate);

	tell(c, CHANNEL_NOTE, backend, note | c->number << 8);
}

/* Where it does not get through, the keeper finds the flows by itself. */
static void tell_handed(struct carrier *c)
{
	const struct channel_handed *m = &c->waiting;

	if (m->head.index)
		(void)fd_pass_send(c->channel.fd, m,
				   offsetof(struct channel_handed, flows) +
					   m->head.index * sizeof *m->flows,
				   -1);
	c->waiting.head.index = 0;
}

static void turn_over(struct later *l)
{
	tell_handed(container_of(l, struct carrier, turn_over));
}

/* There may be many: they are told together, after this turn. */
static void handed(struct gate *g, const struct flow_record *flow)
{
	struct carrier *c = container_of(g, struct carrier, gate);
	struct channel_handed *m = &c->waiting;

	m->head.kind = CHANNEL_HANDED;
	m->flows[m->head.index++] = *flow;
	if (m->head.index == CHANNEL_FLOWS)
		tell_handed(c);
	else
		loop_later(g->loop, &c->turn_over);
}

static void spawn_lost(struct gate *g)
{
	tell(container_of(g, struct carrier, gate), CHANNEL_UNSPAWNED, 0, 0);
}

static void replaced(struct gate *g, const struct conntrack_entry *entry)
{
	struct carrier *c = container_of(g, struct carrier, gate);
	struct channel_handed m = {
		.head = { .kind = CHANNEL_REPLACED },
		.entry = { .transport = entry->transport,
			   .has_stamps = entry->has_stamps,
			   .client = entry->client,
			   .to = entry->to,
			   .state = entry->state,
			   .timeout_s = entry->timeout_s,
			   .packets = { entry->packets[0], entry->packets[1] },
			   .bytes = { entry->bytes[0], entry->bytes[1] } },
	};

	tell_handed(c); /* it may be one of these */
	(void)fd_pass_send(c->channel.fd, &m, sizeof m, -1);
}

static void finish(struct gate *g)
{
	loop_stop(g->loop);
}

static void retire(struct carrier *c)
{
	next_forget(&c->gate);
	tcp_listen_close(&c->gate);
	c->gate.is_retiring = true;
	udp_listen_close(&c->gate);
	mend_stop(&c->gate);
	c->gate.emptied = finish;
	if (gate_is_empty(&c->gate))
		loop_stop(c->loop);
}

static int take_listener(struct carrier *c, uint64_t number, const struct carrier_listener *l)
{
	return l->is_udp ? next_udp_listener(&c->gate, number, l->divert, l->fd)
			 : next_listener(&c->gate, number, l->divert, l->fd);
}

/* The listeners of our birth belong to the first table. */
static int take_table(struct carrier *c, uint64_t number, int fd)
{
	const struct carrier_birth *birth = c->birth;
	int err = next_table(&c->gate, number, fd);

	for (size_t i = 0; i < birth->listener_count && !c->has_table && !err; i++)
		err = take_listener(c, number, &birth->listeners[i]);
	c->has_table = true;
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

static void ready(struct gate *g, uint64_t number, int err)
{
	struct carrier *c = container_of(g, struct carrier, gate);

	c->failed = 0;
	tell(c, CHANNEL_READY, (uint32_t)-err, number);
}

/* What is old is better than nothing, but a carrier that knows no place at all is of no use. */
static void take_places(struct carrier *c, int fd)
{
	int err = fd < 0 ? -EMFILE : gate_set_places(&c->gate, fd);

	if (!err)
		return;
	log_warn("carrier: cannot take up where addresses are: %s", strerror(-err));
	if (!c->gate.places)
		loop_stop(c->loop);
}

static void take_spawn(struct carrier *c, int fd)
{
	if (fd < 0 || exec_link_up(&c->gate, fd))
		spawn_lost(&c->gate); /* the keeper comes again */
}

/* What belongs to a configuration to come; the first failure is told when it is whole. */
static void bring(struct carrier *c, const struct channel_message *m, int fd)
{
	int err = 0;

	switch (m->kind) {
	case CHANNEL_TABLE:
		c->failed = 0;
		err = take_table(c, m->value, fd);
		break;
	case CHANNEL_SNIFFER:
		if (m->value == c->number)
			take_sniffer(c, m->index, fd);
		else
			err = next_sniffer(&c->gate, m->value, m->index, fd);
		break;
	case CHANNEL_LISTENER:
		err = take_listener(c, m->value,
				    &(struct carrier_listener){
					    .fd = fd,
					    .divert = (uint16_t)m->index,
					    .is_udp = m->index & CHANNEL_LISTENER_UDP,
				    });
		break;
	case CHANNEL_WHOLE:
		next_whole(&c->gate, m->value, c->failed);
		break;
	}
	if (err && !c->failed)
		c->failed = err;
}

static void change_over(struct carrier *c, uint64_t number)
{
	if (!next_switch(&c->gate, number)) {
		log_error("carrier: cannot take up its configuration: %s",
			  c->failed ? strerror(-c->failed) : "it is not here");
		loop_stop(c->loop); /* of no use like this: the keeper makes a new one */
		return;
	}
	c->number = number;
	asker_ping(&c->gate);
	tell(c, CHANNEL_SWITCHED, 0, number);
}

static void obey(struct carrier *c, const struct channel_message *m, int fd)
{
	switch (m->kind) {
	case CHANNEL_TABLE:
	case CHANNEL_SNIFFER:
	case CHANNEL_LISTENER:
	case CHANNEL_WHOLE:
		bring(c, m, fd);
		break;
	case CHANNEL_PLACES:
		take_places(c, fd);
		break;
	case CHANNEL_SPAWN:
		take_spawn(c, fd);
		break;
	case CHANNEL_SWITCH:
		change_over(c, m->value);
		break;
	case CHANNEL_FORGET:
		next_forget(&c->gate);
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

/* A carrier that strangers took over may have spoilt it: that one's death shall not be everybody's. */
static void map_known(struct carrier *c, int file)
{
	int err = file < 0 ? 0 : known_map(&c->gate.known, file);

	if (err)
		log_warn("carrier: cannot map what is known of flows: %s: flows whose client's "
			 "address changes are not found again; restart shuntd",
			 strerror(-err));
	if (file >= 0)
		(void)close(file); /* the mapping stays */
}

static int set_up(struct carrier *c, struct fault *fault)
{
	const struct carrier_birth *birth = c->birth;
	int err = loop_new(&c->loop);

	if (err)
		return fault_set(fault, err, "cannot make its loop: %s", strerror(-err));
	c->gate.heard = sniffer_heard;
	c->gate.note = note;
	c->gate.handed = handed;
	c->turn_over.call = turn_over;
	c->gate.replaced = replaced;
	c->gate.exec.lost = spawn_lost;
	c->gate.sniffers = birth->sniffers;
	err = gate_init(&c->gate, c->loop, birth->counters, birth->number);
	if (err)
		return fault_set(fault, err, "out of memory");
	c->gate.next.ready = ready;
	err = handed_share_map(&c->gate.handoff.share, birth->share);
	if (err)
		return fault_set(fault, err, "cannot map what carriers share: %s", strerror(-err));
	(void)close(birth->share); /* the mapping stays */
	map_known(c, birth->known);
	err = mend_start(&c->gate, &birth->errors);
	if (err)
		return fault_set(fault, err, "cannot watch for ICMP errors: %s", strerror(-err));
	c->channel =
		(struct watch){ .fd = birth->channel, .events = EPOLLIN, .ready = channel_ready };
	err = loop_watch(c->loop, &c->channel);
	if (err)
		return fault_set(fault, err, "cannot watch its channel: %s", strerror(-err));
	return sandbox_enter(SANDBOX_CARRIER, &birth->user, -1, fault);
}

static void close_others(const struct carrier_birth *birth)
{
	size_t count = birth->listener_count + 4;
	int *keep = calloc(count, sizeof *keep);

	if (!keep)
		_exit(1);
	for (size_t i = 0; i < birth->listener_count; i++)
		keep[i] = birth->listeners[i].fd;
	keep[count - 1] = birth->channel;
	keep[count - 3] = birth->share;
	keep[count - 4] = birth->known;
	keep[count - 2] = birth->errors.socket ? netlink_fd(&birth->errors) : -1;
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
	tell_handed(c);
	gate_done(&c->gate);
	handed_share_unmap(c->gate.handoff.share);
	known_unmap(&c->gate.known);
	_exit(err ? 1 : 0);
}
