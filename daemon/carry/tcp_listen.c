/* Accepting diverted connections. */
#include "carry/tcp_listen.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/log.h"
#include "carry/tcp_session.h"
#include "carry/udp.h"
#include "kernel/sched_batch.h"

enum {
	ACCEPTS_PER_TURN = 64, /* of one listener: flows that are under way get their turn too */
	PARK_MS =
		1000, /* look again after that, though no session of ours ended: others free descriptors */
	RUSH_FLOWS = 128,
	RUSH_MS =
		128, /* so many flows in less than that: throughput counts, not the single wake-up */
	/* In more than that it is over. While it lasts, a busy box may keep a first byte waiting for
	 * ticks of its scheduler. */
	RUSH_OVER_MS = 256,
};

static void watch_all(struct gate *g, uint32_t events)
{
	struct tcp_listener *l;

	LIST_FOREACH (l, &g->listeners, entry)
		(void)loop_change(g->loop, &l->w, events); /* cannot fail: it is watched */
}

void tcp_listen_park(struct gate *g)
{
	if (g->is_parked || g->is_retiring)
		return;
	g->is_parked = true;
	g->counters->parked++;
	watch_all(g, 0);
	(void)timer_arm(g->loop, &g->unpark,
			loop_now_ms(g->loop) + PARK_MS); /* else the next end unparks */
}

void tcp_listen_unpark(struct gate *g)
{
	if (!g->is_parked || g->is_retiring || g->session_count >= g->most_sessions)
		return;
	g->is_parked = false;
	timer_disarm(g->loop, &g->unpark);
	watch_all(g, EPOLLIN);
}

static void unpark_fires(struct timer *t)
{
	struct gate *g = container_of(t, struct gate, unpark);

	tcp_listen_unpark(g);
	if (g->is_parked)
		(void)timer_arm(g->loop, t, loop_now_ms(g->loop) + PARK_MS);
}

/* At the limit a dropped flow, which is only kept to be silent, makes room; or one of datagrams whose client
 * need not exist, as that of a connection does. */
static bool has_place(struct gate *g)
{
	struct tcp_session *oldest = TAILQ_FIRST(&g->mute);

	if (g->session_count < g->most_sessions)
		return true;
	if (!oldest)
		return udp_make_room(g);
	tcp_session_end(oldest, FLOW_WHY_dropped);
	return true;
}

static void set_rush(struct gate_rush *rush, bool is_on)
{
	if (rush->is_on != is_on && sched_batch(is_on) == 0) /* else it stays as it is */
		rush->is_on = is_on;
}

/* Under a rush of connections every wake-up that interrupts somebody costs two switches and finds
 * little to do; otherwise being woken at once is what keeps the first byte quick. */
static void note_accept(struct gate_rush *rush, uint64_t now_ms)
{
	uint64_t took_ms = now_ms - rush->since_ms;

	if (++rush->count < RUSH_FLOWS && took_ms <= RUSH_OVER_MS)
		return;
	if (took_ms > RUSH_OVER_MS)
		set_rush(rush, false);
	else if (took_ms < RUSH_MS)
		set_rush(rush, true);
	rush->count = 0;
	rush->since_ms = now_ms;
}

static void listener_ready(struct watch *w, uint32_t events)
{
	struct tcp_listener *l = container_of(w, struct tcp_listener, w);
	struct gate *g = l->gate;
	struct sockaddr_storage name;
	struct addr from;
	socklen_t size;
	int fd;

	(void)events;
	for (int i = 0; i < ACCEPTS_PER_TURN; i++) {
		if (!has_place(g)) {
			tcp_listen_park(g);
			return;
		}
		size = sizeof name;
		fd = accept4(w->fd, (struct sockaddr *)&name, &size, SOCK_NONBLOCK | SOCK_CLOEXEC);
		if (fd < 0) {
			if (errno == EMFILE || errno == ENFILE || errno == ENOBUFS ||
			    errno == ENOMEM)
				tcp_listen_park(g);
			if (errno != ECONNABORTED && errno != EINTR)
				return;
			continue;
		}
		note_accept(&g->rush, loop_now_ms(g->loop));
		from = addr_from_sockaddr(&name);
		/* on failure the client was reset, and counted */
		(void)tcp_session_open(g, l->table, l->divert, fd, &from);
	}
}

struct tcp_listener *tcp_listener_new(struct gate *g, struct gate_table *table, uint16_t divert,
				      int fd)
{
	struct tcp_listener *l = calloc(1, sizeof *l);
	int family = AF_UNSPEC;
	socklen_t size = sizeof family;

	if (!l) {
		(void)close(fd); /* the keeper has its own copy */
		return NULL;
	}
	g->unpark.fire = unpark_fires;
	l->w = (struct watch){ .fd = fd, .events = EPOLLIN, .ready = listener_ready };
	l->gate = g;
	l->table = gate_table_hold(table);
	l->divert = divert;
	(void)getsockopt(fd, SOL_SOCKET, SO_DOMAIN, &family, &size); /* cannot fail for this one */
	l->family = (uint16_t)family;
	return l;
}

void tcp_listener_free(struct tcp_listener *l)
{
	LIST_REMOVE(l, entry);
	loop_forget(l->gate->loop, &l->w);
	(void)close(l->w.fd); /* the keeper has its own copy */
	gate_table_drop(l->table);
	free(l);
}

void tcp_listener_start(struct tcp_listener *l)
{
	struct gate *g = l->gate;
	int err;

	LIST_INSERT_HEAD(&g->listeners, l, entry);
	l->w.events = g->is_parked ? 0 : EPOLLIN;
	err = loop_watch(g->loop, &l->w);
	if (!err)
		return;
	log_error("carrier: cannot watch a listener: %s", strerror(-err));
	tcp_listener_free(l);
}

void tcp_listener_move(struct tcp_listener *l, struct gate_table *table, uint16_t divert)
{
	(void)gate_table_hold(table);
	gate_table_drop(l->table);
	l->table = table;
	l->divert = divert;
}

static void leave_fires(struct timer *t)
{
	struct gate *g = container_of(t, struct gate, leave);
	uint64_t next_ms = 0;
	struct tcp_listener *l;
	struct tcp_listener *after;

	for (l = LIST_FIRST(&g->listeners); l; l = after) {
		after = LIST_NEXT(l, entry);
		if (!l->leave_ms)
			continue;
		if (l->leave_ms <= loop_now_ms(g->loop))
			tcp_listener_free(l);
		else if (!next_ms || l->leave_ms < next_ms)
			next_ms = l->leave_ms;
	}
	if (next_ms)
		(void)timer_arm(g->loop, t, next_ms); /* has a place in the heap */
}

void tcp_listener_leave(struct tcp_listener *l, uint64_t in_ms)
{
	struct gate *g = l->gate;

	l->leave_ms = loop_now_ms(g->loop) + in_ms;
	g->leave.fire = leave_fires;
	/* without memory it stays: no rule leads to it */
	if (!g->leave.index)
		(void)timer_arm(g->loop, &g->leave, l->leave_ms);
}

void tcp_listen_close(struct gate *g)
{
	struct tcp_listener *l;
	struct tcp_listener *after;

	for (l = LIST_FIRST(&g->listeners); l; l = after) {
		after = LIST_NEXT(l, entry);
		tcp_listener_free(l);
	}
	timer_disarm(g->loop, &g->unpark);
	timer_disarm(g->loop, &g->leave);
}
