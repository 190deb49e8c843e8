/*
 * The first look at a flow: peek, ask the sniffer, do as the answer says. The
 * bytes stay in the kernel's queue; nothing here looks into them.
 */
#include "carry/tcp_hold.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/socket.h>

#include "carry/answer.h"
#include "carry/tcp_dial.h"
#include "kernel/dial.h"

enum {
	MOST_TIMES_LOST = 1,      /* a question over which more sniffers died is not asked again */
	MOST_FINAL_MS = 2 * 1000, /* how long the answer to a last question may take */
	PACED_BYTES = 256,        /* up to so many are judged anew with each that comes */
	PACE_SHARE = 8,           /* beyond that with a share of so many more */
	PACE_MOST_MS = 1000,
};

static void low_water(struct tcp_session *s, int bytes)
{
	if (bytes == 1 && !s->is_low_water)
		return;
	/* without it we are only woken more often */
	(void)setsockopt(s->client.w.fd, SOL_SOCKET, SO_RCVLOWAT, &bytes, sizeof bytes);
	s->is_low_water = bytes > 1;
}

static void go(struct tcp_session *s, uint16_t route, uint16_t action, uint16_t backend)
{
	asker_forget(s->gate, &s->asked);
	low_water(s, 1);
	s->route = route;
	s->action = (uint8_t)action;
	s->backend = backend;
	if (route < s->table->t->route_count)
		s->gate->counters->route_total[table_route(s->table->t, route)->counter]++;
	switch ((enum answer_action)action) {
	case ANSWER_REJECT:
		tcp_session_end(s, FLOW_WHY_rejected);
		return;
	case ANSWER_DROP:
		tcp_session_mute(s);
		return;
	case ANSWER_ORIGINAL:
	case ANSWER_BACKEND:
		tcp_dial_start(s);
		return;
	}
}

static void go_target(struct tcp_session *s, uint16_t route, const struct table_target *target)
{
	go(s, route, target->action, target->backend);
}

/* Bytes of the stream that can be seen now, behind the room for the question's header; -errno. */
static ssize_t peek(struct tcp_session *s)
{
	size_t most = tcp_session_divert(s)->sniff_bytes;
	ssize_t size;

	if (most > QUESTION_MOST_BYTES)
		most = QUESTION_MOST_BYTES;
	size = recv(s->client.w.fd, s->gate->buffer + sizeof(struct question), most,
		    MSG_PEEK | MSG_DONTWAIT);
	if (size >= 0 && (size_t)size >= most)
		s->is_final = true;
	return size < 0 ? -errno : size;
}

/* The client's end came before a single byte, or there is an error on its socket. */
static void ended_early(struct tcp_session *s, ssize_t size)
{
	if (size == 0)
		tcp_session_end(s, FLOW_WHY_no_data);
	else
		tcp_session_end(s, size == -ECONNRESET ? FLOW_WHY_reset_client : FLOW_WHY_lost);
}

/*
 * A question costs time for all bytes that are there, and for each segment that they came in, so a
 * client that drips gets few when they are many: each is put off until there is an eighth more of
 * them, or the flow is an eighth older. What comes as fast as it can is held up for no longer.
 */
static bool is_put_off(struct tcp_session *s)
{
	uint64_t now_ms = loop_now_ms(s->gate->loop);
	uint64_t pace_ms = s->asked_ms / PACE_SHARE;
	uint64_t next_ms =
		s->since_ms + s->asked_ms + (pace_ms < PACE_MOST_MS ? pace_ms : PACE_MOST_MS);
	uint32_t unread;

	if (s->is_final || s->client.is_hung_up || s->asked.size < PACED_BYTES ||
	    now_ms >= next_ms || exec_has_news(&s->asked.exec))
		return false;
	unread = dial_unread(s->client.w.fd);
	if (unread >= s->asked.size + s->asked.size / PACE_SHARE)
		return false;
	if (unread > s->asked.size && !s->wait_ends_ms && next_ms < s->deadline_ms) {
		s->wait_ends_ms = s->deadline_ms;
		tcp_session_deadline(s, next_ms - now_ms);
	}
	return true;
}

