/* The way to the backend: which server, and what to do when it cannot be had. */
#include "carry/tcp_dial.h"

#include <errno.h>
#include <sys/epoll.h>

#include "carry/handoff.h"
#include "carry/handoff_terms.h"
#include "carry/tcp_listen.h"
#include "carry/tcp_relay.h"
#include "carry/tcp_source.h"
#include "kernel/dial.h"

enum {
	CLIENT_LOOK_MS =
		20, /* a connect that takes longer: see whether the client is still there */
	ORIGINAL_TIMEOUT_MS =
		3000, /* connect_timeout's default: `original` has no backend section */
};

struct addr tcp_dial_server(const struct tcp_session *s)
{
	if (!s->has_server)
		return (struct addr){ 0 };
	return s->action == ANSWER_ORIGINAL ? s->to
					    : table_server(s->table->t, s->server_index)->at;
}

/* The number of the present server's counters. */
static unsigned counter_of(const struct tcp_session *s)
{
	return table_server(s->table->t, s->server_index)->counter;
}

static void read_syn(struct tcp_session *s)
{
	if (!s->has_syn)
		s->has_syn = saved_syn_read(s->client.w.fd, &s->syn);
}

/* A socket for the present source: client's address and port, address only, or our own. */
static int open_socket(struct tcp_session *s, uint16_t family)
{
	struct dial d = { .family = family,
			  .from = tcp_source_address(s),
			  .has_data = s->asked.size > 0 };

	read_syn(s);
	d.mark = marks_of(&s->table->t->marks, s->is_to_host ? MARK_HOST : handoff_server_role(s));
	if (s->has_syn) {
		d.isn = s->syn.isn;
		d.tos = s->syn.tos;
		handoff_terms_dial(s, &d);
	}
	return dial_open(&d);
}

void tcp_dial_prepare(struct tcp_session *s)
{
	if (s->wanted || s->server.w.fd >= 0)
		return; /* it was `more` before: it may well be again */
	s->server.w.fd = open_socket(s, s->from.family);
	if (s->server.w.fd < 0)
		s->server.w.fd =
			-1; /* the decision comes first: then it is tried again, and said */
}

static bool is_router_source(const struct tcp_session *s)
{
	return s->action == ANSWER_BACKEND && tcp_session_backend(s)->is_source_router;
}

/* The next server of that family (0: any) behind the present one. */
static bool step(struct tcp_session *s, uint16_t family)
{
	const struct table_backend *b = tcp_session_backend(s);
	uint32_t i = s->has_server ? s->server_index + 1 : b->first_server;

	for (; i < b->first_server + b->server_count; i++) {
		if (family && table_server(s->table->t, i)->at.family != family)
			continue;
		s->server_index = i;
		s->has_server = true;
		return true;
	}
	return false;
}

/* Candidates are the servers of the client's family; where there is none, and our own address is
 * used anyway, those of the other. */
static bool next_server(struct tcp_session *s)
{
	uint16_t family = s->from.family;

	if (s->action == ANSWER_ORIGINAL) {
		if (s->has_server)
			return false;
		s->has_server = true;
		return true;
	}
	if (is_router_source(s) && s->has_server)
		family = tcp_dial_server(s).family;
	return step(s, family) || (!s->has_server && is_router_source(s) && step(s, 0));
}

static enum flow_why why_of(int err)
{
	switch (err) {
	case -ECONNREFUSED:
	case -ECONNRESET:
		return FLOW_WHY_connect_refused;
	case -ETIMEDOUT:
		return FLOW_WHY_connect_timeout;
	case -EMFILE:
	case -ENFILE:
		return FLOW_WHY_limit;
	case -ENOMEM:
	case -ENOBUFS:
		return FLOW_WHY_memory;
	}
	return FLOW_WHY_no_server; /* no route, forbidden, unreachable */
}

static uint64_t timeout_ms(const struct tcp_session *s)
{
	return s->action == ANSWER_ORIGINAL ? ORIGINAL_TIMEOUT_MS
					    : tcp_session_backend(s)->connect_timeout_ms;
}

static void attempt(struct tcp_session *s);

static void try_next(struct tcp_session *s, int err)
{
	uint32_t retries = s->action == ANSWER_BACKEND ? tcp_session_backend(s)->retries : 0;

	if (s->action == ANSWER_BACKEND)
		s->gate->counters->server_failed[counter_of(s)]++;
	s->conflicts = 0;
	s->source = is_router_source(s) ? FLOW_SOURCE_router : FLOW_SOURCE_client;
	if (s->tries <= retries && next_server(s))
		attempt(s);
	else
		tcp_session_end(s, why_of(err));
}

