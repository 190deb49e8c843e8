/* Relayed UDP flows: datagrams between the listener, or the client's socket, and the server's. */
#include "carry/udp_relay.h"

#include <sys/epoll.h>

#include "carry/udp.h"
#include "carry/udp_dial.h"
#include "carry/udp_handoff.h"
#include "carry/udp_hold.h"
#include "carry/udp_ids.h"
#include "carry/udp_listen.h"
#include "carry/udp_reply.h"
#include "kernel/udp_socket.h"

enum {
	YOUNG_MS = 1000,              /* a server that refuses does so within */
	ORIGINAL_IDLE_MS = 60 * 1000, /* idle's default: `original` has no backend section */
	READS_PER_TURN = 4,           /* of one flow: others get their turn too */
};

static uint64_t idle_of(const struct udp_flow *f)
{
	return f->action == ANSWER_BACKEND ? udp_flow_backend(f)->idle_udp_ms : ORIGINAL_IDLE_MS;
}

bool udp_relay_is_young(const struct udp_flow *f)
{
	return loop_now_ms(f->gate->loop) < f->relayed_ms + YOUNG_MS;
}

/* --- is it to be handed over? --- */

static bool is_empty(const struct udp_flow *f)
{
	bool is_read = !f->listener || f->listener->is_read_empty;

	return is_read && (f->is_read_empty || !f->out_count);
}

void udp_relay_look(struct udp *u)
{
	struct udp_flow *f;

	while (!TAILQ_EMPTY(&u->looks)) {
		f = TAILQ_FIRST(&u->looks);
		TAILQ_REMOVE(&u->looks, f, looks);
		f->is_to_look = false;
		if (f->state == UDP_RELAYED)
			udp_handoff_look(f, is_empty(f));
	}
}

/* After this turn, when it is known what still waits. */
static void look_later(struct udp_flow *f)
{
	struct udp *u = f->gate->udp;

	if (f->is_to_look || !udp_handoff_is_due(f))
		return;
	TAILQ_INSERT_TAIL(&u->looks, f, looks);
	f->is_to_look = true;
	loop_later(f->gate->loop, &u->after);
}

/* --- relaying --- */

void udp_relay_send(struct udp_flow *f)
{
	struct udp_way way = { .fd = f->server.fd,
			       .family = udp_dial_server(f).family,
			       .is_single = f->is_single };

	if (udp_send_is_empty(f->gate->udp->send))
		return;
	udp_send_all(f->gate->udp->send, &way);
	f->is_single = way.is_single;
	f->in_bytes += way.bytes;
	f->in_count += way.count;
	f->active_ms = loop_now_ms(f->gate->loop);
	f->gate->counters->udp_lost += way.lost;
	udp_flow_settle(f);
	look_later(f);
	if (way.err)
		udp_dial_refused(f, way.err);
}

/* Should another server have to be tried, it gets all from the beginning; or there is no other try. */
static void keep(struct udp_flow *f, const struct udp_run *run)
{
	if (f->held && !udp_hold_keep(f, run))
		udp_hold_drop(f);
}

static void add(struct udp_flow *f, const struct udp_run *run)
{
	struct udp_send *send = f->gate->udp->send;

	if (udp_send_add(send, run, f->is_single))
		return;
	udp_relay_send(f);
	if (f->state == UDP_RELAYED)
		(void)udp_send_add(send, run, f->is_single); /* there is room now */
}

void udp_relay_add(struct udp_flow *f, const struct udp_run *run)
{
	keep(f, run);
	add(f, run);
}

/* In the order in which they came. */
static void send_held(struct udp_flow *f)
{
	struct udp_send *send = f->gate->udp->send;
	const struct udp_held *held = f->held;
	size_t at = 0;

	for (unsigned i = 0; i < held->count; i++) {
		size_t size = (size_t)held->run[at] << 8 | held->run[at + 1];
		struct udp_run run = { .bytes =
					       span_of(held->run + at + DATAGRAMS_HEAD_BYTES, size),
				       .tos = held->tos[i] };

		(void)udp_send_add(send, &run, f->is_single); /* it is empty: there is room */
		at += DATAGRAMS_HEAD_BYTES + size;
	}
	udp_relay_send(f);
}

