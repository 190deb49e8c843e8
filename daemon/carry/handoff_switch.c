/* The switch from two sockets to one entry of conntrack. */
#include "carry/handoff_switch.h"

#include <errno.h>
#include <string.h>

#include "base/log.h"
#include "carry/handoff.h"
#include "carry/handoff_entry.h"
#include "carry/handoff_stamps.h"
#include "carry/handoff_terms.h"
#include "carry/tcp_dial.h"
#include "flow/handed_way.h"
#include "kernel/conntrack.h"
#include "kernel/dial.h"
#include "kernel/tcp_repair.h"

enum {
	MOST_UNREAD = GATE_BUFFER_BYTES / 2, /* sent on by us; more of it is left to its sender */
};

bool handoff_never(struct tcp_session *s, enum flow_fallback why)
{
	handoff_stamps_close(s);
	s->gate->counters->fallbacks[why]++;
	s->hand = HAND_NEVER;
	return true;
}

static unsigned way_of(const struct tcp_session *s)
{
	const struct addr server = tcp_dial_server(s);

	return handed_way_of(s->gate->handoff.share, &server,
			     s->action == ANSWER_ORIGINAL ? tcp_session_divert(s)->name : NULL);
}

/* Does this box let through what is handed over? True: not, or nobody knows now. */
static bool way_refusal(struct tcp_session *s)
{
	const struct handed_share *share = s->gate->handoff.share;

	switch (share ? handed_way_state(share, way_of(s)) : HANDED_WAY_OPEN) {
	case HANDED_WAY_TRIED:
		return true;
	case HANDED_WAY_CLOSED:
		return handoff_never(s, FLOW_FALLBACK_firewall);
	case HANDED_WAY_UNKNOWN:
	case HANDED_WAY_OPEN:
		break;
	}
	return false;
}

/* What is the same through a flow's life. True: it cannot be. */
static bool flow_refusal(struct tcp_session *s)
{
	enum flow_fallback why;
	struct tcp_terms c;
	struct tcp_terms b;

	if (s->source != FLOW_SOURCE_client || s->is_to_host)
		return handoff_never(s, FLOW_FALLBACK_source);
	if (!s->has_syn)
		return handoff_never(s, FLOW_FALLBACK_syn_cookie);
	if (!handoff_is_forwarded(&s->gate->handoff, s->from.family, loop_now_ms(s->gate->loop)))
		return handoff_never(s, FLOW_FALLBACK_forwarding);
	if (s->client.is_urgent || s->server.is_urgent)
		return handoff_never(
			s,
			FLOW_FALLBACK_urgent); /* its place is in no segment that we could make */
	if (tcp_terms_read(s->client.w.fd, &c) || tcp_terms_read(s->server.w.fd, &b))
		return handoff_never(s, FLOW_FALLBACK_kernel);
	why = handoff_terms_refusal(s, &c, &b);
	if (why != FLOW_FALLBACK_COUNT)
		return handoff_never(s, why);
	s->has_stamps = c.has_timestamps;
	s->is_fit = true;
	return false;
}

bool handoff_refusal(struct tcp_session *s)
{
	if (s->hand == HAND_NEVER)
		return true;
	return (!s->is_fit && flow_refusal(s)) || way_refusal(s);
}

static int set_mark(struct tcp_session *s, const struct tcp_side *side, enum mark_role role)
{
	uint32_t mark = marks_of(&s->table->t->marks, role);

	return setsockopt(side->w.fd, SOL_SOCKET, SO_MARK, &mark, sizeof mark) < 0 ? -errno : 0;
}

int handoff_freeze(struct tcp_session *s, const struct tcp_side *side)
{
	return set_mark(s, side, side == &s->client ? MARK_FREEZE : MARK_FREEZE_SERVER);
}

void handoff_unfreeze(struct tcp_session *s, const struct tcp_side *side)
{
	/* cannot fail where freezing did not */
	(void)set_mark(s, side, side == &s->client ? MARK_RELAY : handoff_server_role(s));
}

int handoff_freeze_noting(struct tcp_session *s, const struct tcp_side *side)
{
	struct tcp_place place;
	int err = handoff_freeze(s, side);

	if (err)
		return err;
	err = tcp_place_read(side->w.fd, &place);
	if (err) {
		handoff_unfreeze(s, side);
		return err;
	}
	tcp_repair_leave(side->w.fd);
	s->hand_acked = place.acked;
	return 0;
}

