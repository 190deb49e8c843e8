/* The life of a TCP flow: open, states, one end. */
#include "carry/tcp_session.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "base/log.h"
#include "carry/flow_log.h"
#include "carry/handoff.h"
#include "carry/tcp_dial.h"
#include "carry/tcp_hold.h"
#include "carry/tcp_late.h"
#include "carry/tcp_listen.h"
#include "carry/tcp_relay.h"
#include "kernel/dial.h"

enum {
	MUTE_MS = 60 * 1000, /* `drop`: silence for that long */
};

/* Whose turn it is when the timer fires depends on the state; it may fire early and look again. */
static void session_timer(struct timer *t)
{
	struct tcp_session *s = container_of(t, struct tcp_session, timer);

	if (s->deadline_ms > loop_now_ms(s->gate->loop)) {
		if (timer_arm(s->gate->loop, t, s->deadline_ms))
			tcp_session_end(s, FLOW_WHY_memory);
		return;
	}
	switch ((enum tcp_state)s->state) {
	case TCP_HELD:
		tcp_hold_late(s);
		break;
	case TCP_DIALLING:
		tcp_dial_late(s);
		break;
	case TCP_RELAYED:
		tcp_late(s);
		break;
	case TCP_MUTE:
		tcp_session_end(s, FLOW_WHY_dropped);
		break;
	case TCP_ENDED:
		break;
	}
}

void tcp_session_deadline(struct tcp_session *s, uint64_t in_ms)
{
	s->deadline_ms = loop_now_ms(s->gate->loop) + in_ms;
	/* a timer that fires before that looks again: most flows never touch the heap twice */
	if ((!s->timer.index || s->timer.at_ms > s->deadline_ms) &&
	    timer_arm(s->gate->loop, &s->timer, s->deadline_ms))
		tcp_session_end(s, FLOW_WHY_memory);
}

void tcp_session_enter(struct tcp_session *s, enum tcp_state state, uint64_t in_ms)
{
	if (s->state == TCP_HELD && state != TCP_HELD)
		s->gate->counters->undecided--;
	s->state = (uint8_t)state;
	tcp_session_deadline(s, in_ms);
}

static void client_ready(struct watch *w, uint32_t events)
{
	struct tcp_session *s = container_of(w, struct tcp_session, client.w);

	switch ((enum tcp_state)s->state) {
	case TCP_HELD:
		tcp_hold_ready(s, events);
		break;
	case TCP_DIALLING:
		if (events & EPOLLERR)
			tcp_session_end(s, FLOW_WHY_reset_client);
		else if (events & EPOLLRDHUP)
			s->client.is_hung_up = true;
		break;
	case TCP_RELAYED:
		tcp_relay_ready(s, &s->client, events);
		break;
	case TCP_MUTE:
		if (events & (EPOLLERR | EPOLLHUP))
			tcp_session_end(s, FLOW_WHY_dropped);
		break;
	case TCP_ENDED:
		break;
	}
}

static void server_ready(struct watch *w, uint32_t events)
{
	struct tcp_session *s = container_of(w, struct tcp_session, server.w);

	if (s->state == TCP_DIALLING)
		tcp_dial_ready(s, events);
	else if (s->state == TCP_RELAYED)
		tcp_relay_ready(s, &s->server, events);
}

static void session_later(struct later *l)
{
	struct tcp_session *s = container_of(l, struct tcp_session, later);

	if (s->state == TCP_RELAYED) {
		tcp_relay_again(s);
		return;
	}
	if (s->state != TCP_ENDED)
		return;
	gate_table_drop(s->table);
	free(s->texts);
	free(s);
}

static struct tcp_session *session_new(struct gate *g, struct gate_table *table, uint16_t divert,
				       int fd, const struct addr *from)
{
	struct tcp_session *s = calloc(1, sizeof *s);

	if (!s)
		return NULL;
	s->gate = g;
	s->table = gate_table_hold(table);
	s->asked.kind = &tcp_hold_asked;
	s->timer.fire = session_timer;
	s->later.call = session_later;
	s->client.w.fd = fd;
	s->client.w.ready = client_ready;
	s->server.w.fd = -1;
	s->server.w.ready = server_ready;
	s->from = *from;
	s->id = g->next_id++;
	s->since_ms = loop_now_ms(g->loop);
	s->divert = divert;
	s->route = TABLE_NONE;
	return s;
}