/* What the server has sent goes to the client. */
static void answer(struct udp_flow *f, unsigned count)
{
	struct udp *u = f->gate->udp;

	if (f->held)
		udp_hold_drop(f);
	for (unsigned i = 0; i < count; i++) {
		struct udp_run run = udp_batch_run(u->batch, i);

		if (f->watch.ids)
			udp_ids_seen(f, &run);
		udp_reply_add(f, &run, 0);
	}
	udp_reply_send(f, 0);
	udp_handoff_answered(f);
	f->is_refused = false;
	f->active_ms = loop_now_ms(f->gate->loop);
	look_later(f);
}

static void server_ready(struct watch *w, uint32_t events)
{
	struct udp_flow *f = container_of(w, struct udp_flow, server);
	struct udp *u = f->gate->udp;
	int fd = w->fd;

	(void)events;
	f->is_read_empty = false;
	for (int i = 0; i < READS_PER_TURN; i++) {
		int count = udp_batch_receive(u->batch, fd);

		if (count < 0) {
			udp_dial_refused(f, count);
			if (f->state != UDP_RELAYED || w->fd != fd)
				return;
			continue;
		}
		if (count > 0)
			answer(f, (unsigned)count);
		if (count < UDP_BATCH_MOST) {
			f->is_read_empty = true;
			return;
		}
		if (!f->is_gathering)
			udp_socket_gather(fd);
		f->is_gathering = true;
	}
}

void udp_relay_drain(struct udp_flow *f, uint32_t mark)
{
	struct udp *u = f->gate->udp;
	int count = UDP_BATCH_MOST;

	while (count == UDP_BATCH_MOST) {
		count = udp_batch_receive(u->batch, f->server.fd);
		for (int i = 0; i < count; i++) {
			struct udp_run run = udp_batch_run(u->batch, (unsigned)i);

			udp_reply_add(f, &run, mark);
		}
		udp_reply_send(f, mark);
	}
}

/* Until when to look again. */
static uint64_t next_look_ms(const struct udp_flow *f)
{
	uint64_t idle_ms = idle_of(f);
	uint64_t now_ms = loop_now_ms(f->gate->loop);
	uint64_t in_ms = idle_ms ? f->active_ms + idle_ms - now_ms : UINT32_MAX;

	return f->held && in_ms > YOUNG_MS ? YOUNG_MS : in_ms;
}

void udp_relay_start(struct udp_flow *f)
{
	f->server.events = EPOLLIN;
	f->server.ready = server_ready;
	f->how = FLOW_HOW_copy;
	f->active_ms = loop_now_ms(f->gate->loop);
	f->relayed_ms = f->active_ms;
	f->is_gathering = false;
	f->is_single = false;
	if (loop_watch(f->gate->loop, &f->server)) {
		udp_flow_end(f, FLOW_WHY_memory);
		return;
	}
	if (f->state != UDP_RELAYED)
		udp_flow_enter(f, UDP_RELAYED, next_look_ms(f));
	if (f->state == UDP_RELAYED && f->listener && f->listener->leave_ms)
		udp_listen_own(f); /* it was undecided when its divert went */
	if (f->state != UDP_RELAYED)
		return;
	send_held(f);
	if (f->state == UDP_RELAYED && f->held && !udp_dial_has_next(f))
		udp_hold_drop(f);
}

void udp_relay_late(struct udp_flow *f)
{
	uint64_t now_ms = loop_now_ms(f->gate->loop);
	uint64_t idle_ms = idle_of(f);

	if (f->held && !udp_relay_is_young(f))
		udp_hold_drop(f);
	if (idle_ms && now_ms - f->active_ms >= idle_ms)
		udp_flow_end(f, f->is_refused ? FLOW_WHY_reset_server : FLOW_WHY_idle);
	else
		udp_flow_deadline(f, next_look_ms(f));
}