void handoff_thaw(struct tcp_session *s, const struct tcp_side *side)
{
	handoff_unfreeze(s, side);
	tcp_repair_acknowledge(side->w.fd);
}

static bool holds_nothing(const struct tcp_side *side)
{
	return !side->held_size && !side->pipe;
}

bool handoff_is_drained(const struct tcp_session *s)
{
	return holds_nothing(&s->client) && holds_nothing(&s->server) &&
	       dial_unsent(s->client.w.fd) == 0 && dial_unsent(s->server.w.fd) == 0;
}

/* Nothing unread was acknowledged: it is its sender's still. What the kernel believes to have said since
 * the socket was frozen was never heard. */
static bool is_senders(const struct tcp_place *place, uint32_t acked)
{
	return place->unread == 0 || (int32_t)(acked - place->consumed) <= 0;
}

static bool is_moment(const struct tcp_session *s, const struct moment *m)
{
	return m->client.unacked == 0 && m->server.unacked == 0 &&
	       is_senders(&m->client, m->client_acked) && is_senders(&m->server, m->server_acked) &&
	       m->client.consumed == m->server.sent && holds_nothing(&s->client) &&
	       holds_nothing(&s->server);
}

/* Copy what was not read of one side, as much as we pass on. */
static int peek(const struct tcp_side *side, const struct tcp_place *place, uint8_t *to,
		struct span *out)
{
	size_t size = place->unread < MOST_UNREAD ? place->unread : MOST_UNREAD;
	int err = size ? tcp_repair_peek(side->w.fd, to, size) : 0;

	*out = span_of(to, size);
	return err;
}

/* Read where both stand. Both are in repair mode then. 0 or -errno. */
static int read_moment(struct tcp_session *s, struct moment *m, const struct tcp_side *frozen)
{
	int err = tcp_place_read(s->client.w.fd, &m->client);

	if (err)
		return err;
	err = tcp_place_read(s->server.w.fd, &m->server);
	m->client_acked = frozen == &s->client ? s->hand_acked : m->client.acked;
	m->server_acked = frozen == &s->server ? s->hand_acked : m->server.acked;
	if (!err)
		err = tcp_terms_read(s->client.w.fd, &m->client_terms);
	if (!err)
		err = tcp_terms_read(s->server.w.fd, &m->server_terms);
	if (!err && (!m->client_terms.is_established || !m->server_terms.is_established ||
		     !is_moment(s, m)))
		err = -EAGAIN;
	if (!err)
		err = handoff_stamps_take(s, &m->client_clock, &m->server_clock);
	if (!err)
		err = peek(&s->client, &m->client, s->gate->buffer, &m->client_unread);
	if (!err)
		err = peek(&s->server, &m->server, s->gate->buffer + MOST_UNREAD,
			   &m->server_unread);
	return err;
}

static void close_silently(struct tcp_session *s, struct tcp_side *side)
{
	loop_closing(s->gate->loop, &side->w);
	dial_end_silently(side->w.fd);
	side->w.fd = -1;
	side->is_watched = false;
}

/* Say to one peer what the other had said: its unread data, and in any case how far that one came and
 * how much it takes. */
static void speak(struct tcp_session *s, const struct moment *m, struct inject_segment segment,
		  struct span data, size_t most)
{
	const struct inject *in = &s->gate->handoff.inject;
	struct span part;
	size_t at = 0;

	if (segment.has_stamp)
		most -= STAMP_OPTION_BYTES;
	if (most > INJECT_MOST_BYTES)
		most = INJECT_MOST_BYTES;
	segment.mark |= m->foreign;
	do {
		part = span_of(data.data + at, data.size - at < most ? data.size - at : most);
		segment.is_push = part.size && at + part.size == data.size;
		/* lost, it is as if the network had lost it: its sender repeats it */
		(void)inject_send(in, &segment, part);
		at += part.size;
		segment.seq += (uint32_t)part.size;
	} while (at < data.size);
}

/* Have one answer at once, so that is seen whether that passes: what has come already is acknowledged once
 * more (RFC 9293 3.8.4), at any rate when it is a byte, also when the other's answer makes it look old. */
static void probe(struct tcp_session *s, const struct moment *m, struct inject_segment segment)
{
	static const uint8_t again[1];

	segment.seq--;
	speak(s, m, segment, span_of(again, sizeof again), INJECT_MOST_BYTES);
}

static uint16_t shifted(uint32_t window, uint8_t scale)
{
	uint32_t w = window >> scale;

	return w > UINT16_MAX ? UINT16_MAX : (uint16_t)w;
}

