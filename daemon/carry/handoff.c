/* When to hand a flow over: which flows may, and which moment is right. */
#include "carry/handoff.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

#include <linux/netlink.h>

#include "base/log.h"
#include "carry/handoff_stamps.h"
#include "carry/handoff_switch.h"
#include "carry/handoff_terms.h"
#include "carry/tcp_relay.h"
#include "kernel/conntrack_limits.h"
#include "kernel/dial.h"

enum {
	QUIET_MS = 20, /* nothing moved for so long */
	BULK_BYTES =
		1
		<< 20, /* moved one way: the rest is worth a stop of a round trip; then four times that */
	SETTLE_EVERY_MS = 1,
	SETTLE_MOST_MS = 150, /* below the least time after which a sender repeats */
	LOOK_FIRST_MS = HANDOFF_FIRST_LOOK_MS,
	LOOK_AT_ONCE_MS = 1,
	LOOK_TUNED_MS = 100, /* while its timestamps are watched */
	LOOK_BUSY_MS = 20,   /* when as many as may be are watched */
	MOST_FAILS = 3,      /* of the seeing to them */
	LOOK_MOST_MS = 64 * 1000,
	MOST_ARRIVALS = 8, /* tried at one look: a flow without such a moment is left alone */
	FORWARDS_MS = 100, /* an answer of the box is good for so long */
};

#define FORWARDS4_FILE "/proc/sys/net/ipv4/ip_forward"
#define FORWARDS6_FILE "/proc/sys/net/ipv6/conf/all/forwarding"

void handoff_open(struct handoff *h, bool is_wanted)
{
	const char *wish = getenv("SHUNT_RELAY"); /* for tests: documented in shuntd(8) */
	struct conntrack_timeouts timeouts;

	h->inject = (struct inject){ -1, -1 };
	h->forwards[0] = -1;
	h->forwards[1] = -1;
	conntrack_timeouts_read(&timeouts);
	h->timeout_s = timeouts.established;
	h->timeout_udp_s = timeouts.datagrams;
	h->timeout_unanswered_s = timeouts.unanswered;
	handoff_terms_open(h);
	if (!is_wanted)
		return;
	h->forwards[0] = open(FORWARDS4_FILE, O_RDONLY | O_CLOEXEC);
	h->forwards[1] = open(FORWARDS6_FILE, O_RDONLY | O_CLOEXEC);
	h->first_look_ms = wish && strcmp(wish, "handoff") == 0 ? LOOK_AT_ONCE_MS : LOOK_FIRST_MS;
	h->is_there = netlink_open(&h->ct, NETLINK_NETFILTER) == 0 &&
		      netlink_open(&h->route, NETLINK_ROUTE) == 0 && inject_open(&h->inject) == 0;
	if (!h->is_there)
		log_warn("carrier: no netlink or raw socket: flows are relayed, not handed over");
}

void handoff_done(struct handoff *h)
{
	netlink_close(&h->ct);
	netlink_close(&h->route);
	inject_close(&h->inject);
	for (int i = 0; i < 2; i++) {
		if (h->forwards[i] >= 0)
			(void)close(h->forwards[i]); /* only read */
		h->forwards[i] = -1;
	}
}

static bool reads_yes(int fd)
{
	char digit = '0';

	return fd >= 0 && lseek(fd, 0, SEEK_SET) == 0 && read(fd, &digit, 1) == 1 && digit != '0';
}

bool handoff_is_forwarded(struct handoff *h, uint16_t family, uint64_t now_ms)
{
	unsigned which = family != AF_INET;

	if (!h->forwards_ms[which] || now_ms >= h->forwards_ms[which] + FORWARDS_MS) {
		h->is_forwarded[which] = reads_yes(h->forwards[which]);
		h->forwards_ms[which] = now_ms;
	}
	return h->is_forwarded[which];
}

/* What of it is certain before the first look. */
static bool may_ever(const struct tcp_session *s)
{
	if (!s->gate->handoff.is_there || s->gate->relay != GATE_RELAY_AUTO)
		return false;
	if (!tcp_session_divert(s)->handoff)
		return false;
	return s->action == ANSWER_ORIGINAL || tcp_session_backend(s)->handoff;
}