/* Of a flow of which no more will be seen, too, a program may still have a word. */
static bool is_last(const struct tcp_session *s)
{
	return s->is_final && exec_is_last(&s->asked.exec, s->table->t, s->is_late);
}

/* Could the sniffer say more about so many bytes than it did? */
static bool is_worth_asking(const struct tcp_session *s, uint32_t size)
{
	if (is_last(s) || !s->asked.size || exec_has_news(&s->asked.exec))
		return true;
	return s->is_final ? !s->asked.exec.is_whole : size > s->asked.size && size >= s->wanted;
}

static int ask(struct tcp_session *s, uint32_t size)
{
	const struct question q = { .transport = QUESTION_TCP,
				    .divert = s->divert,
				    .is_final = is_last(s),
				    .size = size,
				    .client = s->from,
				    .to = s->to };

	return asker_ask(s->gate, &s->asked, &q, s->gate->buffer);
}

void tcp_hold_ask(struct tcp_session *s)
{
	const struct table_divert *d = tcp_session_divert(s);
	ssize_t size;

	if (s->state != TCP_HELD || asked_is_pending(&s->asked) || is_put_off(s))
		return;
	size = peek(s);
	if (size == -EAGAIN)
		return;
	if (size <= 0) {
		ended_early(s, size);
		return;
	}
	if (d->direct_route != TABLE_NONE) {
		s->asked.size = (uint32_t)size;
		go_target(s, d->direct_route, &d->direct);
		return;
	}
	if (s->table != s->gate->table) { /* its divert is gone: there is nobody left to ask */
		go_target(s, ANSWER_ROUTE_UNKNOWN, &d->unknown);
		return;
	}
	if (s->client.is_hung_up)
		s->is_final = true;
	if (!is_worth_asking(s, (uint32_t)size))
		return;
	switch (ask(s, (uint32_t)size)) {
	case 0:
		s->asked.size = (uint32_t)size;
		s->asked_ms = (uint32_t)(loop_now_ms(s->gate->loop) - s->since_ms);
		s->is_asked_final = is_last(s);
		s->asked.exec.is_whole = s->is_final;
		tcp_dial_prepare(s);
		break;
	case -ENOMEM:
		tcp_session_end(s, FLOW_WHY_memory);
		break;
	}
}

/* Nothing to ask yet, or not again: wait for the client. */
static void wait_for_more(struct tcp_session *s)
{
	if (s->state == TCP_HELD && !asked_is_pending(&s->asked))
		(void)tcp_side_watch(s, &s->client,
				     EPOLLIN | EPOLLRDHUP | EPOLLET); /* or the session has ended */
}

void tcp_hold_start(struct tcp_session *s)
{
	const struct table_divert *d = tcp_session_divert(s);
	bool is_same =
		d->direct.action == d->silent.action && d->direct.backend == d->silent.backend;

	if (d->direct_route != TABLE_NONE && is_same) {
		go_target(s, d->direct_route, &d->direct); /* bytes or silence: no difference */
		return;
	}
	tcp_session_deadline(s, d->wait_ms);
	tcp_hold_ask(s);
	if (s->state == TCP_HELD && !s->asked.size && !s->asked.is_in_line)
		tcp_session_deadline(s, d->wait_ms - d->deferred_ms);
	wait_for_more(s);
}

void tcp_hold_ready(struct tcp_session *s, uint32_t events)
{
	if (events & EPOLLERR) {
		ended_early(s, -ECONNRESET);
		return;
	}
	if (events & EPOLLRDHUP)
		s->client.is_hung_up = true;
	if (events & (EPOLLIN | EPOLLRDHUP))
		tcp_hold_ask(s);
}

/* Have these probes' programs asked about the bytes that the sniffer saw. */
static void ask_programs(struct tcp_session *s, uint32_t probes)
{
	struct exec_about about = {
		.transport = QUESTION_TCP,
		.client = &s->from,
		.to = &s->to,
		.ends_ms = s->wait_ends_ms ? s->wait_ends_ms : s->deadline_ms,
	};
	ssize_t size = 0;

	if (probes && !s->is_late)
		size = recv(s->client.w.fd, s->gate->buffer,
			    s->asked.size < SPAWN_MOST_BYTES ? s->asked.size : SPAWN_MOST_BYTES,
			    MSG_PEEK | MSG_DONTWAIT);
	if (size > 0) {
		about.bytes = span_of(s->gate->buffer, (size_t)size);
		exec_ask(s->gate, &s->asked, probes, &about);
	}
	s->asked.exec.is_over = s->asked.exec.is_whole && !s->asked.exec.waits;
}