static void speak_to_both(struct tcp_session *s, const struct moment *m)
{
	const struct marks *marks = &s->table->t->marks;
	const struct inject_segment to_server = {
		.from = s->from,
		.to = m->to_server,
		.mark = marks_of(marks, MARK_INJECT),
		.seq = m->server.sent,
		.ack = m->server.consumed,
		.window = shifted(m->client.window, m->client_terms.peer_scale),
		.tos = s->syn.tos,
		.has_stamp = s->has_stamps,
		.stamp = { m->client_clock, m->server_clock },
	};
	const struct inject_segment to_client = {
		.from = s->to,
		.to = s->from,
		/* the rule set remembers the flow by it */
		.mark = marks_of(marks, MARK_INJECT_CLIENT),
		.seq = m->client.sent,
		.ack = m->client.consumed,
		.window = shifted(m->server.window, m->server_terms.peer_scale),
		.has_stamp = s->has_stamps,
		.stamp = { m->server_clock, m->client_clock },
	};

	/* what answers to data say of the clock makes ours look old: whoever gets none comes first. But a
	 * sender that goes on must not overtake what it had said */
	if (m->client_unread.size && !m->is_settled)
		speak(s, m, to_client, m->server_unread, m->client_terms.most_sent);
	speak(s, m, to_server, m->client_unread, m->server_terms.most_sent);
	if (!m->client_unread.size || m->is_settled)
		speak(s, m, to_client, m->server_unread, m->client_terms.most_sent);
	if (m->is_trial) {
		probe(s, m, to_server);
		probe(s, m, to_client);
	}
}

/* The flow is the kernel's: nothing of it may stay with us. */
static void let_go(struct tcp_session *s, struct moment *m)
{
	struct netlink *ct = &s->gate->handoff.ct;

	/* no later than the sockets go by which others see that the pair is taken */
	if (s->gate->handoff.share)
		handed_share_hold(s->gate->handoff.share, &s->from, &m->to_server);
	close_silently(s, &s->server);
	close_silently(s, &s->client);
	speak_to_both(s, m);
	/* the entries of the two connections that are no more; gone already is as good */
	(void)conntrack_forget(ct, ZONE_CLIENT, IPPROTO_TCP, &s->from, &s->to);
	(void)conntrack_forget(ct, ZONE_SERVER, IPPROTO_TCP, &s->from, &m->to_server);
	s->client.moved += m->client_unread.size;
	s->server.moved += m->server_unread.size;
	handoff_stamps_close(s);
	tcp_session_hand_over(s);
}

/* May it go that way now? If it is the first to, the keeper looks what becomes of it. */
static bool try_way(struct tcp_session *s, struct moment *m)
{
	struct handed_share *share = s->gate->handoff.share;

	if (way_refusal(s))
		return false;
	m->is_trial = share && handed_way_state(share, way_of(s)) == HANDED_WAY_UNKNOWN;
	return !m->is_trial || handed_way_try(share, way_of(s));
}

bool handoff_switch(struct tcp_session *s, const struct tcp_side *frozen)
{
	struct moment m = { .to_server = tcp_dial_server(s), .is_settled = frozen != NULL };
	int err;

	/* else the moment is not here: nothing of ours that is under way is to be held up for it */
	if (!frozen && (handoff_stamps_lack(s) || !handoff_is_drained(s)))
		return false;
	if (!try_way(s, &m)) {
		if (frozen)
			handoff_thaw(s, frozen);
		return false;
	}
	err = handoff_freeze(s, &s->client);
	if (!err)
		err = handoff_freeze(s, &s->server);
	if (!err)
		err = read_moment(s, &m, frozen);
	if (!err)
		err = handoff_entry_make(s, &m);
	if (!err) {
		let_go(s, &m);
		return true;
	}
	if (m.is_trial)
		handed_way_untry(s->gate->handoff.share, way_of(s));
	tcp_repair_leave(s->client.w.fd);
	tcp_repair_leave(s->server.w.fd);
	handoff_thaw(s, &s->client);
	handoff_thaw(s, &s->server);
	if (err == -EBUSY || err == -EEXIST)
		(void)handoff_never(s, FLOW_FALLBACK_entry);
	else if (err == -EHOSTUNREACH)
		(void)handoff_never(s, FLOW_FALLBACK_route);
	else if (err != -EAGAIN && err != -EIO)
		(void)handoff_never(s, FLOW_FALLBACK_kernel);
	return false;
}
