/* One look at conntrack's entries of flows that the kernel carries. */
#include <errno.h>
#include <string.h>
#include <time.h>

#include "base/clock.h"
#include "base/log.h"
#include "handed_adopt.h"
#include "keeper.h"

enum {
	LINGER_S = 5, /* a connection that is over is kept for late repetitions */
	KEEP_S = 120, /* an entry is kept for longer than its flow, which a look ends */
};

static const struct config *in_force(const struct keeper *k)
{
	return k->children.now->config;
}

static uint64_t cpu_us(void)
{
	struct timespec now;

	(void)clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now); /* cannot fail for this clock */
	return (uint64_t)now.tv_sec * 1000000 + (uint64_t)now.tv_nsec / 1000;
}

struct keeper_look keeper_handed_now(struct keeper *k)
{
	return (struct keeper_look){ .k = k,
				     .at = { .now_ms = clock_ms(),
					     .before_ms = k->handed.looked_ms,
					     .over_ms = k->handed.over_ms,
					     .timeouts = k->handed.timeouts } };
}

static void let_go(struct keeper *k, const struct conntrack_entry *e)
{
	/* gone by now: as good; datagrams tell of no end */
	if (e->timeout_s > LINGER_S)
		(void)conntrack_linger(&k->handed.act, &e->client, &e->to, LINGER_S,
				       k->handed.timeouts.established);
}

bool keeper_handed_seen(struct keeper_look *l, struct handed_flow *f,
			const struct conntrack_entry *e)
{
	/* the first sight of one that we found holds what other daemons counted */
	bool is_ours = !f->is_found || f->is_listed;
	struct counters *c = l->k->handed.counters;
	struct handed_fate fate;

	handed_fate_seen(f, e, &l->at, &fate);
	f->was_met = true;
	if (is_ours) {
		c->in_bytes += fate.arrived[0];
		c->out_bytes += fate.arrived[1];
	}
	if (fate.is_over)
		keeper_handed_end(l->k, f, &fate);
	return fate.is_over;
}

void keeper_handed_gone(struct keeper_look *l, struct handed_flow *f)
{
	struct handed_look at = l->at;
	struct handed_fate fate;

	at.now_ms = clock_ms(); /* a look at many takes seconds, in which entries expire */
	handed_fate_gone(f, &at, &fate);
	keeper_handed_end(l->k, f, &fate);
}

/* A flow that nobody told of. NULL: it cannot be remembered. */
static struct handed_flow *adopt(struct keeper_look *l, const struct conntrack_entry *e)
{
	const struct place_list *places = &l->k->places.known;
	struct handed_flow *f;
	struct flow_record r;

	handed_adopt(in_force(l->k), e, place_is_ours(places->at, places->count, &e->to), &r);
	r.id = l->k->handed.next_id;
	f = keeper_handed_begin(l, &r);
	if (!f)
		return NULL;
	l->k->handed.next_id++;
	f->is_found = true;
	f->moved_ms = handed_fate_spoke_ms(e, &l->at);
	handed_share_hold(l->k->handed.share, &e->client, &e->server);
	/* that segment of its carrier's was another rule set's */
	keeper_handed_touch(l->k, f);
	return f;
}

/* An entry of which we know no flow. One that is over was said to be, or will be when its carrier's
 * message comes; only at the first look it may have ended while no daemon was there. */
static bool is_of_interest(const struct keeper_look *l, const struct conntrack_entry *e)
{
	if (e->state < CONNTRACK_CLOSED)
		return true;
	return !l->at.before_ms && e->timeout_s > LINGER_S;
}

/* The kernel forgets datagrams sooner than `idle` may say. It may, as long as nobody has answered: somebody
 * who spoofs is to hold places for as short as can be. */
static void keep(struct keeper_look *l, struct handed_flow *f, const struct conntrack_entry *e)
{
	uint64_t quiet_ms = l->at.now_ms > f->moved_ms ? l->at.now_ms - f->moved_ms : 0;
	uint64_t idle_ms = keeper_handed_idle_ms(l->k, f);
	uint32_t left_s;

	if (e->is_offloaded || !e->is_assured || e->timeout_s > l->at.timeouts.datagrams / 2)
		return;
	if (!idle_ms) /* never */
		idle_ms = quiet_ms + KEEP_S * 1000;
	if (idle_ms <= quiet_ms + e->timeout_s * 1000ull)
		return;
	left_s = (uint32_t)((idle_ms - quiet_ms) / 1000 + KEEP_S);
	/* one that came meanwhile makes it shorter again, and the next look longer */
	if (conntrack_set_timeout(&l->k->handed.act, IPPROTO_UDP, &e->client, &e->to, left_s) == 0)
		f->expires_s = (uint32_t)(l->at.now_ms / 1000) + left_s;
}

