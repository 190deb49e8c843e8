/*
 * Moving bytes between two sockets: small things are copied through the one
 * buffer of the carrier, bulk goes through a pipe that is lent for as long as it
 * lasts. An idle flow holds neither.
 */
#include "carry/tcp_relay.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/socket.h>

#include "carry/handoff.h"
#include "carry/tcp_late.h"
#include "kernel/dial.h"

enum {
	TURN_BYTES = 2 << 20,       /* of one direction, then the others have their turn */
	BULK_BYTES = 64 * 1024,     /* a read that big: splice from here on */
	SMALL_BYTES = 16 * 1024,    /* a splice that small: copy again */
	HELD_SOFT_BYTES = 16 << 20, /* held by slow readers in all: beyond it reads are small */
	SLOW_MS =
		200, /* a side that was blocked for that long is slow: its pipe stays nearly empty */
	SLOW_BYTES = 64 * 1024,
	SMALL_READ_BYTES = 4096,
};

static bool is_blocked(const struct tcp_side *side)
{
	return side->held_size || (side->pipe && side->pipe->held);
}

static void broken(struct tcp_session *s, const struct tcp_side *side, int err)
{
	if (err != -ECONNRESET && err != -EPIPE)
		tcp_session_end(s, FLOW_WHY_lost);
	else
		tcp_session_end(s,
				side == &s->client ? FLOW_WHY_reset_client : FLOW_WHY_reset_server);
}

/* Send as much as goes. more: MSG_MORE or 0. Bytes, 0 when none now, or -errno. */
static ssize_t send_some(int fd, const uint8_t *data, size_t size, int more)
{
	ssize_t sent = send(fd, data, size, MSG_NOSIGNAL | MSG_DONTWAIT | more);

	if (sent < 0)
		return errno == EAGAIN || errno == EINTR ? 0 : -errno;
	return sent;
}

/* Write what is held for this side. 0: nothing is left; -EAGAIN: it takes no more now; -errno. */
static int flush(struct tcp_session *s, struct tcp_side *to)
{
	ssize_t sent;

	if (to->held_size) {
		sent = send_some(to->w.fd, to->held + to->held_at, to->held_size, 0);
		if (sent < 0)
			return (int)sent;
		to->held_at += (uint32_t)sent;
		to->held_size -= (uint32_t)sent;
		s->gate->held_bytes -= (size_t)sent;
		if (sent)
			s->active_ms = loop_now_ms(s->gate->loop);
		if (to->held_size)
			return -EAGAIN;
		free(to->held);
		to->held = NULL;
	}
	while (to->pipe && to->pipe->held) {
		sent = splice_drain(to->pipe, to->w.fd);
		if (sent <= 0)
			return sent ? (int)sent : -EPIPE;
		s->active_ms = loop_now_ms(s->gate->loop);
	}
	if (to->blocked_ms)
		to->is_slow = (uint32_t)loop_now_ms(s->gate->loop) - to->blocked_ms > SLOW_MS;
	to->blocked_ms = 0;
	return 0;
}

static int hold(struct tcp_session *s, struct tcp_side *to, const uint8_t *data, size_t size)
{
	to->held = malloc(size);
	if (!to->held)
		return -ENOMEM;
	memcpy(to->held, data, size);
	to->held_at = 0;
	to->held_size = (uint32_t)size;
	s->gate->held_bytes += size;
	return 0;
}

/* To be woken when this side takes more. */
static void want_out(struct tcp_session *s, struct tcp_side *to)
{
	if (!to->blocked_ms)
		to->blocked_ms =
			(uint32_t)loop_now_ms(s->gate->loop) | 1; /* never 0: that is "not" */
	if (!(to->w.events & EPOLLOUT))
		(void)loop_change(s->gate->loop, &to->w,
				  to->w.events | EPOLLOUT); /* it is watched: cannot fail */
}

/* The first write never waits for an answer, the second might. */
static void no_delay(struct tcp_session *s, struct tcp_side *to)
{
	if (to == &s->server && s->client.moved && !to->is_no_delay) {
		dial_no_delay(to->w.fd);
		to->is_no_delay = true;
	}
}

static void give_pipe_back(struct tcp_session *s, struct tcp_side *to)
{
	splice_pool_give(&s->gate->pool, to->pipe);
	to->pipe = NULL;
}

static size_t read_bytes(const struct tcp_session *s)
{
	return s->gate->held_bytes < HELD_SOFT_BYTES ? GATE_BUFFER_BYTES : SMALL_READ_BYTES;
}

