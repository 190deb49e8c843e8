/*
 * Does this box let through what was handed over? flow/handed_way.h
 *
 * An entry bears the mark of each side of which a packet was seen to leave the box
 * (nft/plan_handed.c), and counts packets as they come in. The first flow of a way
 * is looked at until both sides have shown that they pass, or one that it does
 * not. All others are looked at with the rest, so that a way that is closed
 * later, or only to some, is noticed as well.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "firewall_flows.h"
#include "flow/handed_way.h"
#include "keeper.h"

enum {
	TRIAL_LOOK_MS = 20,
	TRIAL_STUCK_MS = 60, /* who came in and is not out after that does not come out */
	TRIAL_MS = 2000,     /* who has said nothing until then has been asked in vain */
	FAILS_CLOSE = 3,     /* flows of a way that was open, of all that were new for */
	FAILS_S = 10,        /* so long */
	RETRY_MS = 5000,     /* after a way was found closed, and rules of others have changed */
	RETRY_MOST_MS = 3600 * 1000, /* twice as long each time */
};

static uint32_t now_s(void)
{
	return (uint32_t)(clock_ms() / 1000);
}

static unsigned way_of(const struct keeper *k, const struct handed_flow *f)
{
	const struct addr server = handed_server(f);
	const char *divert = strcmp(handed_backend(f), "original") == 0 ? handed_divert(f) : NULL;

	return f->is_udp ? handed_way_of_udp(k->handed.share, &server, divert)
			 : handed_way_of(k->handed.share, &server, divert);
}

/* Did packets of some side come in, of which none was seen to leave? Where nobody counts there are fewer
 * than before. */
static bool is_stuck(const struct conntrack_entry *e, const uint32_t before[2],
		     const struct marks *marks)
{
	const bool passed[2] = { e->mark & marks_passed(marks, MARK_PASSED_CLIENT),
				 e->mark & marks_passed(marks, MARK_PASSED_SERVER) };

	for (int way = 0; way < 2; way++)
		if (!passed[way] && (int32_t)((uint32_t)e->packets[way] - before[way]) > 0)
			return true;
	return false;
}

static bool have_both_passed(const struct conntrack_entry *e, const struct marks *marks)
{
	const uint32_t both = marks_passed(marks, MARK_PASSED);

	return (e->mark & both) == both;
}

static const struct marks *marks_of_all(const struct keeper *k)
{
	return &k->children.now->config->shunt.mark;
}

static void found_open(struct keeper *k, unsigned way)
{
	struct keeper_way *w = &k->handed.ways.at[way];

	w->fails = 0;
	w->passed_s = now_s();
	if (handed_way_own(k->handed.share, way) == HANDED_WAY_CLOSED)
		return; /* a flow of before */
	handed_way_found(k->handed.share, way, true);
	k->handed.ways.retry_pause_ms = RETRY_MS;
}

static void found_closed(struct keeper *k, unsigned way, const struct addr *server)
{
	struct keeper_handed *h = &k->handed;
	char text[ADDR_TEXT_BYTES];

	h->ways.at[way].fails = 0;
	if (handed_way_own(h->share, way) == HANDED_WAY_CLOSED)
		return;
	handed_way_found(h->share, way, false);
	h->ways.retry_at_ms = clock_ms() + h->ways.retry_pause_ms;
	h->ways.retry_pause_ms = h->ways.retry_pause_ms < RETRY_MOST_MS / 2
					 ? h->ways.retry_pause_ms * 2
					 : RETRY_MOST_MS;
	log_warn("rules of this box drop what it forwards to or from %s: connections with it are "
		 "relayed, none is handed over: have the forward chains accept "
		 "\"ct state established,related\"",
		 addr_text(server, text));
}

/* --- the first flow of a way --- */

static void arm(struct keeper *k)
{
	struct keeper_handed *h = &k->handed;

	if (h->ways.trial_count && !h->ways.timer.index &&
	    timer_arm(k->loop, &h->ways.timer, clock_ms() + TRIAL_LOOK_MS))
		log_error("out of memory: a flow that was handed over is not looked at");
}

