/* The entry of conntrack that a flow becomes. */
#include "carry/handoff_entry.h"

#include <errno.h>

#include "carry/handoff_route.h"
#include "carry/handoff_show.h"
#include "carry/handoff_switch.h"

enum {
	TRIES = 3, /* of an entry in whose place another stands */
};

static int tell_gone(const struct conntrack_entry *entry, void *arg)
{
	struct gate *g = arg;

	if (g->replaced)
		g->replaced(g, entry);
	return 0;
}

static int make(struct tcp_session *s, struct moment *m)
{
	const struct marks *marks = &s->table->t->marks;
	struct netlink *ct = &s->gate->handoff.ct;
	struct conntrack_hand hand = {
		.transport = IPPROTO_TCP,
		.client = s->from,
		.to = s->to,
		.server = m->to_server,
		.answer_shift = m->client.sent - m->server.consumed,
		.has_scale = m->client_terms.has_scale,
		.client_scale = m->client_terms.peer_scale,
		.server_scale = m->server_terms.peer_scale,
		.timeout_s = s->gate->handoff.timeout_s,
		.has_stamps = s->has_stamps,
	};
	int err;

	/* the client's goes on with it: the WAN it came in by, say */
	m->foreign = handoff_route_mark(s, ZONE_CLIENT, &s->to);
	if (!handoff_route_leads(s, &m->to_server, m->foreign))
		return -EHOSTUNREACH;
	hand.mark = marks_of(marks, MARK_HANDED) | m->foreign;
	err = conntrack_hand_over(ct, &hand);
	for (int i = 0; err == -EEXIST && i < TRIES; i++) {
		err = conntrack_make_way(ct, &hand, marks_handed_mask(marks), tell_gone, s->gate);
		if (!err)
			err = conntrack_hand_over(ct, &hand);
	}
	return err;
}

/* How much an end may be sent beyond what it has acknowledged: what it has open, or what we have promised
 * the other. */
static uint32_t may_be_sent(uint32_t window, const struct tcp_place *other)
{
	int32_t promised = (int32_t)(other->acked + other->open - other->consumed);

	return promised > 0 && (uint32_t)promised > window ? (uint32_t)promised : window;
}

/* The entry is to know the numbers of both ends before anybody else can tell it others. */
static int show(struct tcp_session *s, const struct moment *m)
{
	const struct handoff_shown flow = {
		.client = s->from,
		.to = s->to,
		.server = m->to_server,
		.client_end = { .next = m->client.consumed + (uint32_t)m->client_unread.size,
				.heard = m->client.sent,
				.window = may_be_sent(m->client.window, &m->server),
				.scale = m->client_terms.peer_scale },
		.server_end = { .next = m->server.consumed + (uint32_t)m->server_unread.size,
				.heard = m->server.sent,
				.window = may_be_sent(m->server.window, &m->client),
				.scale = m->server_terms.peer_scale },
		.has_stamps = s->has_stamps,
	};
	int err = handoff_show(&s->gate->handoff.inject, &s->table->t->marks, &flow);

	if (err) /* it is of no use: gone already is as good */
		(void)conntrack_forget(&s->gate->handoff.ct, 0, IPPROTO_TCP, &s->from, &s->to);
	return err;
}

int handoff_entry_make(struct tcp_session *s, struct moment *m)
{
	int err = make(s, m);

	return err ? err : show(s, m);
}