bool handoff_may_begin(const struct tcp_session *s)
{
	return s->gate->handoff.is_there && tcp_session_divert(s)->handoff;
}

enum mark_role handoff_server_role(const struct tcp_session *s)
{
	/* what the client does not have the server must not begin with, whatever backend it will be */
	return handoff_may_begin(s) && s->has_syn && !s->syn.has_stamp ? MARK_BACKEND_BARE
								       : MARK_BACKEND;
}

void handoff_begin(struct tcp_session *s)
{
	s->hand = may_ever(s) ? HAND_MAY : HAND_NEVER;
	s->hand_look_ms = s->gate->handoff.first_look_ms;
	s->hand_bytes = BULK_BYTES;
}

static bool is_quiet(const struct tcp_session *s)
{
	return loop_now_ms(s->gate->loop) - s->active_ms >= QUIET_MS;
}

static bool is_bulk(const struct tcp_session *s)
{
	return s->client.is_bulk || s->server.is_bulk;
}

static uint64_t next_look(struct tcp_session *s)
{
	uint64_t in_ms = s->hand_look_ms;

	if (s->hand == HAND_NEVER) {
		handoff_stamps_close(s);
		return 0;
	}
	if (handoff_stamps_keep(s))
		return LOOK_TUNED_MS;
	if (s->hand_look_ms < LOOK_MOST_MS)
		s->hand_look_ms *= 2;
	return in_ms;
}

static struct tcp_side *settling(struct tcp_session *s)
{
	return s->hand == HAND_SETTLES_CLIENT ? &s->client : &s->server;
}

static struct tcp_side *peer_of(struct tcp_session *s, const struct tcp_side *side)
{
	return side == &s->client ? &s->server : &s->client;
}

/* All goes on as before: also what was left lying meanwhile. */
static void settle_off(struct tcp_session *s)
{
	handoff_thaw(s, settling(s));
	s->hand = HAND_MAY;
	tcp_relay_resume(s);
}

/* One of its ends has begun to close: it will have no more such moment. */
static bool is_ending(const struct tcp_session *s)
{
	return s->client.is_hung_up || s->server.is_hung_up || s->client.is_eof || s->server.is_eof;
}

static void settle_on(struct tcp_session *s, const struct tcp_side *from)
{
	if (is_ending(s)) {
		s->hand = HAND_NEVER;
		return;
	}
	/* what is on its way to it would be dropped with the rest, and repeated late */
	if (from->held_size || from->pipe || dial_unsent(from->w.fd))
		return;
	if (handoff_refusal(s) || handoff_freeze_noting(s, from))
		return;
	s->hand = from == &s->client ? HAND_SETTLES_CLIENT : HAND_SETTLES_SERVER;
	s->hand_ms = (uint32_t)loop_now_ms(s->gate->loop);
	if (from->moved >= s->hand_bytes)
		s->hand_bytes = from->moved * 4;
	s->hand_answered = false;
	tcp_session_deadline(s, SETTLE_EVERY_MS);
}

/*
 * The receiver has answered meanwhile. The answer goes out with the frozen
 * socket thawed for just that long, and tells the sender that all it sent has
 * come, which is true; what it sends upon that stays with it.
 */
static void settle_answer(struct tcp_session *s, struct tcp_side *from)
{
	handoff_unfreeze(s, from);
	tcp_relay_pump(s, peer_of(s, from));
	if (s->state != TCP_RELAYED)
		return;
	if (handoff_freeze_noting(s, from))
		settle_off(s);
	else
		s->hand_answered = true;
}

/* One look at a flow that settles: in how many ms the next; 0: it is done. */
static uint64_t settle_look(struct tcp_session *s)
{
	struct tcp_side *from = settling(s);
	struct tcp_side *to = peer_of(s, from);

	handoff_stamps_watch(s);
	if (handoff_is_drained(s) && (s->hand_answered || dial_unread(from->w.fd) == 0)) {
		if (dial_unread(to->w.fd) == 0) {
			s->hand = HAND_MAY;
			if (handoff_switch(s, from))
				return 0;
			tcp_relay_resume(s);
			return next_look(s);
		}
		settle_answer(s, from);
		return s->state != TCP_RELAYED ? 0
		       : s->hand == HAND_MAY   ? next_look(s)
					       : SETTLE_EVERY_MS;
	}
	if ((uint32_t)loop_now_ms(s->gate->loop) - s->hand_ms < SETTLE_MOST_MS)
		return SETTLE_EVERY_MS;
	settle_off(s);
	return next_look(s);
}

