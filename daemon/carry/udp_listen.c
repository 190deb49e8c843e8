/* Reading diverted datagrams: each finds its flow, or begins one. */
#include "carry/udp_listen.h"

#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "base/log.h"
#include "carry/udp.h"
#include "carry/udp_handoff.h"
#include "carry/udp_hold.h"
#include "carry/udp_relay.h"
#include "carry/udp_source.h"
#include "kernel/udp_socket.h"

enum {
	READS_PER_TURN = 4, /* of one listener: answers get their turn too */
};

static struct udp_flow *begin(struct udp_listener *l, const struct udp_run *run)
{
	struct gate *g = l->gate;
	struct udp_flow *f;

	if (!run->to.family || !run->from.port || addr_is_loopback(&run->to)) {
		/* nobody can be answered there; or no divert led here: somebody on this box found the port,
		 * or a `server` names it */
		if (addr_is_loopback(&run->to))
			gate_note(g, l->table, NOTE_LOOP, TABLE_NONE);
		g->counters->udp_lost++;
		return NULL;
	}
	if (udp_source_is_ours(g, &run->from, &run->to)) { /* sent by ourselves: a loop ends here */
		g->counters->udp_lost++;
		return NULL;
	}
	f = udp_flow_new(l, &run->from, &run->to);
	if (f)
		f->link_in = run->link;
	return f;
}

static bool is_of(const struct udp_flow *f, const struct udp_run *run)
{
	return addr_equal(&f->from, &run->from) && addr_equal(&f->to, &run->to);
}

/* One message of a client's. `sending`: the flow whose datagrams are being gathered; NULL: none's. Returns
 * the one from then on. */
static struct udp_flow *take(struct udp_listener *l, struct udp_flow *sending,
			     const struct udp_run *run)
{
	struct udp_flow *f = sending;

	if (sending && !is_of(sending, run)) {
		udp_relay_send(sending);
		f = NULL;
	}
	if (!f)
		f = udp_flow_find(l->gate, &run->from, &run->to);
	if (!f)
		f = begin(l, run);
	if (!f)
		return NULL;
	switch ((enum udp_state)f->state) {
	case UDP_HELD:
		udp_hold_take(f, run);
		break;
	case UDP_RELAYED:
		udp_relay_add(f, run);
		return f->state == UDP_RELAYED ? f : NULL;
	case UDP_HANDED:
		udp_handoff_late(f, run);
		break;
	case UDP_MUTE:
	case UDP_ENDED:
		break;
	}
	return NULL;
}

static void listener_ready(struct watch *w, uint32_t events)
{
	struct udp_listener *l = container_of(w, struct udp_listener, w);
	struct udp *u = l->gate->udp;
	struct udp_flow *sending;
	int count = UDP_BATCH_MOST;

	(void)events;
	for (int i = 0; i < READS_PER_TURN && count == UDP_BATCH_MOST; i++) {
		sending = NULL;
		count = udp_batch_receive(u->batch, w->fd);
		for (int k = 0; k < count; k++) {
			struct udp_run run = udp_batch_run(u->batch, (unsigned)k);

			sending = take(l, sending, &run);
		}
		if (sending)
			udp_relay_send(sending);
	}
	l->is_read_empty = count < UDP_BATCH_MOST;
}

struct udp_listener *udp_listener_new(struct gate *g, struct gate_table *table, uint16_t divert,
				      int fd)
{
	struct udp_listener *l = udp_open(g) ? NULL : calloc(1, sizeof *l);

	if (!l) {
		(void)close(fd); /* the keeper has its own copy */
		return NULL;
	}
	l->w = (struct watch){ .fd = fd, .events = EPOLLIN, .ready = listener_ready };
	l->gate = g;
	l->table = gate_table_hold(table);
	l->divert = divert;
	udp_socket_gather(fd);
	return l;
}

/* The client's datagrams of a flow that has no listener any more. */
static void client_ready(struct watch *w, uint32_t events)
{
	struct udp_flow *f = container_of(w, struct udp_flow, client);
	struct udp *u = f->gate->udp;
	int count = udp_batch_receive(u->batch, w->fd);

	(void)events;
	for (int i = 0; i < count && f->state == UDP_RELAYED; i++) {
		struct udp_run run = udp_batch_run(u->batch, (unsigned)i);

		udp_relay_add(f, &run);
	}
	if (f->state == UDP_RELAYED)
		udp_relay_send(f);
}

