/* Looking after the flows that the kernel carries. */
#include "keeper_handed.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <time.h>

#include <linux/netlink.h>

#include "base/clock.h"
#include "base/log.h"
#include "handed_adopt.h"
#include "keeper.h"
#include "kernel/inject.h"

enum {
	LOOK_MS = 2500,
	LOOK_NONE_MS = 10 * 1000, /* when there is no such flow that we know of */
	LOOK_SHARE = 50, /* of the time between two looks, one of so many parts is theirs */
	LINGER_S = 5,    /* a connection that is over is kept for late repetitions */
	FRESH_MS = 5000, /* what was found so short ago is what we are told of now */
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

static void arm(struct keeper *k)
{
	struct keeper_handed *h = &k->handed;
	uint64_t in_ms = handed_count(h->flows) ? LOOK_MS : LOOK_NONE_MS;

	if (in_ms < h->took_us * LOOK_SHARE / 1000)
		in_ms = h->took_us * LOOK_SHARE / 1000;
	if (timer_arm(k->loop, &h->timer, clock_ms() + in_ms))
		log_error("out of memory: flows that were handed over are not looked after");
}

/* --- one look --- */

struct look {
	struct keeper *k;
	struct handed_look at;
};

/* What has arrived since the look before. */
static void count(struct keeper *k, const struct handed_fate *fate)
{
	k->handed.counters->in_bytes += fate->arrived[0];
	k->handed.counters->out_bytes += fate->arrived[1];
}

static void let_go(struct keeper *k, const struct conntrack_entry *e)
{
	/* gone by now: as good */
	if (e->timeout_s > LINGER_S)
		(void)conntrack_linger(&k->handed.act, &e->client, &e->to, LINGER_S,
				       k->handed.timeouts.established);
}

static void vanished(struct look *l, struct handed_flow *f)
{
	struct handed_fate fate;

	handed_fate_gone(f, &l->at, &fate);
	keeper_handed_end(l->k, f, &fate);
}

/* A flow that nobody told of. NULL: it cannot be remembered. */
static struct handed_flow *adopt(struct look *l, const struct conntrack_entry *e)
{
	const struct place_list *places = &l->k->places.known;
	struct keeper_handed *h = &l->k->handed;
	struct handed_flow *f;
	struct flow_record r;
	int err;