int tcp_session_open(struct gate *g, struct gate_table *table, uint16_t divert, int fd,
		     const struct addr *from)
{
	struct sockaddr_storage name;
	socklen_t size = sizeof name;
	struct tcp_session *s =
		divert < table->t->divert_count ? session_new(g, table, divert, fd, from) : NULL;

	if (!s) {
		g->counters->whys[FLOW_WHY_memory]++;
		dial_reset(fd);
		return -ENOMEM;
	}
	LIST_INSERT_HEAD(&g->sessions, s, entry);
	g->session_count++;
	g->counters->flows_active++;
	g->counters->flows_total++;
	g->counters->undecided++;
	g->counters->divert_active[tcp_session_counter(s)]++;
	g->counters->divert_total[tcp_session_counter(s)]++;
	if (getsockname(fd, (struct sockaddr *)&name, &size) < 0) {
		tcp_session_end(s, FLOW_WHY_lost);
		return -errno;
	}
	s->to = addr_from_sockaddr(&name);
	if (addr_is_loopback(&s->to)) {
		/* no divert led here: somebody on this box found the port, or a `server` names it */
		gate_note(g, s->table, NOTE_LOOP, TABLE_NONE);
		tcp_session_end(s, FLOW_WHY_rejected);
		return -EPERM;
	}
	tcp_hold_start(s);
	return 0;
}

bool tcp_side_watch(struct tcp_session *s, struct tcp_side *side, uint32_t events)
{
	if (side->is_watched)
		return true;
	side->w.events = events;
	side->is_watched = loop_watch(s->gate->loop, &side->w) == 0;
	if (!side->is_watched)
		tcp_session_end(s, FLOW_WHY_memory);
	return side->is_watched;
}

void tcp_side_close(struct tcp_session *s, struct tcp_side *side, bool reset)
{
	if (side->w.fd >= 0) {
		loop_closing(s->gate->loop, &side->w);
		if (reset)
			dial_reset(side->w.fd);
		else
			(void)close(side->w.fd); /* the kernel delivers what is still queued */
		side->w.fd = -1;
		side->is_watched = false;
	}
	splice_pool_give(&s->gate->pool, side->pipe);
	side->pipe = NULL;
	s->gate->held_bytes -= side->held_size;
	free(side->held);
	side->held = NULL;
	side->held_size = 0;
}

/* Out of every list and count but the memory's. */
static void leave(struct tcp_session *s)
{
	struct gate *g = s->gate;
	struct counters *c = g->counters;

	asker_forget(g, &s->asked);
	if (s->state == TCP_HELD)
		c->undecided--;
	c->flows_active--;
	c->divert_active[tcp_session_counter(s)]--;
	if (s->is_counted_server)
		c->server_active[table_server(s->table->t, s->server_index)->counter]--;
	s->is_counted_server = false;
}

/* What is left of an ended session goes after this turn. */
static void vanish(struct tcp_session *s)
{
	struct gate *g = s->gate;

	g->session_count--;
	loop_later(g->loop, &s->later);
	gate_left(g);
}

void tcp_session_end(struct tcp_session *s, enum flow_why why)
{
	struct gate *g = s->gate;
	bool was_mute = s->state == TCP_MUTE;
	bool is_clean = why == FLOW_WHY_closed || why == FLOW_WHY_no_data;

	if (s->state == TCP_ENDED)
		return;
	if (!was_mute) {
		flow_log_end(s, why);
		leave(s);
	}
	s->state = TCP_ENDED;
	if (was_mute)
		TAILQ_REMOVE(&g->mute, s, line);
	else
		LIST_REMOVE(s, entry);
	timer_disarm(g->loop, &s->timer);
	handoff_end(s);
	tcp_side_close(s, &s->server, !is_clean && why != FLOW_WHY_reset_server);
	if (was_mute && s->client.w.fd >= 0) {
		loop_closing(g->loop, &s->client.w);
		dial_end_silently(s->client.w.fd);
		s->client.w.fd = -1;
	}
	tcp_side_close(s, &s->client, !is_clean && why != FLOW_WHY_reset_client);
	vanish(s);
}

void tcp_session_hand_over(struct tcp_session *s)
{
	struct flow_record record;
	struct gate *g = s->gate;

	g->counters->in_bytes += s->client.moved;
	g->counters->out_bytes += s->server.moved;
	g->counters->handed_over++;
	flow_log_record(s, &record);
	if (g->handed)
		g->handed(g, &record);
	leave(s);
	s->state = TCP_ENDED;
	LIST_REMOVE(s, entry);
	timer_disarm(g->loop, &s->timer);
	vanish(s);
}

void tcp_session_mute(struct tcp_session *s)
{
	struct gate *g = s->gate;
	int mark = (int)marks_of(&s->table->t->marks, MARK_FREEZE);

	flow_log_end(s, FLOW_WHY_dropped);
	leave(s);
	tcp_side_close(s, &s->server, true);
	LIST_REMOVE(s, entry);
	TAILQ_INSERT_TAIL(&g->mute, s, line);
	s->state = TCP_MUTE;
	/* from now on the rule set lets nothing of this socket out */
	if (setsockopt(s->client.w.fd, SOL_SOCKET, SO_MARK, &mark, sizeof mark) < 0)
		log_debug("cannot freeze a dropped flow: it is only left unanswered");
	tcp_session_deadline(s, MUTE_MS);
}