void udp_listen_own(struct udp_flow *f)
{
	uint32_t mark = marks_of(&f->table->t->marks, MARK_RELAY);

	f->listener = NULL;
	f->client = (struct watch){ .fd = udp_socket_client(&f->to, &f->from, mark),
				    .events = EPOLLIN,
				    .ready = client_ready };
	if (f->client.fd < 0)
		f->client.fd = -1;
	if (f->client.fd < 0 || loop_watch(f->gate->loop, &f->client))
		udp_flow_end(f, FLOW_WHY_stopped);
}

/* Those in a list lose this listener: relayed ones go on without it. */
static void lose_in(const struct udp_list *list, const struct udp_listener *l)
{
	struct udp_flow *f;
	struct udp_flow *after;

	for (f = TAILQ_FIRST(list); f; f = after) {
		after = TAILQ_NEXT(f, line); /* only f itself can end here */
		if (f->listener != l)
			continue;
		if (f->state == UDP_RELAYED)
			udp_listen_own(f);
		else
			udp_flow_end(f, FLOW_WHY_stopped);
	}
}

static void lose_relayed(const struct udp_listener *l)
{
	lose_in(&l->gate->udp->kept, l);
	lose_in(&l->gate->udp->brief, l);
	lose_in(&l->gate->udp->relayed, l);
}

static void lose_all(const struct udp_listener *l)
{
	lose_relayed(l);
	lose_in(&l->gate->udp->resting, l);
	lose_in(&l->gate->udp->asked, l);
	lose_in(&l->gate->udp->handed, l);
	lose_in(&l->gate->udp->mute, l);
}

void udp_listen_hang_up(struct udp_flow *f)
{
	if (f->client.fd < 0)
		return;
	loop_closing(f->gate->loop, &f->client);
	(void)close(f->client.fd); /* nothing was sent by it */
	f->client.fd = -1;
}

void udp_listener_free(struct udp_listener *l)
{
	LIST_REMOVE(l, entry);
	lose_all(l);
	loop_forget(l->gate->loop, &l->w);
	(void)close(l->w.fd); /* the keeper has its own copy */
	gate_table_drop(l->table);
	free(l);
}

void udp_listener_start(struct udp_listener *l)
{
	struct gate *g = l->gate;
	int err;

	LIST_INSERT_HEAD(&g->udp->listeners, l, entry);
	err = loop_watch(g->loop, &l->w);
	if (!err)
		return;
	log_error("carrier: cannot watch a listener: %s", strerror(-err));
	udp_listener_free(l);
}

void udp_listener_move(struct udp_listener *l, struct gate_table *table, uint16_t divert)
{
	(void)gate_table_hold(table);
	gate_table_drop(l->table);
	l->table = table;
	l->divert = divert;
}

static void leave_fires(struct timer *t)
{
	struct udp *u = container_of(t, struct udp, leave);
	uint64_t now_ms = loop_now_ms(u->gate->loop);
	uint64_t next_ms = 0;
	struct udp_listener *l;
	struct udp_listener *after;

	for (l = LIST_FIRST(&u->listeners); l; l = after) {
		after = LIST_NEXT(l, entry);
		if (!l->leave_ms)
			continue;
		if (l->leave_ms <= now_ms)
			udp_listener_free(l);
		else if (!next_ms || l->leave_ms < next_ms)
			next_ms = l->leave_ms;
	}
	if (next_ms)
		(void)timer_arm(u->gate->loop, t, next_ms); /* has a place in the heap */
}

void udp_listener_leave(struct udp_listener *l, uint64_t in_ms)
{
	struct udp *u = l->gate->udp;

	l->leave_ms = loop_now_ms(l->gate->loop) + in_ms;
	u->leave.fire = leave_fires;
	/* without memory it stays: no rule leads to it */
	if (!u->leave.index)
		(void)timer_arm(l->gate->loop, &u->leave, l->leave_ms);
	lose_relayed(l); /* no rule leads to it any more: what is in its queue is read */
}

void udp_listen_close(struct gate *g)
{
	struct udp *u = g->udp;
	struct udp_listener *l;
	struct udp_listener *after;

	if (!u)
		return;
	for (l = LIST_FIRST(&u->listeners); l; l = after) {
		after = LIST_NEXT(l, entry);
		udp_listener_free(l);
	}
	timer_disarm(g->loop, &u->leave);
}