	handed_adopt(in_force(l->k), e, place_is_ours(places->at, places->count, &e->to), &r);
	r.id = h->next_id;
	err = handed_add(h->flows, &r, l->at.now_ms, &f);
	if (err) {
		if (!h->is_full)
			log_warn("a flow that was handed over cannot be followed: %s",
				 strerror(-err));
		h->is_full = true;
		return NULL;
	}
	h->next_id++;
	f->is_found = true;
	f->moved_ms = handed_fate_spoke_ms(e, &l->at);
	keeper_handed_find_gone(l->k, f);
	keeper_handed_begin(l->k, f);
	return f;
}

static int meet(const struct conntrack_entry *e, void *arg)
{
	struct look *l = arg;
	struct handed *flows = l->k->handed.flows;
	struct handed_flow *f = handed_find(flows, &e->client, &e->to);
	struct handed_fate fate;
	bool is_new;

	if (f && handed_fate_is_other(f, e)) {
		vanished(l, f);
		f = NULL;
	}
	is_new = !f;
	if (is_new && e->state >= CONNTRACK_CLOSED &&
	    (l->at.before_ms || e->timeout_s <= LINGER_S)) {
		let_go(l->k, e); /* was said already */
		return 0;
	}
	if (is_new)
		f = adopt(l, e);
	if (!f)
		return 0;
	handed_fate_seen(f, e, &l->at, &fate);
	f->was_met = true;
	if (!is_new) /* else it is another daemon's count */
		count(l->k, &fate);
	if (fate.is_over) {
		keeper_handed_end(l->k, f, &fate);
		let_go(l->k, e);
	}
	return 0;
}

/* Take the flow's entry away, unless it has spoken since the look. */
static void cut(struct look *l, struct handed_flow *f, enum flow_why why)
{
	struct addr client = handed_client(f);
	struct addr to = handed_to(f);
	struct handed_fate fate = { .is_over = true, .why = why, .end_ms = l->at.now_ms };
	int err = conntrack_forget(&l->k->handed.act, 0, &client, &to);

	if (err && err != -ENOENT)
		log_warn("cannot end a flow in the kernel: %s", strerror(-err));
	else
		keeper_handed_end(l->k, f, &fate);
}

/* Not in the dump: it is gone, or the dump was disturbed. Or it is due to end, which is asked twice. */
static void look_closely(struct look *l, struct handed_flow *f)
{
	struct addr client = handed_client(f);
	struct addr to = handed_to(f);
	struct conntrack_entry e;
	struct handed_fate fate;
	int err = conntrack_get(&l->k->handed.act, &client, &to, &e);
	int why;

	if (err == -ENOENT) {
		vanished(l, f);
		return;
	}
	if (err)
		return; /* the next look will tell */
	handed_fate_seen(f, &e, &l->at, &fate);
	count(l->k, &fate);
	why = keeper_handed_due(l->k, f, l->at.now_ms);
	if (fate.is_over) {
		keeper_handed_end(l->k, f, &fate);
		let_go(l->k, &e);
	} else if (why >= 0) {
		cut(l, f, (enum flow_why)why);
	}
}

static void sweep(struct look *l)
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

static void look(struct keeper *k)
{
	const struct marks *marks = &in_force(k)->shunt.mark;
	struct keeper_handed *h = &k->handed;
	uint64_t began_us = cpu_us();
	struct look l = {
		k, { .now_ms = clock_ms(), .before_ms = h->looked_ms, .timeouts = h->timeouts }
	};
	int err = conntrack_dump(&h->look, marks_of(marks, MARK_HANDED), marks->mask, meet, &l);

	if (!err) {
		sweep(&l);
		h->looked_ms = l.at.now_ms;
	} else if (!h->is_unlooked) {
		log_warn(
			"cannot list connections of conntrack: %s: flows that were handed over are "
			"not seen to end",
			strerror(-err));
	}
	h->is_unlooked = err != 0;
	h->is_full = h->is_full && handed_count(h->flows) > HANDED_MOST / 10 * 9;
	h->took_us = cpu_us() - began_us;
}

static void fire(struct timer *t)
{
	struct keeper *k = container_of(t, struct keeper, handed.timer);

	look(k);
	arm(k);
}

void keeper_handed_refresh(struct keeper *k)
{
	/* who asks again and again waits for a look, but does not keep us at it */
	if (k->handed.is_open && k->handed.looked_ms + k->handed.took_us / 1000 < clock_ms())
		look(k);
}

/* --- what carriers tell --- */

void keeper_handed_take(struct keeper *k, const struct flow_record *told)
{
	struct keeper_handed *h = &k->handed;
	struct look l = {
		k, { .now_ms = clock_ms(), .before_ms = h->looked_ms, .timeouts = h->timeouts }
	};
	struct handed_flow *f = handed_find(h->flows, &told->client, &told->to);
	struct handed_flow before = { .is_found = false };
	int err;

	if (f && f->is_found && f->since_ms + FRESH_MS > l.at.now_ms) {
		/* a look was faster than the message: what it saw stays */
		before = *f;
		keeper_handed_forget(k, f);
	} else if (f) {
		vanished(&l, f); /* its client has begun anew from the same port */
	}
	err = handed_add(h->flows, told, l.at.now_ms, &f);
	if (err) {
		if (!h->is_full)
			log_warn("a flow that was handed over cannot be followed: %s",
				 strerror(-err));
		h->is_full = true;
		return;
	}
	if (before.is_found) {
		memcpy(f->counted, before.counted, sizeof f->counted);
		memcpy(f->packets, before.packets, sizeof f->packets);
		f->expires_s = before.expires_s;
		f->state = before.state;
		f->is_listed = true;
	}
	keeper_handed_find_gone(k, f);
	keeper_handed_begin(k, f);
	if (h->is_open && h->timer.at_ms > l.at.now_ms + LOOK_MS && handed_count(h->flows) == 1)
		arm(k);
}

/* Whether flows are handed over, as carriers find it out for themselves. */
static void tell_whether(struct keeper *k)
{
	const char *wish = getenv("SHUNT_RELAY");
	struct inject inject = { -1, -1 };
	const char *text = "available";
	bool is_wanted = false;

	for (size_t i = 0; i < in_force(k)->divert_count; i++)
		is_wanted |= in_force(k)->diverts[i].handoff;
	if (wish && (strcmp(wish, "copy") == 0 || strcmp(wish, "splice") == 0))
		text = "off: the environment has SHUNT_RELAY, flows are relayed";
	else if (!is_wanted)
		text = "off: every divert says handoff = never, flows are relayed";
	else if (!k->handed.is_open)
		text = "not available: no netlink socket to conntrack, flows are relayed";
	else if (inject_open(&inject))
		text = "not available: no raw socket (CAP_NET_RAW), flows are relayed";
	else if (!firewall_can_strip(k->firewall))
		text = "not available: this kernel's nftables cannot take TCP options out "
		       "(reset tcp option, Linux 5.18), flows are relayed";
	inject_close(&inject);
	k->handed.text = text;
}

void keeper_handed_changed(struct keeper *k)
{
	tell_whether(k);
	if (!k->handed.is_open)
		return;
	conntrack_timeouts_read(&k->handed.timeouts);
	keeper_handed_learn(k);
}

/* --- beginning and end --- */

int keeper_handed_new(struct keeper_handed *h)
{
	uint64_t seed;

	if (getrandom(&seed, sizeof seed, GRND_NONBLOCK) != (ssize_t)sizeof seed)
		seed = clock_ms(); /* an early boot: guessed less hard than never */
	h->next_id = 1;
	h->counters = calloc(1, sizeof *h->counters);
	return h->counters ? handed_new(&h->flows, seed) : -ENOMEM;
}

/* Packets of connections are counted from now on, so that flow lines have their bytes. */
static void count_on(void)
{
	int done = conntrack_count();

	if (done > 0)
		log_info("net.netfilter.nf_conntrack_acct set to 1: handed-over flows are counted");
	else if (done < 0)
		log_warn("cannot set net.netfilter.nf_conntrack_acct to 1: %s: of flows that are "
			 "handed over only the bytes before that are known",
			 strerror(-done));
}

void keeper_handed_open(struct keeper *k)
{
	struct keeper_handed *h = &k->handed;
	int err = netlink_open(&h->look, NETLINK_NETFILTER);

	if (!err)
		err = netlink_open(&h->act, NETLINK_NETFILTER);
	if (err) {
		log_warn("no netlink socket to conntrack: %s: flows that were handed over are not "
			 "followed",
			 strerror(-err));
		tell_whether(k);
		return;
	}
	count_on();
	h->timer.fire = fire;
	h->is_open = true;
	keeper_handed_changed(k);
	look(k);
	if (handed_count(h->flows))
		log_info("%zu connections that were handed over before go on",
			 handed_count(h->flows));
	arm(k);
}

void keeper_handed_close(struct keeper *k)
{
	struct keeper_handed *h = &k->handed;

	timer_disarm(k->loop, &h->timer);
	if (h->is_open && handed_count(h->flows))
		log_info("%zu connections that were handed over go on without us",
			 handed_count(h->flows));
	h->is_open = false;
}

void keeper_handed_done(struct keeper_handed *h)
{
	netlink_close(&h->look);
	netlink_close(&h->act);
	handed_free(h->flows);
	free(h->servers);
	free(h->counters);
}
