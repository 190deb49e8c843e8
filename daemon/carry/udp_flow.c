/* The life of a UDP flow: new, states, one end. */
#include "carry/udp_flow.h"

#include <stdlib.h>
#include <unistd.h>

#include "carry/flow_log.h"
#include "carry/handoff_switch.h"
#include "carry/udp.h"
#include "carry/udp_dial.h"
#include "carry/udp_handoff.h"
#include "carry/udp_hold.h"
#include "carry/udp_ids.h"
#include "carry/udp_listen.h"
#include "carry/udp_relay.h"
#include "carry/udp_reply.h"
#include "carry/udp_source.h"

enum {
	MUTE_MS = 60 * 1000,     /* `drop`: silence for that long */
	LATE_MS = 100,           /* what came before it was handed over was read within */
	LATE_MOST_MS = 2000,     /* or, when the listener's queue is long, within */
	SETTLED_UNANSWERED = 16, /* datagrams of a client whom nobody answers */
};

/* A datagram that came before it was handed over would look like a new flow's, and be led elsewhere. */
static bool may_be_late(const struct udp_flow *f)
{
	return f->listener && !f->listener->is_read_empty &&
	       loop_now_ms(f->gate->loop) < f->relayed_ms + LATE_MOST_MS;
}

/* Whose turn it is when the timer fires depends on the state; it may fire early and look again. */
static void flow_timer(struct timer *t)
{
	struct udp_flow *f = container_of(t, struct udp_flow, timer);

	if (f->deadline_ms > loop_now_ms(f->gate->loop)) {
		if (timer_arm(f->gate->loop, t, f->deadline_ms))
			udp_flow_end(f, FLOW_WHY_memory);
		return;
	}
	switch ((enum udp_state)f->state) {
	case UDP_HELD:
		udp_hold_late(f);
		break;
	case UDP_RELAYED:
		udp_relay_late(f);
		break;
	case UDP_HANDED:
		udp_handoff_end(f);
		if (may_be_late(f))
			udp_flow_deadline(f, LATE_MS);
		else
			udp_flow_end(f, FLOW_WHY_dropped);
		break;
	case UDP_MUTE:
		udp_flow_end(f, FLOW_WHY_dropped);
		break;
	case UDP_ENDED:
		break;
	}
}

static void flow_later(struct later *l)
{
	struct udp_flow *f = container_of(l, struct udp_flow, later);

	gate_table_drop(f->table);
	free(f->texts);
	free(f);
}

struct udp_flow *udp_flow_new(struct udp_listener *l, const struct addr *from,
			      const struct addr *to)
{
	struct gate *g = l->gate;
	struct udp_flow *f = calloc(1, sizeof *f);
	struct udp *u = g->udp;
	struct counters *c = g->counters;

	if (!f) {
		c->whys[FLOW_WHY_memory]++;
		return NULL;
	}
	f->gate = g;
	f->listener = l;
	f->table = gate_table_hold(l->table);
	f->asked.kind = &udp_hold_asked;
	f->timer.fire = flow_timer;
	f->later.call = flow_later;
	f->server = (struct watch){ .fd = -1 };
	f->client = (struct watch){ .fd = -1 };
	f->from = *from;
	f->to = *to;
	f->id = g->next_id++;
	f->since_ms = loop_now_ms(g->loop);
	f->divert = l->divert;
	f->route = TABLE_NONE;
	udp_table_insert(&u->flows, &f->node, udp_table_hash(&u->flows, from, to));
	udp_flow_line(f, &u->resting);
	c->udp_undecided = ++u->undecided;
	c->flows_active++;
	c->flows_total++;
	c->undecided++;
	c->divert_active[udp_flow_divert(f)->counter]++;
	c->divert_total[udp_flow_divert(f)->counter]++;
	return f;
}

struct udp_flow *udp_flow_find(struct gate *g, const struct addr *from, const struct addr *to)
{
	const struct udp_table *flows = &g->udp->flows;
	struct udp_node *node = udp_table_first(flows, udp_table_hash(flows, from, to));
	struct udp_flow *f;

	for (; node; node = udp_table_next(node)) {
		f = container_of(node, struct udp_flow, node);
		if (addr_equal(&f->from, from) && addr_equal(&f->to, to))
			return f;
	}
	return NULL;
}

void udp_flow_line(struct udp_flow *f, struct udp_list *list)
{
	if (f->in)
		TAILQ_REMOVE(f->in, f, line);
	if (list)
		TAILQ_INSERT_TAIL(list, f, line);
	f->in = list;
}

void udp_flow_deadline(struct udp_flow *f, uint64_t in_ms)
{
	f->deadline_ms = loop_now_ms(f->gate->loop) + in_ms;
	/* a timer that fires before that looks again: most flows never touch the heap twice */
	if ((!f->timer.index || f->timer.at_ms > f->deadline_ms) &&
	    timer_arm(f->gate->loop, &f->timer, f->deadline_ms))
		udp_flow_end(f, FLOW_WHY_memory);
}