/* One read and one write through the buffer. Bytes read, 0 at the end, -errno; *bad: whose error. */
static ssize_t copy_once(struct tcp_session *s, struct tcp_side *from, struct tcp_side *to,
			 struct tcp_side **bad)
{
	struct gate *g = s->gate;
	ssize_t got = recv(from->w.fd, g->buffer, read_bytes(s), MSG_DONTWAIT);
	ssize_t sent;

	*bad = from;
	if (got <= 0)
		return got < 0 ? -errno : 0;
	*bad = to;
	no_delay(s, to);
	/* its FIN is known to follow: one segment instead of two. Not so before a RST, which would
	 * take back what waits to be sent */
	sent = send_some(
		to->w.fd, g->buffer, (size_t)got,
		from->is_hung_up && !s->is_failing && (size_t)got < read_bytes(s) ? MSG_MORE : 0);
	if (sent < 0)
		return sent;
	if (sent < got && hold(s, to, g->buffer + sent, (size_t)(got - sent)))
		return -ENOMEM;
	from->is_bulk =
		(got >= BULK_BYTES || (size_t)got == read_bytes(s)) && g->relay != GATE_RELAY_COPY;
	return got;
}

/* One read into the pipe; flush() writes it. */
static ssize_t splice_once(struct tcp_session *s, struct tcp_side *from, struct tcp_side *to)
{
	ssize_t got =
		splice_fill(to->pipe, from->w.fd, to->is_slow ? SLOW_BYTES : SPLICE_PIPE_BYTES);

	if (got > 0) {
		no_delay(s, to);
		s->how = FLOW_HOW_splice;
	}
	if (got < SMALL_BYTES && s->gate->relay != GATE_RELAY_SPLICE)
		from->is_bulk = false;
	return got;
}

static bool wants_splice(struct tcp_session *s, struct tcp_side *from, struct tcp_side *to)
{
	if (!from->is_bulk && s->gate->relay != GATE_RELAY_SPLICE)
		return false;
	if (from->is_urgent)
		return false; /* splice stops at the urgent mark for ever */
	if (!to->pipe)
		to->pipe = splice_pool_take(&s->gate->pool);
	return to->pipe;
}

/* Nothing more will come from `from`, and all it sent is written: pass the FIN on. */
static void pass_end(struct tcp_session *s, struct tcp_side *from, struct tcp_side *to)
{
	if (to->is_eof && !is_blocked(from)) {
		tcp_session_end(s, FLOW_WHY_closed);
		return;
	}
	if (to->is_shut)
		return;
	to->is_shut = true;
	(void)shutdown(to->w.fd, SHUT_WR); /* fails only when the peer has gone: its event tells */
}

static void pump(struct tcp_session *s, struct tcp_side *from, struct tcp_side *to);

/* A side takes no more, for good. What it had said before that still goes to its peer, as it would
 * without us in between: an answer to an upload that was cut short, say. */
static void write_failed(struct tcp_session *s, struct tcp_side *to, int err)
{
	struct tcp_side *peer = to == &s->client ? &s->server : &s->client;

	s->is_failing = true;
	if (!s->is_heard_out) {
		s->is_heard_out = true;
		to->is_hung_up = true;
		if (!to->is_eof && !is_blocked(peer))
			pump(s, to, peer);
	}
	if (s->state == TCP_RELAYED)
		broken(s, to, err);
}

/* How a turn of one direction ended: got as pump() has it. */
static void end_turn(struct tcp_session *s, struct tcp_side *from, struct tcp_side *to, ssize_t got,
		     struct tcp_side *bad)
{
	give_pipe_back(s, to);
	if (got == 0)
		from->is_eof = true;
	if (from->is_eof)
		pass_end(s, from, to);
	else if (got == -ENOMEM)
		tcp_session_end(s, FLOW_WHY_memory);
	else if (got == -EAGAIN || got == -EINTR)
		return;
	else if (bad == to)
		write_failed(s, to, (int)got);
	else
		broken(s, from, (int)got);
}

/* One read, and the write that goes with it. Bytes read, 0 at the end, -errno: *bad says whose;
 * -EAGAIN too when nothing more can be there: the next arrival is a new edge, or there is none. */
static ssize_t move_once(struct tcp_session *s, struct tcp_side *from, struct tcp_side *to,
			 struct tcp_side **bad)
{
	bool is_spliced = wants_splice(s, from, to);
	size_t most = read_bytes(s);
	ssize_t got;