/* One look at it: is that the end of the trial? */
static bool look_at(struct keeper *k, struct keeper_trial *t)
{
	struct keeper_look l = keeper_handed_now(k);
	struct handed_flow *f =
		handed_find(k->handed.flows, t->transport, &t->pair.client, &t->pair.to);
	const bool is_udp = t->transport == IPPROTO_UDP;
	const uint32_t before[2] = { is_udp ? 0 : HANDED_SHOWN_CLIENT,
				     is_udp ? 0 : HANDED_SHOWN_SERVER };
	struct conntrack_entry e;

	if (!f || conntrack_get(&k->handed.act, t->transport, &t->pair.client, &t->pair.to, &e) ||
	    e.state >= CONNTRACK_CLOSED) {
		handed_way_untry(k->handed.share, t->way);
		return true;
	}
	if (have_both_passed(&e, marks_of_all(k))) {
		f->has_passed = true;
		found_open(k, t->way);
		return true;
	}
	if (!is_stuck(&e, before, marks_of_all(k)))
		t->stuck_ms = 0;
	else if (!t->stuck_ms)
		t->stuck_ms = l.at.now_ms;
	if (t->stuck_ms && l.at.now_ms >= t->stuck_ms + TRIAL_STUCK_MS) {
		found_closed(k, t->way, &e.server);
		keeper_handed_cut(&l, f, &e, FLOW_WHY_lost);
		keeper_cuts_tell(k);
		return true;
	}
	if (l.at.now_ms < t->since_ms + TRIAL_MS)
		return false;
	if (e.mark & marks_passed(marks_of_all(k), MARK_PASSED))
		found_open(k, t->way);
	else if (!k->handed.is_counting)
		found_closed(k, t->way, &e.server);
	else
		handed_way_untry(k->handed.share, t->way);
	return true;
}

static void look(struct timer *timer)
{
	struct keeper *k = container_of(timer, struct keeper, handed.ways.timer);
	struct keeper_handed *h = &k->handed;
	unsigned left = 0;

	for (unsigned i = 0; i < h->ways.trial_count; i++)
		if (!look_at(k, &h->ways.trials[i]))
			h->ways.trials[left++] = h->ways.trials[i];
	h->ways.trial_count = left;
	arm(k);
}

static bool is_tried(const struct keeper_handed *h, unsigned way)
{
	for (unsigned i = 0; i < h->ways.trial_count; i++)
		if (h->ways.trials[i].way == way)
			return true;
	return false;
}

void keeper_handed_way_told(struct keeper *k, const struct handed_flow *f)
{
	struct keeper_handed *h = &k->handed;
	unsigned way = way_of(k, f);

	if (handed_way_own(h->share, way) != HANDED_WAY_TRIED || is_tried(h, way))
		return;
	if (!h->is_open) { /* then nobody can tell */
		handed_way_found(h->share, way, true);
		return;
	}
	if (h->ways.trial_count == KEEPER_WAYS_TRIALS) {
		handed_way_untry(h->share, way);
		return;
	}
	h->ways.trials[h->ways.trial_count++] = (struct keeper_trial){
		.pair = { handed_client(f), handed_to(f) },
		.transport = handed_transport(f),
		.way = way,
		.since_ms = clock_ms(),
	};
	h->ways.timer.fire = look;
	arm(k);
}

/* --- all others --- */

bool keeper_handed_way_blocks(struct keeper_look *l, struct handed_flow *f,
			      const struct conntrack_entry *e, const uint32_t before[2])
{
	struct keeper *k = l->k;
	bool was_stuck = f->is_stuck;
	unsigned way;

	if (f->has_passed)
		return false;
	way = way_of(k, f);
	if (have_both_passed(e, marks_of_all(k))) {
		f->has_passed = true;
		k->handed.ways.at[way].fails = 0;
		k->handed.ways.at[way].passed_s = now_s();
		return false;
	}
	f->is_stuck = is_stuck(e, before, marks_of_all(k));
	if (!f->is_stuck || !was_stuck)
		return false;
	if (++k->handed.ways.at[way].fails >= FAILS_CLOSE &&
	    k->handed.ways.at[way].passed_s + FAILS_S <= now_s())
		found_closed(k, way, &e->server);
	return true;
}

void keeper_handed_ways_look(struct keeper *k)
{
	struct keeper_handed *h = &k->handed;

	/* one whose carrier died in the midst of it */
	for (unsigned i = 0; i < 2 * HANDED_SHARE_WAYS; i++) {
		bool is_left = handed_way_own(h->share, i) == HANDED_WAY_TRIED && !is_tried(h, i);

		if (is_left && h->ways.at[i].is_left)
			handed_way_untry(h->share, i);
		h->ways.at[i].is_left = is_left;
	}
	h->ways.must_retry |= firewall_others_changed(k->firewall);
	if (!h->ways.must_retry || clock_ms() < h->ways.retry_at_ms)
		return;
	h->ways.must_retry = false;
	handed_way_reopen(h->share);
}

void keeper_handed_ways_changed(struct keeper *k)
{
	k->handed.ways.retry_pause_ms = RETRY_MS;
	handed_way_reopen(k->handed.share);
}

unsigned keeper_handed_ways_closed(const struct keeper *k)
{
	unsigned count = 0;

	for (unsigned i = 0; i < 2 * HANDED_SHARE_WAYS; i++)
		count += handed_way_own(k->handed.share, i) == HANDED_WAY_CLOSED;
	return count;
}

int keeper_ways_new(struct keeper_ways *w)
{
	w->retry_pause_ms = RETRY_MS;
	w->at = calloc(2 * (size_t)HANDED_SHARE_WAYS, sizeof *w->at);
	return w->at ? 0 : -ENOMEM;
}

void keeper_ways_done(struct keeper_ways *w)
{
	free(w->at);
	w->at = NULL;
}
