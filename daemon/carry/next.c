/* The configuration to come: brought in piece by piece, changed over at once. */
#include "carry/next.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/log.h"
#include "carry/drain.h"
#include "carry/tcp_hold.h"
#include "carry/tcp_listen.h"
#include "carry/tcp_session.h"
#include "carry/udp.h"
#include "carry/udp_hold.h"
#include "carry/udp_ids.h"
#include "carry/udp_listen.h"

void next_init(struct next *n, struct gate *g)
{
	n->gate = g;
	LIST_INIT(&n->listeners);
	LIST_INIT(&n->udp_listeners);
	for (unsigned i = 0; i < ASKER_MOST_LINKS; i++)
		n->sniffers[i] = (struct next_sniffer){ .w.fd = -1, .next = n };
}

void next_forget(struct gate *g)
{
	struct next *n = &g->next;

	for (unsigned i = 0; i < ASKER_MOST_LINKS; i++) {
		struct next_sniffer *s = &n->sniffers[i];

		if (s->w.fd < 0)
			continue;
		loop_forget(g->loop, &s->w);
		(void)close(s->w.fd); /* the sniffer sees the end and ends */
		s->w.fd = -1;
	}
	while (!LIST_EMPTY(&n->listeners))
		tcp_listener_free(LIST_FIRST(&n->listeners));
	while (!LIST_EMPTY(&n->udp_listeners))
		udp_listener_free(LIST_FIRST(&n->udp_listeners));
	gate_table_drop(n->table);
	n->table = NULL;
	n->sniffer_count = 0;
	n->number = 0;
	n->is_whole = false;
	n->is_ready = false;
}

int next_table(struct gate *g, uint64_t number, int fd)
{
	next_forget(g);
	g->next.number = number;
	return gate_table_map(&g->next.table, g, fd);
}

/* It is whole: does every sniffer answer? */
static void look_whether_ready(struct next *n)
{
	if (!n->is_whole)
		return;
	for (unsigned i = 0; i < n->sniffer_count; i++)
		if (!n->sniffers[i].has_answered)
			return;
	n->is_whole = false; /* said once */
	n->is_ready = true;
	n->ready(n->gate, n->number, 0);
}

static void give_up(struct next *n, int err)
{
	uint64_t number = n->number;

	next_forget(n->gate);
	n->ready(n->gate, number, err);
}

/* Who was told that all is ready may just be changing over: then it is without this sniffer for a moment.
 * Otherwise all is given up when it hears of this. The first configuration of all is taken up in any case:
 * there is none to stay with, and whoever made the sniffer sees its end. */
static void lose(struct next_sniffer *s)
{
	struct next *n = s->next;
	bool is_first = !n->gate->table;

	if (!n->is_ready && !is_first) {
		give_up(n, -EPIPE);
		return;
	}
	loop_forget(n->gate->loop, &s->w);
	(void)close(s->w.fd); /* the sniffer sees the end and ends */
	s->w.fd = -1;
	if (!is_first)
		n->ready(n->gate, n->number, -EPIPE);
}

