/* Handing flows of datagrams to the kernel: which, when, and how. */
#include "carry/udp_handoff.h"

#include <errno.h>

#include "carry/handoff.h"
#include "carry/handoff_switch.h"
#include "carry/udp.h"
#include "carry/udp_dial.h"
#include "carry/udp_hold.h"
#include "carry/udp_ids.h"
#include "carry/udp_relay.h"
#include "carry/udp_source.h"
#include "flow/handed_way.h"
#include "kernel/conntrack_swap.h"
#include "kernel/inject_udp.h"
#include "kernel/udp_socket.h"

enum {
	MIN_DATAGRAMS = 6, /* both ways, one of them the server's: two names asked for are four */
	MIN_AGED = 3,      /* of a flow that is older than */
	AGED_MS = 2000,
	MIN_UNANSWERED = 16, /* of one that is older than that as well: its server may be down */
	MOST_WAITED = 64,    /* datagrams, for a turn with empty queues */
	ALIVE_MS = 10000,    /* a server that has answered is there for so long */
	OLD_QUIET_S = 30,    /* QUIC's and WireGuard's keepalives are more frequent */
};

/* --- may it? --- */

static bool never(struct udp_flow *f, enum flow_fallback why)
{
	f->gate->counters->fallbacks[why]++;
	f->hand = UDP_HAND_NEVER;
	return true;
}

/* Does anybody want it to be, and can it be done at all? */
static bool is_wanted(const struct udp_flow *f)
{
	const struct gate *g = f->gate;

	return g->handoff.is_there && g->relay == GATE_RELAY_AUTO && udp_flow_divert(f)->handoff &&
	       (f->action == ANSWER_ORIGINAL || udp_flow_backend(f)->handoff);
}

static unsigned way_of(const struct udp_flow *f)
{
	const struct addr server = udp_dial_server(f);

	return handed_way_of_udp(f->gate->handoff.share, &server,
				 f->action == ANSWER_ORIGINAL ? udp_flow_divert(f)->name : NULL);
}

/* Not now, or never, which was counted. */
static bool is_refused(struct udp_flow *f)
{
	struct handoff *h = &f->gate->handoff;

	if (f->hand == UDP_HAND_NEVER)
		return true;
	if (f->source != FLOW_SOURCE_client || f->is_to_host)
		return never(f, FLOW_FALLBACK_source);
	if (!handoff_is_forwarded(h, f->from.family, loop_now_ms(f->gate->loop)))
		return never(f, FLOW_FALLBACK_forwarding);
	switch (h->share ? handed_way_state(h->share, way_of(f)) : HANDED_WAY_OPEN) {
	case HANDED_WAY_TRIED:
		return true;
	case HANDED_WAY_CLOSED:
		return never(f, FLOW_FALLBACK_firewall);
	case HANDED_WAY_UNKNOWN:
	case HANDED_WAY_OPEN:
		break;
	}
	return false;
}

/* --- the switch --- */

static int tell_gone(const struct conntrack_entry *entry, void *arg)
{
	struct udp_flow *f = arg;

	if (f->gate->replaced)
		f->gate->replaced(f->gate, entry);
	return 0;
}

/* With the bits that others gave its connection: would its packets still reach both ends? */
static bool leads(const struct conntrack_swap *swap)
{
	const struct udp_flow *f = swap->arg;
	const struct marks *marks = &f->table->t->marks;
	struct handoff *h = &f->gate->handoff;
	const struct handoff_route flow = {
		.client = f->from,
		.server = swap->hand.server,
		.link_in = f->link_in,
		.mark = swap->foreign,
		.client_mark = marks_of(marks, MARK_REPLY) | swap->foreign,
		.server_mark = marks_of(marks, MARK_BACKEND),
	};

	return handoff_route_ask(&h->routes, &h->route, &flow, loop_now_ms(f->gate->loop));
}

static int swap_entries(struct udp_flow *f)
{
	const struct marks *marks = &f->table->t->marks;
	struct handoff *h = &f->gate->handoff;
	struct conntrack_swap swap = {
		.hand = { .transport = IPPROTO_UDP,
			  .client = f->from,
			  .to = f->to,
			  .server = udp_dial_server(f),
			  .mark = marks_of(marks, MARK_HANDED),
			  .is_unsure = !f->out_count,
			  .timeout_s = f->out_count ? h->timeout_udp_s : h->timeout_unanswered_s },
		.held_marks = { marks_of(marks, MARK_HELD), marks_of(marks, MARK_REPLY) },
		.own_mask = marks->mask,
		.hand_mask = marks_handed_mask(marks),
		.old_s = h->timeout_udp_s > OLD_QUIET_S ? h->timeout_udp_s - OLD_QUIET_S : 0,
		.server_zone = f->server.fd >= 0 ? ZONE_SERVER : 0,
		.may = leads,
		.gone = tell_gone,
		.arg = f,
	};
	int err = conntrack_swap(&h->ct, &swap);

	f->mark = marks_of(marks, MARK_INJECT) | swap.foreign;
	return err;
}

