/* Accepting diverted connections. */
#include "carry/tcp_listen.h"

#include <errno.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "carry/tcp_session.h"
#include "kernel/sched_batch.h"

enum {
	ACCEPTS_PER_TURN = 64, /* of one listener: flows that are under way get their turn too */
	PARK_MS =
		1000, /* look again after that, though no session of ours ended: others free descriptors */
	RUSH_FLOWS = 256,
	RUSH_MS =
		256, /* so many flows in less than that: throughput counts, not the single wake-up */
	RUSH_OVER_MS = 1000, /* in more than that: the rush is over */
};

static void watch_all(struct gate *g, uint32_t events)
{
	for (size_t i = 0; i < g->listener_count; i++)
		(void)loop_change(g->loop, &g->listeners[i].w,
				  events); /* cannot fail: it is watched */
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

/* At the limit a dropped flow, which is only kept to be silent, makes room. */
static bool has_place(struct gate *g)
{
	struct tcp_session *oldest = TAILQ_FIRST(&g->mute);

	if (g->session_count < g->most_sessions)
		return true;
	if (oldest)
		tcp_session_end(oldest, FLOW_WHY_dropped);
	return oldest != NULL;
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
		(void)tcp_session_open(g, l->divert, fd,
				       &from); /* on failure the client was reset, and counted */
	}
}

int tcp_listen_start(struct gate *g, struct tcp_listener *listeners, size_t count)
{
	int err;

	g->listeners = listeners;
	g->listener_count = count;
	g->unpark.fire = unpark_fires;
	for (size_t i = 0; i < count; i++) {
		listeners[i].gate = g;
		listeners[i].w.events = EPOLLIN;
		listeners[i].w.ready = listener_ready;
		err = loop_watch(g->loop, &listeners[i].w);
		if (err)
			return err;
	}
	return 0;
}

void tcp_listen_close(struct gate *g)
{
	for (size_t i = 0; i < g->listener_count; i++) {
		loop_forget(g->loop, &g->listeners[i].w);
		(void)close(g->listeners[i].w.fd); /* the keeper has its own copy */
		g->listeners[i].w.fd = -1;
	}
	g->listener_count = 0;
	timer_disarm(g->loop, &g->unpark);
}