/* The answer to our ping, or its end. */
static void sniffer_ready(struct watch *w, uint32_t events)
{
	struct next_sniffer *s = container_of(w, struct next_sniffer, w);
	struct answer answer;
	ssize_t size = recv(w->fd, &answer, sizeof answer, MSG_DONTWAIT | MSG_TRUNC);

	(void)events;
	if (size < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (size <= 0 || s->has_answered || !answer_is_sane(&answer, (size_t)size) ||
	    answer.verdict != ANSWER_PONG) {
		lose(s); /* nobody else has asked it anything */
		return;
	}
	s->has_answered = true;
	look_whether_ready(s->next);
}

int next_sniffer(struct gate *g, uint64_t number, unsigned index, int fd)
{
	const struct question ping = { .kind = QUESTION_PING };
	struct next *n = &g->next;
	struct next_sniffer *s = &n->sniffers[index < ASKER_MOST_LINKS ? index : 0];
	int err = 0;

	if (fd < 0)
		return -EMFILE;
	if (number != n->number || index >= ASKER_MOST_LINKS || s->w.fd >= 0) {
		(void)close(fd); /* not to be used */
		return -EINVAL;
	}
	*s = (struct next_sniffer){ .w = { .fd = fd, .events = EPOLLIN, .ready = sniffer_ready },
				    .next = n };
	if (send(fd, &ping, sizeof ping, MSG_DONTWAIT | MSG_NOSIGNAL) != sizeof ping)
		err = -EPIPE;
	if (!err)
		err = loop_watch(g->loop, &s->w);
	if (err) {
		(void)close(fd); /* the sniffer sees the end and ends */
		s->w.fd = -1;
		return err;
	}
	if (index >= n->sniffer_count)
		n->sniffer_count = index + 1;
	return 0;
}

/* Can a listener of that divert be used? 0, or -errno: then it is closed. */
static int look_at_listener(const struct next *n, uint64_t number, unsigned divert, int fd)
{
	if (fd < 0)
		return -EMFILE;
	if (number == n->number && n->table && divert < n->table->t->divert_count)
		return 0;
	(void)close(fd); /* not to be used */
	return -EINVAL;
}

int next_udp_listener(struct gate *g, uint64_t number, unsigned divert, int fd)
{
	struct next *n = &g->next;
	int err = look_at_listener(n, number, divert, fd);
	struct udp_listener *l;

	if (err)
		return err;
	l = udp_listener_new(g, n->table, (uint16_t)divert, fd);
	if (!l)
		return -ENOMEM;
	LIST_INSERT_HEAD(&n->udp_listeners, l, entry);
	return 0;
}

int next_listener(struct gate *g, uint64_t number, unsigned divert, int fd)
{
	struct next *n = &g->next;
	int err = look_at_listener(n, number, divert, fd);
	struct tcp_listener *l;

	if (err)
		return err;
	l = tcp_listener_new(g, n->table, (uint16_t)divert, fd);
	if (!l)
		return -ENOMEM;
	LIST_INSERT_HEAD(&n->listeners, l, entry);
	return 0;
}

void next_whole(struct gate *g, uint64_t number, int err)
{
	struct next *n = &g->next;

	if (number != n->number)
		return;
	if (err) {
		give_up(n, err);
		return;
	}
	n->is_whole = true;
	look_whether_ready(n);
}

/* Which divert of the new table is that one? -1: it is gone. */
static int new_index(const struct table *to, const struct table_divert *from, bool is_udp)
{
	for (unsigned i = 0; i < to->divert_count; i++) {
		const struct table_divert *d = table_divert(to, i);

		if ((is_udp ? d->has_udp : d->has_tcp) && strcmp(d->name, from->name) == 0)
			return (int)i;
	}
	return -1;
}

static void move_listeners(struct gate *g, const struct gate_table *former)
{
	struct next *n = &g->next;
	struct tcp_listener *l;

	LIST_FOREACH (l, &g->listeners, entry) {
		int divert;

		if (l->table != former)
			continue; /* left to its end at an earlier change */
		divert = new_index(g->table->t, table_divert(former->t, l->divert), false);
		if (divert >= 0)
			tcp_listener_move(l, g->table, (uint16_t)divert);
		else
			tcp_listener_leave(l, NEXT_LEAVE_MS);
	}
	while (!LIST_EMPTY(&n->listeners)) {
		l = LIST_FIRST(&n->listeners);
		LIST_REMOVE(l, entry);
		tcp_listener_start(l);
	}
}

static void move_udp_listeners(struct gate *g, const struct gate_table *former)
{
	struct next *n = &g->next;
	struct udp_listener *l;

	if (!g->udp)
		return;
	LIST_FOREACH (l, &g->udp->listeners, entry) {
		int divert;

		if (l->table != former)
			continue; /* left to its end at an earlier change */
		divert = new_index(g->table->t, table_divert(former->t, l->divert), true);
		if (divert >= 0)
			udp_listener_move(l, g->table, (uint16_t)divert);
		else
			udp_listener_leave(l, NEXT_LEAVE_MS);
	}
	while (!LIST_EMPTY(&n->udp_listeners)) {
		l = LIST_FIRST(&n->udp_listeners);
		LIST_REMOVE(l, entry);
		udp_listener_start(l);
	}
}

static void move_sniffers(struct gate *g)
{
	struct next *n = &g->next;

	asker_hang_up(g);
	udp_ids_stop(g);
	for (unsigned i = 0; i < n->sniffer_count; i++) {
		struct next_sniffer *s = &n->sniffers[i];
		int err;

		if (s->w.fd < 0)
			continue;
		loop_forget(g->loop, &s->w);
		err = asker_link_take(g, i, s->w.fd, s->has_answered);
		if (err) /* its socket is closed, so it ends: the keeper sends another */
			log_warn("carrier: cannot take a sniffer up: %s", strerror(-err));
		s->w.fd = -1;
	}
}

static void move_sessions(struct gate *g, const struct gate_table *former)
{
	struct tcp_session *s;
	struct tcp_session *after;

	for (s = LIST_FIRST(&g->sessions); s; s = after) {
		after = LIST_NEXT(s, entry); /* only s itself can end here */
		if (s->state != TCP_HELD)
			continue;
		if (s->table == former)
			tcp_hold_move(s, new_index(g->table->t, tcp_session_divert(s), false));
		else
			tcp_hold_move(s, -1);
	}
}

/* The questions to former sniffers are void: so all of them wait for another. */
static void move_udp_flows(struct gate *g, const struct gate_table *former)
{
	struct udp_list moving = TAILQ_HEAD_INITIALIZER(moving);
	struct udp_flow *f;

	if (!g->udp)
		return;
	TAILQ_CONCAT(&g->udp->resting, &g->udp->asked, line);
	TAILQ_CONCAT(&moving, &g->udp->resting, line);
	TAILQ_FOREACH (f, &moving, line)
		f->in = &moving;
	while (!TAILQ_EMPTY(&moving)) {
		f = TAILQ_FIRST(&moving);
		udp_hold_move(f, f->table == former
					 ? new_index(g->table->t, udp_flow_divert(f), true)
					 : -1);
	}
}

bool next_switch(struct gate *g, uint64_t number)
{
	struct next *n = &g->next;
	struct gate_table *former = g->table;

	if (!n->table || number != n->number)
		return false;
	g->table = n->table;
	n->table = NULL;
	log_set_level((enum log_level)g->table->t->log_level);
	move_sniffers(g);
	move_listeners(g, former);
	move_udp_listeners(g, former);
	next_forget(g);
	gate_limit(g);
	tcp_listen_unpark(g); /* if there is more room now */
	if (!former)
		return true;
	move_sessions(g, former);
	move_udp_flows(g, former);
	drain_look(g);
	gate_table_drop(former);
	return true;
}