static enum flow_fallback reason(int err)
{
	switch (err) {
	case -EBUSY:
		return FLOW_FALLBACK_entry;
	case -ECANCELED:
		return FLOW_FALLBACK_route;
	default:
		return FLOW_FALLBACK_kernel;
	}
}

/* The kernel has it from now on, or it never will. */
static bool hand_over(struct udp_flow *f)
{
	struct handed_share *share = f->gate->handoff.share;
	bool is_trial = share && handed_way_state(share, way_of(f)) == HANDED_WAY_UNKNOWN;
	int err;

	if (is_trial && !handed_way_try(share, way_of(f)))
		return false;
	udp_ids_handed(f); /* the server may answer at once */
	err = swap_entries(f);
	if (!err)
		return true;
	if (is_trial)
		handed_way_untry(share, way_of(f));
	f->mark = 0;
	(void)never(f, reason(err));
	return false;
}

/* One datagram of the client's, untracked. */
static void inject(struct udp_flow *f, struct span datagram, uint8_t tos)
{
	const struct inject_datagram d = {
		.from = f->from, .to = udp_dial_server(f), .mark = f->mark, .tos = tos
	};

	if (inject_datagram(&f->gate->handoff.inject, &d, datagram)) {
		f->gate->counters->udp_lost++;
		return;
	}
	f->in_bytes += datagram.size;
	f->in_count++;
}

static void inject_held(struct udp_flow *f)
{
	const struct udp_held *held = f->held;
	size_t at = 0;

	for (unsigned i = 0; i < held->count; i++) {
		size_t size = (size_t)held->run[at] << 8 | held->run[at + 1];

		inject(f, span_of(held->run + at + DATAGRAMS_HEAD_BYTES, size), held->tos[i]);
		at += DATAGRAMS_HEAD_BYTES + size;
	}
}

void udp_handoff_answered(struct udp_flow *f)
{
	if (f->action == ANSWER_BACKEND)
		f->table->servers[f->server_index].answered_ms = loop_now_ms(f->gate->loop);
}

/* Is its server there, as far as one knows, or is there no other? Who hears of a refusal is the relay. */
static bool is_alive(const struct udp_flow *f)
{
	return !udp_dial_has_next(f) ||
	       loop_now_ms(f->gate->loop) <
		       f->table->servers[f->server_index].answered_ms + ALIVE_MS;
}

/* Leaving conntrack aside, which is asked last. */
static bool may_early(struct udp_flow *f)
{
	const struct handed_share *share = f->gate->handoff.share;

	return f->state == UDP_HELD && !(share && handed_share_is_crowded(share)) && is_alive(f) &&
	       !is_refused(f);
}

bool udp_handoff_early(struct udp_flow *f)
{
	if (!is_wanted(f))
		f->hand = UDP_HAND_NEVER;
	if (!may_early(f) || !hand_over(f))
		return false;
	inject_held(f);
	udp_hold_drop(f);
	udp_flow_hand_over(f);
	return true;
}

/* --- later --- */

bool udp_handoff_is_due(const struct udp_flow *f)
{
	uint64_t count = f->in_count + f->out_count;
	bool is_aged;

	if (f->hand == UDP_HAND_NEVER || count < MIN_AGED)
		return false;
	is_aged = loop_now_ms(f->gate->loop) - f->since_ms >= AGED_MS;
	if (!f->out_count)
		return is_aged && count >= MIN_UNANSWERED;
	return is_aged || count >= MIN_DATAGRAMS;
}

void udp_handoff_look(struct udp_flow *f, bool is_empty)
{
	if (!is_empty && f->in_count + f->out_count < MOST_WAITED)
		return;
	if (is_refused(f) || !hand_over(f))
		return;
	loop_forget(f->gate->loop, &f->server);
	udp_socket_let_go(f->server.fd, f->mark);
	udp_relay_drain(f, f->mark);
	udp_hold_drop(f);
	udp_flow_hand_over(f);
}

void udp_handoff_late(struct udp_flow *f, const struct udp_run *run)
{
	struct span datagram;
	size_t at = 0;

	while (udp_run_next(run, &at, &datagram))
		inject(f, datagram, run->tos);
}

void udp_handoff_end(struct udp_flow *f)
{
	if (f->server.fd >= 0)
		udp_relay_drain(f, f->mark);
}