static int meet(const struct conntrack_entry *e, void *arg)
{
	struct keeper_look *l = arg;
	struct handed_flow *f = handed_find(l->k->handed.flows, e->transport, &e->client, &e->to);
	uint32_t before[2] = { (uint32_t)e->packets[0], (uint32_t)e->packets[1] };

	if (f && handed_fate_is_other(f, e)) {
		keeper_handed_gone(l, f);
		f = NULL;
	}
	if (!f && is_of_interest(l, e))
		f = adopt(l, e);
	if (f && (f->is_listed || !f->is_found))
		memcpy(before, f->packets, sizeof before);
	if (f && keeper_handed_seen(l, f, e))
		let_go(l->k, e);
	else if (f && keeper_handed_way_blocks(l, f, e, before))
		keeper_handed_cut(l, f, e, FLOW_WHY_lost);
	else if (f && f->is_udp)
		keep(l, f, e);
	return 0;
}

void keeper_handed_cut(struct keeper_look *l, struct handed_flow *f,
		       const struct conntrack_entry *e, enum flow_why why)
{
	const struct marks *marks = &in_force(l->k)->shunt.mark;
	const struct keeper_cut cut = { .client = e->client,
					.to = e->to,
					.server = e->server,
					.foreign = e->mark & ~marks->mask,
					.has_stamps = e->has_stamps };
	struct handed_fate fate = { .is_over = true, .why = why, .end_ms = l->at.now_ms };
	int err = conntrack_forget(&l->k->handed.act, 0, e->transport, &e->client, &e->to);

	if (err && err != -ENOENT) {
		log_warn("cannot end a flow in the kernel: %s", strerror(-err));
		return;
	}
	if (!err && e->transport == IPPROTO_TCP)
		keeper_cuts_add(&l->k->handed.cuts, &cut);
	keeper_handed_end(l->k, f, &fate);
}

/* Not in the dump: it is gone, or the dump was disturbed. Or it is due to end, which is asked twice. */
static void look_closely(struct keeper_look *l, struct handed_flow *f)
{
	struct addr client = handed_client(f);
	struct addr to = handed_to(f);
	struct conntrack_entry e;
	int err = conntrack_get(&l->k->handed.act, handed_transport(f), &client, &to, &e);
	int why;

	if (err == -ENOENT) {
		keeper_handed_gone(l, f);
	} else if (!err && keeper_handed_seen(l, f, &e)) {
		let_go(l->k, &e);
	} else if (!err) {
		why = keeper_handed_due(l->k, f, l->at.now_ms);
		if (why >= 0)
			keeper_handed_cut(l, f, &e, (enum flow_why)why);
	} /* else the next look will tell */
}

static void sweep(struct keeper_look *l)
{
	struct handed_walk walk = { 0 };
	struct handed_flow *f;

	for (f = handed_next(l->k->handed.flows, &walk); f;
	     f = handed_next(l->k->handed.flows, &walk)) {
		bool was_met = f->was_met;

		f->was_met = false;
		if (!was_met || keeper_handed_due(l->k, f, l->at.now_ms) >= 0)
			look_closely(l, f);
	}
}

void keeper_handed_look(struct keeper *k)
{
	const struct marks *marks = &in_force(k)->shunt.mark;
	struct keeper_handed *h = &k->handed;
	uint64_t began_us = cpu_us();
	struct keeper_look l = keeper_handed_now(k);
	int err = conntrack_dump(&h->look, marks_of(marks, MARK_HANDED), marks_handed_mask(marks),
				 meet, &l);

	if (!err) {
		sweep(&l);
		h->looked_ms = l.at.now_ms;
	} else if (!h->is_unlooked) {
		log_warn(
			"cannot list connections of conntrack: %s: flows that were handed over are "
			"not seen to end",
			strerror(-err));
	}
	keeper_handed_ways_look(k);
	keeper_handed_crowd(k);
	keeper_handed_tell(k);
	keeper_cuts_tell(k);
	h->over_ms = clock_ms();
	h->is_unlooked = err != 0;
	h->is_full = h->is_full && handed_count(h->flows) > HANDED_MOST / 10 * 9;
	h->took_us = cpu_us() - began_us;
}