/* It is none of those of its state any more. */
static void leave_state(struct udp_flow *f)
{
	struct gate *g = f->gate;

	switch ((enum udp_state)f->state) {
	case UDP_HELD:
		asker_forget(g, &f->asked);
		g->counters->udp_undecided = --g->udp->undecided;
		g->counters->undecided--;
		break;
	case UDP_RELAYED:
		g->session_count--;
		break;
	case UDP_MUTE:
		g->udp->mute_count--;
		break;
	case UDP_HANDED:
	case UDP_ENDED:
		break;
	}
}

void udp_flow_enter(struct udp_flow *f, enum udp_state state, uint64_t in_ms)
{
	struct udp *u = f->gate->udp;

	leave_state(f);
	f->state = (uint8_t)state;
	if (state == UDP_RELAYED) {
		f->gate->session_count++;
		udp_flow_line(f, f->held ? &u->kept : &u->brief);
	} else {
		udp_flow_line(f, state == UDP_MUTE ? &u->mute : &u->handed);
	}
	u->mute_count += state == UDP_MUTE;
	udp_flow_deadline(f, in_ms);
}

void udp_flow_settle(struct udp_flow *f)
{
	struct udp *u = f->gate->udp;

	if (f->in == &u->brief && (f->out_count || f->in_count > SETTLED_UNANSWERED))
		udp_flow_line(f, &u->relayed);
}

/* Out of the counts of those alive. */
static void leave_counts(struct udp_flow *f)
{
	struct counters *c = f->gate->counters;

	c->flows_active--;
	c->divert_active[udp_flow_divert(f)->counter]--;
	if (f->is_counted_server)
		c->server_active[table_server(f->table->t, f->server_index)->counter]--;
	f->is_counted_server = false;
}

/* No rule and no listener is there for what comes after its own socket: it is to go as it would without
 * us, which its entry in conntrack prevents. */
static void forget_entry(struct udp_flow *f)
{
	struct handoff *h = &f->gate->handoff;

	if (f->state == UDP_RELAYED && f->client.fd >= 0 && h->is_there)
		(void)conntrack_forget(&h->ct, 0, IPPROTO_UDP, &f->from,
				       &f->to); /* else it ends by itself */
}

/* Nothing is left of it but its memory, which goes after this turn. */
static void vanish(struct udp_flow *f)
{
	struct gate *g = f->gate;

	forget_entry(f);
	leave_state(f);
	f->state = UDP_ENDED;
	udp_table_remove(&g->udp->flows, &f->node);
	udp_flow_line(f, NULL);
	if (f->is_to_look)
		TAILQ_REMOVE(&g->udp->looks, f, looks);
	f->is_to_look = false;
	timer_disarm(g->loop, &f->timer);
	udp_dial_hang_up(f);
	udp_listen_hang_up(f);
	udp_reply_drop(f->gate, f->reply);
	f->reply = NULL;
	udp_hold_drop(f);
	udp_ids_drop(f);
	loop_later(g->loop, &f->later);
	gate_left(g);
}

void udp_flow_end(struct udp_flow *f, enum flow_why why)
{
	bool is_logged = f->state == UDP_MUTE || f->state == UDP_HANDED;

	if (f->state == UDP_ENDED)
		return;
	if (!is_logged) {
		flow_log_udp_end(f, why);
		leave_counts(f);
	}
	vanish(f);
}

void udp_flow_give_way(struct udp_flow *f)
{
	struct handoff *h = &f->gate->handoff;
	struct addr server = udp_dial_server(f);

	/* else what strangers leave in conntrack fills it, while their flows go as fast as they come */
	if (h->is_there) {
		(void)conntrack_forget(&h->ct, ZONE_SERVER, IPPROTO_UDP, &f->from, &server);
		(void)conntrack_forget(&h->ct, 0, IPPROTO_UDP, &f->from, &f->to);
	}
	udp_flow_end(f, FLOW_WHY_limit);
}

void udp_flow_evict(struct udp_flow *f)
{
	struct counters *c = f->gate->counters;

	c->udp_evicted++;
	c->whys[FLOW_WHY_limit]++;
	c->hows[f->how]++;
	leave_counts(f);
	vanish(f);
}

void udp_flow_hand_over(struct udp_flow *f)
{
	struct gate *g = f->gate;
	struct flow_record record;

	g->counters->in_bytes += f->in_bytes;
	g->counters->out_bytes += f->out_bytes;
	g->counters->handed_over++;
	flow_log_udp_record(f, &record);
	if (g->handed)
		g->handed(g, &record);
	leave_counts(f);
	udp_source_keep(f);
	f->relayed_ms = loop_now_ms(g->loop);
	udp_flow_enter(f, UDP_HANDED, LATE_MS);
	gate_left(g);
}

void udp_flow_mute(struct udp_flow *f)
{
	struct udp *u = f->gate->udp;
	struct udp_flow *oldest;

	flow_log_udp_end(f, FLOW_WHY_dropped);
	leave_counts(f);
	udp_hold_drop(f);
	udp_flow_enter(f, UDP_MUTE, MUTE_MS);
	oldest = TAILQ_FIRST(&u->mute);
	if (u->mute_count > UDP_MOST_MUTE && oldest)
		udp_flow_end(oldest, FLOW_WHY_dropped);
}