	*bad = from;
	got = is_spliced ? splice_once(s, from, to) : copy_once(s, from, to, bad);
	if (got <= 0)
		return got;
	from->moved += (uint64_t)got;
	s->active_ms = loop_now_ms(s->gate->loop);
	if (is_spliced || from->is_urgent || (size_t)got == most)
		return got;
	if (from->is_hung_up && s->is_failing)
		return got; /* its error is still to be read */
	if (from->is_hung_up)
		from->is_eof = true; /* the FIN was there before the read, which left nothing */
	return is_blocked(to) ? got : -EAGAIN;
}

/* Move bytes one way until one of the two has no more to give or take, or the turn is over. */
static void pump(struct tcp_session *s, struct tcp_side *from, struct tcp_side *to)
{
	struct tcp_side *bad = from;
	size_t moved = 0;
	ssize_t got = 1;
	int err;

	for (;;) {
		err = flush(s, to);
		if (err == -EAGAIN) {
			want_out(s, to);
			return;
		}
		if (err) {
			write_failed(s, to, err);
			return;
		}
		if (from->is_eof || got == 0)
			break;
		if (moved >= TURN_BYTES) {
			from->is_again = true;
			loop_later(s->gate->loop, &s->later);
			return;
		}
		got = move_once(s, from, to, &bad);
		if (got < 0)
			break;
		moved += (size_t)got;
	}
	end_turn(s, from, to, got, bad);
}

void tcp_relay_start(struct tcp_session *s, bool is_answered)
{
	if (s->client.is_watched && !(s->client.w.events & EPOLLPRI))
		(void)loop_change(s->gate->loop, &s->client.w,
				  s->client.w.events | EPOLLPRI); /* it is watched: cannot fail */
	s->how = FLOW_HOW_copy;
	s->active_ms = loop_now_ms(s->gate->loop);
	handoff_begin(s);
	tcp_session_enter(s, TCP_RELAYED, tcp_late_first_ms(s));
	if (s->state == TCP_RELAYED)
		pump(s, &s->client, &s->server);
	if (s->state == TCP_RELAYED &&
	    tcp_side_watch(s, &s->client, EPOLLIN | EPOLLPRI | EPOLLRDHUP | EPOLLET) && is_answered)
		pump(s, &s->server, &s->client);
}

void tcp_relay_urgent(struct tcp_side *side)
{
	int on = 1;

	/* the byte stays where it is in the stream; a read stops in front of it, so go on till EAGAIN.
	 * A client's socket has this from its listener */
	(void)setsockopt(side->w.fd, SOL_SOCKET, SO_OOBINLINE, &on, sizeof on);
	side->is_urgent = true;
}

void tcp_relay_ready(struct tcp_session *s, struct tcp_side *side, uint32_t events)
{
	struct tcp_side *peer = side == &s->client ? &s->server : &s->client;
	int err;

	events = handoff_events(s, side, events);
	if (!events || s->state != TCP_RELAYED)
		return;
	if (events & EPOLLPRI)
		tcp_relay_urgent(side);
	if (events & EPOLLERR)
		s->is_failing = true;
	if (events & (EPOLLRDHUP | EPOLLHUP | EPOLLERR))
		side->is_hung_up = true;
	if ((events & EPOLLOUT) && is_blocked(side))
		pump(s, peer, side);
	if (s->state == TCP_RELAYED && !side->is_eof && !is_blocked(peer) &&
	    (events & (EPOLLIN | EPOLLPRI | EPOLLRDHUP | EPOLLHUP | EPOLLERR)))
		pump(s, side, peer);
	if (s->state == TCP_RELAYED && s->hand == HAND_MAY)
		handoff_moved(s);
	if (s->state == TCP_RELAYED && (events & EPOLLERR)) {
		err = dial_result(side->w.fd);
		if (err)
			broken(s, side, err); /* what it had sent is lost with a slow reader */
	}
}

void tcp_relay_again(struct tcp_session *s)
{
	bool client = s->client.is_again;
	bool server = s->server.is_again;

	s->client.is_again = false;
	s->server.is_again = false;
	if (client)
		pump(s, &s->client, &s->server);
	if (server && s->state == TCP_RELAYED)
		pump(s, &s->server, &s->client);
}

void tcp_relay_pump(struct tcp_session *s, struct tcp_side *from)
{
	pump(s, from, from == &s->client ? &s->server : &s->client);
}

void tcp_relay_resume(struct tcp_session *s)
{
	s->client.is_again = true;
	s->server.is_again = true;
	loop_later(s->gate->loop, &s->later);
}