/* Is this its moment? Else how to come by one. */
static uint64_t moment_look(struct tcp_session *s)
{
	if (is_quiet(s)) {
		if (handoff_switch(s, NULL))
			return 0;
	} else if (is_bulk(s)) {
		settle_on(s, s->server.is_bulk ? &s->server : &s->client);
		return s->hand == HAND_MAY ? next_look(s) : SETTLE_EVERY_MS;
	} else {
		s->hand = HAND_WAITS;
		s->hand_tries = MOST_ARRIVALS;
	}
	return next_look(s);
}

static uint64_t tune_look(struct tcp_session *s)
{
	uint64_t in_ms = 0;

	switch (handoff_stamps_look(s, is_quiet(s), &in_ms)) {
	case STAMPS_WAIT:
		if (!is_ending(s))
			return in_ms;
		s->hand = HAND_NEVER;
		break;
	case STAMPS_READY:
		s->hand = is_ending(s) ? HAND_NEVER : HAND_MAY;
		return handoff_refusal(s) ? next_look(s) : moment_look(s);
	case STAMPS_FAILED:
		handoff_stamps_close(s);
		s->hand = HAND_MAY;
		if (++s->hand_fails == MOST_FAILS)
			(void)handoff_never(s, FLOW_FALLBACK_timestamps);
		break;
	}
	return next_look(s);
}

static uint64_t tune_on(struct tcp_session *s)
{
	int err = handoff_stamps_open(s);

	if (err == -EAGAIN)
		return LOOK_BUSY_MS;
	if (err) {
		(void)handoff_never(s, FLOW_FALLBACK_timestamps);
		return next_look(s);
	}
	s->hand = HAND_TUNES;
	return tune_look(s);
}

uint64_t handoff_look(struct tcp_session *s)
{
	switch ((enum tcp_hand)s->hand) {
	case HAND_SETTLES_CLIENT:
	case HAND_SETTLES_SERVER:
		return settle_look(s);
	case HAND_WAITS:
		/* no moment since the last look */
		s->hand = HAND_MAY;
		__attribute__((fallthrough));
	case HAND_MAY:
		if (is_ending(s))
			s->hand = HAND_NEVER;
		if (handoff_refusal(s))
			return next_look(s);
		return handoff_stamps_lack(s) ? tune_on(s) : moment_look(s);
	case HAND_TUNES:
		return tune_look(s);
	case HAND_NEVER:
		break;
	}
	return 0;
}

void handoff_end(struct tcp_session *s)
{
	if (s->hand == HAND_SETTLES_CLIENT || s->hand == HAND_SETTLES_SERVER)
		handoff_unfreeze(s, settling(s));
	handoff_stamps_close(s);
	s->hand = HAND_NEVER;
}

uint32_t handoff_events(struct tcp_session *s, struct tcp_side *side, uint32_t events)
{
	bool is_odd = events & (EPOLLRDHUP | EPOLLHUP | EPOLLERR | EPOLLPRI);

	if (s->hand == HAND_NEVER || s->hand == HAND_MAY || s->hand == HAND_TUNES)
		return events;
	if (s->hand == HAND_WAITS) {
		if (is_odd || !(events & EPOLLIN))
			return events;
		if (handoff_switch(s, NULL))
			return 0;
		if (s->hand == HAND_WAITS && --s->hand_tries == 0)
			s->hand = HAND_MAY;
		return events;
	}
	if (is_odd) {
		settle_off(s);
		return events;
	}
	/* the receiver's answers lie until the sender has stopped, and then what that one sends */
	if (side != settling(s) || s->hand_answered)
		events &= ~(uint32_t)EPOLLIN;
	return events;
}

void handoff_moved(struct tcp_session *s)
{
	const struct tcp_side *from = s->client.moved > s->server.moved ? &s->client : &s->server;

	if (s->hand != HAND_MAY || from->moved < s->hand_bytes)
		return;
	if (handoff_refusal(s))
		return;
	if (handoff_stamps_lack(s))
		tcp_session_deadline(s, tune_on(s));
	else
		settle_on(s, from);
}
