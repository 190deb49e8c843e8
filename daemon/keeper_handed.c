/* Looking after the flows that the kernel carries: beginning, end, and what carriers tell. */
#include "keeper_handed.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <unistd.h>

#include <linux/netlink.h>

#include "base/clock.h"
#include "base/log.h"
#include "flow/handed_way.h"
#include "flow/known_file.h"
#include "flow/question.h"
#include "keeper.h"

enum {
	LOOK_MS = 2500,
	LOOK_NONE_MS =
		10 * 1000, /* when there is no such flow that we know of, nor reason for it */
	LOOK_SHARE = 50,   /* of the time between two looks, one of so many parts is theirs */
	HANDED_CROWD = HANDED_MOST / 4 * 3,
	CROWD_PART =
		2, /* of all that conntrack remembers, one of so many may be short flows of ours */
};

static const struct config *in_force(const struct keeper *k)
{
	return k->children.now->config;
}

static void arm(struct keeper *k)
{
	struct keeper_handed *h = &k->handed;
	bool is_idle = !handed_count(h->flows) && !keeper_handed_ways_closed(k) && !h->cuts.count;
	uint64_t in_ms = is_idle ? LOOK_NONE_MS : LOOK_MS;

	if (in_ms < h->took_us * LOOK_SHARE / 1000)
		in_ms = h->took_us * LOOK_SHARE / 1000;
	if (timer_arm(k->loop, &h->timer, clock_ms() + in_ms))
		log_error("out of memory: flows that were handed over are not looked after");
}

static void fire(struct timer *t)
{
	struct keeper *k = container_of(t, struct keeper, handed.timer);

	keeper_handed_look(k);
	arm(k);
}

/* The kernel does not throw entries like ours away when it needs places: so there is an end to short flows
 * among them. */
void keeper_handed_crowd(struct keeper *k)
{
	handed_share_crowd(k->handed.share, handed_count(k->handed.flows) >= k->handed.crowd);
}

void keeper_handed_refresh(struct keeper *k)
{
	/* who asks again and again waits for a look, but does not keep us at it */
	if (k->handed.is_open && k->handed.looked_ms + k->handed.took_us / 1000 < clock_ms())
		keeper_handed_look(k);
}

/* --- what carriers tell --- */

void keeper_handed_take(struct keeper *k, const struct flow_record *told)
{
	struct handed_flow *f = handed_find(
		k->handed.flows, told->transport == QUESTION_UDP ? IPPROTO_UDP : IPPROTO_TCP,
		&told->client, &told->to);
	struct keeper_look l = keeper_handed_now(k);
	struct handed_flow before = { .is_found = false };

	if (f && handed_fate_is_told_late(f, &l.at)) {
		/* a look was faster than the message: what it saw stays */
		before = *f;
		keeper_handed_forget(k, f);
	} else if (f) {
		keeper_handed_gone(&l, f); /* its client has begun anew from the same port */
	}
	f = keeper_handed_begin(&l, told);
	keeper_handed_crowd(k);
	if (f && before.is_found)
		handed_go_on(f, &before);
	if (f)
		keeper_handed_way_told(k, f);
	if (k->handed.is_open && k->handed.timer.at_ms > l.at.now_ms + LOOK_MS &&
	    handed_count(k->handed.flows) == 1)
		arm(k);
}

void keeper_handed_replaced(struct keeper *k, const struct channel_entry *said)
{
	struct handed_flow *f =
		handed_find(k->handed.flows, said->transport, &said->client, &said->to);
	const struct conntrack_entry e = {
		.transport = said->transport,
		.has_stamps = said->has_stamps != 0,
		.client = said->client,
		.to = said->to,
		.state = said->state <= CONNTRACK_RESET ? said->state : CONNTRACK_LIVE,
		.timeout_s = said->timeout_s,
		.packets = { said->packets[0], said->packets[1] },
		.bytes = { said->bytes[0], said->bytes[1] },
	};
	struct keeper_look l = keeper_handed_now(k);

	/* else its end was said */
	if (f && !keeper_handed_seen(&l, f, &e))
		keeper_handed_gone(&l, f);
}

/* Does anybody want flows to be handed over? If not, why. */
static const char *unwanted(const struct keeper *k)
{
	const char *wish = getenv("SHUNT_RELAY");

	if (wish && (strcmp(wish, "copy") == 0 || strcmp(wish, "splice") == 0))
		return "off: the environment has SHUNT_RELAY, flows are relayed";
	for (size_t i = 0; i < in_force(k)->divert_count; i++)
		if (in_force(k)->diverts[i].handoff)
			return NULL;
	return "off: every divert says handoff = never, flows are relayed";
}