static void take_answer(struct tcp_session *s, const struct answer *a)
{
	if (s->state != TCP_HELD)
		return;
	if (a->verdict == ANSWER_MORE && !s->is_asked_final) {
		tcp_side_close(s, &s->server,
			       true); /* one descriptor for a client that is undecided */
		s->wanted = a->wanted > s->asked.size ? a->wanted : s->asked.size + 1;
		if (s->wanted > tcp_session_divert(s)->sniff_bytes)
			s->wanted = tcp_session_divert(s)->sniff_bytes;
		if (s->wanted > s->asked.size + 1)
			low_water(s, (int)s->wanted);
		ask_programs(s, a->exec_ask);
		tcp_hold_ask(s); /* more may have come while it was judged */
		wait_for_more(s);
		return;
	}
	if (a->verdict != ANSWER_DECIDED ||
	    !answer_is_allowed(s->table->t, tcp_session_divert(s), a)) {
		go_target(s, ANSWER_ROUTE_UNKNOWN, &tcp_session_divert(s)->unknown);
		return;
	}
	s->gate->counters->regex_cut += a->cut;
	if (answer_keep_texts(a, &s->texts)) {
		tcp_session_end(s, FLOW_WHY_memory);
		return;
	}
	go(s, a->route, a->action, a->backend);
}

void tcp_hold_move(struct tcp_session *s, int divert)
{
	struct gate *g = s->gate;

	asker_forget(g, &s->asked);
	low_water(s, 1);
	s->asked.size = 0;
	s->wanted = 0;
	s->is_final = s->is_late;
	if (divert >= 0) {
		g->counters->divert_active[tcp_session_counter(s)]--;
		gate_table_drop(s->table);
		s->table = gate_table_hold(g->table);
		s->divert = (uint16_t)divert;
		g->counters->divert_active[tcp_session_counter(s)]++;
	}
	tcp_hold_ask(s);
	wait_for_more(s);
}

static void asked_lost(struct asked *a)
{
	struct tcp_session *s = container_of(a, struct tcp_session, asked);

	if (s->state == TCP_HELD && ++s->times_lost > MOST_TIMES_LOST)
		go_target(s, ANSWER_ROUTE_UNKNOWN, &tcp_session_divert(s)->unknown);
}

static void asked_again(struct asked *a)
{
	tcp_hold_ask(container_of(a, struct tcp_session, asked));
}

/* Checked already for its form, not yet for its sense. */
static void asked_answer(struct asked *a, const struct answer *answer)
{
	take_answer(container_of(a, struct tcp_session, asked), answer);
}

const struct asked_kind tcp_hold_asked = { .again = asked_again,
					   .answer = asked_answer,
					   .lost = asked_lost };

/* A look that was put off is due, and `wait` is not over. */
static bool look_again(struct tcp_session *s)
{
	uint64_t now_ms = loop_now_ms(s->gate->loop);
	uint64_t ends_ms = s->wait_ends_ms;

	s->wait_ends_ms = 0;
	if (now_ms >= ends_ms)
		return false;
	tcp_session_deadline(s, ends_ms - now_ms);
	tcp_hold_ask(s);
	return true;
}

void tcp_hold_late(struct tcp_session *s)
{
	const struct table_divert *d = tcp_session_divert(s);
	ssize_t size;

	if (look_again(s))
		return;
	size = peek(s);
	if (size == -EAGAIN) {
		go_target(s, ANSWER_ROUTE_SILENT, &d->silent);
		return;
	}
	if (size <= 0) {
		ended_early(s, size);
		return;
	}
	if (s->is_late) { /* even the last question found no answer in time */
		go_target(s, ANSWER_ROUTE_UNKNOWN, &d->unknown);
		return;
	}
	s->is_late = true;
	s->is_final = true;
	tcp_session_deadline(s, MOST_FINAL_MS);
	if (s->state == TCP_HELD)
		tcp_hold_ask(s);
}