/* That pair of addresses and ports is taken on this box. */
static void resolve_conflict(struct tcp_session *s)
{
	struct addr server = tcp_dial_server(s);
	uint32_t in_ms;

	if (!tcp_source_taken(s, &server, &in_ms))
		try_next(s, -EADDRNOTAVAIL);
	else if (in_ms)
		tcp_session_enter(s, TCP_DIALLING, in_ms);
	else
		attempt(s);
}

static void failed(struct tcp_session *s, int err)
{
	switch (err) {
	case -EADDRNOTAVAIL:
	case -EADDRINUSE:
		resolve_conflict(s);
		break;
	case -EMFILE:
	case -ENFILE:
		tcp_session_end(s, FLOW_WHY_limit);
		tcp_listen_park(s->gate);
		break;
	case -ENOMEM:
	case -ENOBUFS:
		tcp_session_end(s, FLOW_WHY_memory);
		break;
	default:
		try_next(s, err);
	}
}

static int connect_it(struct tcp_session *s, const struct addr *server)
{
	int err = s->server.w.fd < 0 ? open_socket(s, server->family) : s->server.w.fd;

	if (err < 0)
		return err;
	s->server.w.fd = err;
	err = dial_connect(s->server.w.fd, server);
	if (err)
		return err;
	s->server.w.events = EPOLLIN | EPOLLOUT | EPOLLPRI | EPOLLRDHUP | EPOLLET;
	err = loop_watch(s->gate->loop, &s->server.w);
	s->server.is_watched = !err;
	return err;
}

static void attempt(struct tcp_session *s)
{
	struct addr server = tcp_dial_server(s);
	int err;

	tcp_source_choose(s, &server);
	err = connect_it(s, &server);
	if (err) {
		tcp_side_close(s, &s->server, true);
		failed(s, err);
		return;
	}
	s->tries++;
	/* most servers answer before it is worth while to look after the client */
	tcp_session_enter(s, TCP_DIALLING, s->client.is_watched ? timeout_ms(s) : CLIENT_LOOK_MS);
}

void tcp_dial_start(struct tcp_session *s)
{
	bool is_router = is_router_source(s);

	s->source = is_router ? FLOW_SOURCE_router : FLOW_SOURCE_client;
	if (!is_router && addr_is_link_local(&s->from)) {
		/* its address means nothing beyond its link (RFC 4291 2.5.6), nor to two servers on it */
		gate_note(s->gate, s->table, NOTE_LINK_LOCAL,
			  s->action == ANSWER_BACKEND ? s->backend : TABLE_NONE);
		tcp_session_end(s, FLOW_WHY_no_family);
		return;
	}
	if (!next_server(s)) {
		tcp_session_end(s, tcp_session_backend(s)->server_count ? FLOW_WHY_no_family
									: FLOW_WHY_no_server);
		return;
	}
	if (is_router)
		tcp_side_close(s, &s->server, true); /* was prepared for the client's address */
	attempt(s);
}

void tcp_dial_ready(struct tcp_session *s, uint32_t events)
{
	struct counters *c = s->gate->counters;
	int err = events & (EPOLLERR | EPOLLHUP) ? dial_result(s->server.w.fd) : 0;

	if (err) {
		tcp_side_close(s, &s->server, true);
		failed(s, err);
		return;
	}
	if (!(events & EPOLLOUT))
		return;
	if (events & EPOLLPRI)
		tcp_relay_urgent(&s->server);
	if (s->action == ANSWER_BACKEND) {
		c->server_total[counter_of(s)]++;
		c->server_active[counter_of(s)]++;
		s->is_counted_server = true;
	}
	s->server.is_hung_up = events & (EPOLLRDHUP | EPOLLHUP);
	tcp_relay_start(s, events & (EPOLLIN | EPOLLRDHUP | EPOLLHUP));
}

void tcp_dial_late(struct tcp_session *s)
{
	uint64_t rest_ms = timeout_ms(s);

	if (s->server.w.fd < 0) {
		attempt(s);
		return;
	}
	if (!s->client.is_watched && rest_ms > CLIENT_LOOK_MS) {
		if (tcp_side_watch(s, &s->client, EPOLLIN | EPOLLPRI | EPOLLRDHUP | EPOLLET))
			tcp_session_deadline(s, rest_ms - CLIENT_LOOK_MS);
		return;
	}
	tcp_side_close(s, &s->server, true);
	try_next(s, -ETIMEDOUT);
}