void keeper_handed_state(const struct keeper *k, char text[static KEEPER_HANDED_TEXT_BYTES])
{
	const char *why = unwanted(k);
	struct fault fault = { 0 };
	int err = why ? 0 : firewall_handoff_problem(k->firewall, &fault);

	if (err)
		(void)snprintf(text, KEEPER_HANDED_TEXT_BYTES,
			       "not available, flows are relayed: %s", fault.text);
	else if (!why && handed_way_first(k->handed.share, 0) == HANDED_WAY_CLOSED)
		(void)snprintf(text, KEEPER_HANDED_TEXT_BYTES,
			       "off, flows are relayed: rules of this box drop what it forwards: "
			       "accept \"ct state established,related\" in its forward chains");
	else if (!why && keeper_handed_ways_closed(k))
		(void)snprintf(text, KEEPER_HANDED_TEXT_BYTES,
			       "available, but not with %u servers: rules of this box drop what it "
			       "forwards to or from them",
			       keeper_handed_ways_closed(k));
	else
		(void)snprintf(text, KEEPER_HANDED_TEXT_BYTES, "%s%s%s", why ? why : "available",
			       fault.text[0] ? " " : "", fault.text);
}

/* Once at the start. */
static void say_problem(const struct keeper *k)
{
	struct fault fault = { 0 };

	if (!unwanted(k) && firewall_handoff_problem(k->firewall, &fault))
		log_warn("flows are relayed, none is handed to the kernel: %s", fault.text);
}

void keeper_handed_changed(struct keeper *k)
{
	if (!k->handed.is_open)
		return;
	conntrack_timeouts_read(&k->handed.timeouts);
	k->handed.crowd = conntrack_most() / CROWD_PART;
	if (!k->handed.crowd || k->handed.crowd > HANDED_CROWD)
		k->handed.crowd = HANDED_CROWD;
	keeper_handed_learn(k);
	keeper_handed_ways_changed(k);
	keeper_handed_tell(k);
}

/* --- beginning and end --- */

static uint64_t memory_bytes(void)
{
	long pages = sysconf(_SC_PHYS_PAGES);
	long page = sysconf(_SC_PAGESIZE);

	return pages > 0 && page > 0 ? (uint64_t)pages * (uint64_t)page : 0;
}

int keeper_handed_new(struct keeper_handed *h, const char *control)
{
	char path[KNOWN_PATH_BYTES];
	struct siphash_key key;
	uint64_t seed;
	int err;

	if (getrandom(&key, sizeof key, GRND_NONBLOCK) != (ssize_t)sizeof key)
		key = (struct siphash_key){ { clock_ms(), (uintptr_t)h } };
	if (getrandom(&seed, sizeof seed, GRND_NONBLOCK) != (ssize_t)sizeof seed)
		seed = clock_ms(); /* an early boot: guessed less hard than never */
	h->next_id = 1;
	h->counters = calloc(1, sizeof *h->counters);
	h->touched = calloc(KEEPER_HANDED_TOUCHED, sizeof *h->touched);
	err = h->counters && h->touched ? handed_new(&h->flows, seed) : -ENOMEM;
	if (!err)
		err = keeper_ways_new(&h->ways);
	if (!err)
		err = handed_share_new(&h->share, &h->share_file, seed);
	known_path(path, control);
	return err ? err : known_file_open(&h->known_file, path, known_size(memory_bytes()), &key);
}

/* Packets of connections are counted from now on, so that flow lines have their bytes. */
static bool count_on(void)
{
	int done = conntrack_count();

	if (done > 0)
		log_info("net.netfilter.nf_conntrack_acct set to 1: handed-over flows are counted");
	else if (done < 0)
		log_warn("cannot set net.netfilter.nf_conntrack_acct to 1: %s: of flows that are "
			 "handed over only the bytes before that are known",
			 strerror(-done));
	return done >= 0;
}

void keeper_handed_open(struct keeper *k)
{
	struct keeper_handed *h = &k->handed;
	int err = netlink_open(&h->look, NETLINK_NETFILTER);

	say_problem(k);
	if (!err)
		err = netlink_open(&h->act, NETLINK_NETFILTER);
	if (err) {
		log_warn("no netlink socket to conntrack: %s: flows that were handed over are not "
			 "followed",
			 strerror(-err));
		return;
	}
	err = keeper_cuts_open(&h->cuts);
	if (err)
		log_warn(
			"no raw socket: %s: who is at the ends of flows that `idle` and `drain` end is "
			"not told",
			strerror(-err));
	h->is_counting = count_on();
	h->timer.fire = fire;
	h->is_open = true;
	keeper_handed_changed(k);
	keeper_handed_look(k);
	if (handed_count(h->flows))
		log_info("%zu connections that were handed over before go on",
			 handed_count(h->flows));
	arm(k);
}

void keeper_handed_close(struct keeper *k)
{
	struct keeper_handed *h = &k->handed;

	timer_disarm(k->loop, &h->timer);
	timer_disarm(k->loop, &h->ways.timer);
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
	free(h->touched);
	keeper_ways_done(&h->ways);
	keeper_cuts_done(&h->cuts);
	handed_share_unmap(h->share);
	if (h->share_file >= 0)
		(void)close(h->share_file); /* carriers have their mappings */
	h->share_file = -1;
	if (h->known_file >= 0)
		(void)close(h->known_file); /* likewise */
	h->known_file = -1;
}
