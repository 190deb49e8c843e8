/* Our tables and rules in the kernel: written, kept alive, repaired. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>

#include "base/clock.h"
#include "base/log.h"
#include "keeper.h"

enum {
	BEAT_MS = 1000,
	BEATS_PER_RENEWAL = 2,
	HURRY_MS = 5000,        /* when less is left of `alive`, at every beat */
	BEATS_PER_LOOK = 60,    /* at all that is ours, whatever the events say */
	FOLLOW_MS = 20,         /* after an event: addresses come in groups */
	SETTLE_MS = 100,        /* after an event: let a flush-and-load of others be over */
	REPAIR_AGAIN_MS = 2000, /* after a repair that failed */
};

static void note_problem(struct keeper *k, const char *text)
{
	size_t size = strlen(text);

	if (size >= sizeof k->problem)
		size = sizeof k->problem - 1;
	memcpy(k->problem, text, size);
	k->problem[size] = '\0';
}

/* As soon as neither has a problem there is none. */
static void clear_problem(struct keeper *k)
{
	if (!k->is_unrenewed && !k->is_unrepaired)
		k->problem[0] = '\0';
}

/* Why nothing was heard of a child for so long: of a sniffer perhaps for want of its carrier. */
static void name_quiet(const struct children *c, const struct children_quiet *quiet,
		       struct fault *fault)
{
	const struct child *carrier = &c->carriers[quiet->carrier].child;
	const struct child *child = carrier->stillborn ? carrier : quiet->child;
	unsigned seconds = (unsigned)((clock_ms() - child->proven_ms) / 1000);
	char who[64];

	if (child == carrier)
		(void)snprintf(who, sizeof who, "carrier %u", quiet->carrier + 1);
	else
		(void)snprintf(who, sizeof who, "sniffer %d of carrier %u", quiet->sniffer + 1,
			       quiet->carrier + 1);
	if (child->stillborn)
		(void)fault_set(fault, -EAGAIN,
				"%s was started %u times in vain (its lines in the log say why)",
				who, child->stillborn);
	else
		(void)fault_set(fault, -EAGAIN, "%s has not answered for %u s", who, seconds);
}

/* For as long as the rule in child.h says. */
static int try_renewal(struct keeper *k, struct fault *fault)
{
	struct children_quiet quiet = children_quietest(&k->children);
	uint64_t until_ms = quiet.child->proven_ms + FIREWALL_ALIVE_MS;
	int err = firewall_alive(k->firewall, until_ms);

	if (err == -ETIME)
		name_quiet(&k->children, &quiet, fault);
	else if (err)
		(void)fault_set(fault, err, "cannot renew set alive of table inet shunt: %s",
				strerror(-err));
	else
		k->alive_until_ms = until_ms;
	return err;
}

/* Tell the kernel that new flows may be taken; say once when they are not any more, and when they
 * are again. A child that is being replaced is no matter yet. */
void keeper_tend_renew(struct keeper *k)
{
	struct fault fault = { 0 };

	k->must_renew = try_renewal(k, &fault) != 0;
	if (!k->must_renew) {
		if (k->is_unrenewed)
			log_warn("new connections are taken again");
		k->is_unrenewed = false;
		clear_problem(k);
		return;
	}
	if (k->alive_until_ms > clock_ms())
		return;
	if (!k->is_unrenewed)
		log_error("%s: until it is well, `fail` decides on new connections", fault.text);
	k->is_unrenewed = true;
	note_problem(k, fault.text);
}

/* Look after our things soon, or as soon as they may be repaired again. */
static void look(struct keeper *k)
{
	uint64_t at_ms = firewall_pace_next(&k->pace, clock_ms() + SETTLE_MS);

	if (!k->tend.index && timer_arm(k->loop, &k->tend, at_ms))
		log_error("out of memory: our rules are not looked after");
}

static void tend_bridges(struct keeper *k)
{
	struct fault fault = { 0 };
	int done = firewall_bridges(k->firewall, &fault);

	if (done > 0)
		log_info(
			"br_netfilter came with the first bridge: table inet shunt goes before it");
	else if (done < 0)
		log_debug("%s", fault.text);
}

static void beat(struct timer *t)
{
	struct keeper *k = container_of(t, struct keeper, alive);
	int err = firewall_cookies(k->firewall);

	if (err)
		log_debug("cannot look after SYN cookies: %s", strerror(-err));
	tend_bridges(k);
	if (k->must_renew || k->beats % BEATS_PER_RENEWAL == 0 ||
	    k->alive_until_ms < clock_ms() + HURRY_MS)
		keeper_tend_renew(k);
	if (++k->beats % BEATS_PER_LOOK == 0) {
		firewall_suspect(k->firewall);
		look(k);
	}
	(void)timer_arm(k->loop, t, clock_ms() + BEAT_MS); /* has a place in the heap */
}

static void note_repairs(struct keeper *k, unsigned repairs, const char *what)
{
	const char *more = repairs > 1 ? ", and more" : "";

	k->repairs += repairs;
	firewall_pace_note(&k->pace, clock_ms());
	/* then this is the sum of what was undone during the last pause */
	if (k->pace.pause_ms)
		log_warn("repaired: %s%s: somebody keeps undoing what is ours: the next repair in "
			 "%u s at the earliest",
			 what, more, (unsigned)(k->pace.pause_ms / 1000));
	else
		log_warn("repaired: %s%s", what, more);
}

static void note_failure(struct keeper *k, int err, const char *what)
{
	/* others change so much that nothing could be read in one piece: no fault yet */
	if (err != -EINTR) {
		if (!k->is_unrepaired)
			log_error("cannot repair what is ours: %s", what);
		k->is_unrepaired = true;
		note_problem(k, what);
	}
	(void)timer_arm(k->loop, &k->tend,
			clock_ms() + REPAIR_AGAIN_MS); /* has a place in the heap */
}

/* Addresses of interfaces that diverts name. What fails is tried again, and said once. */
static void follow_now(struct keeper *k)
{
	struct fault fault = { 0 };
	int result = firewall_follow(k->firewall, &fault);

	if (result > 0)
		log_info("%s", fault.text);
	if (result < 0 && !k->is_unfollowed && result != -EINTR)
		log_warn("%s: will be tried again", fault.text);
	k->is_unfollowed = result < 0 && (k->is_unfollowed || result != -EINTR);
	if (result < 0)
		(void)timer_arm(k->loop, &k->tend,
				clock_ms() + REPAIR_AGAIN_MS); /* else the look of each minute */
}

static void follow(struct timer *t)
{
	follow_now(container_of(t, struct keeper, follow));
}

static void tend(struct timer *t)
{
	struct keeper *k = container_of(t, struct keeper, tend);
	struct fault fault = { 0 };
	int repairs;

	follow_now(k);
	repairs = firewall_tend(k->firewall, &fault);

	if (repairs < 0) {
		note_failure(k, repairs, fault.text);
		return;
	}
	if (repairs > 0) {
		note_repairs(k, (unsigned)repairs, fault.text);
		keeper_handed_tell(k);
	}
	if (k->is_unrepaired)
		log_warn("what is ours is in order again");
	k->is_unrepaired = false;
	clear_problem(k);
}

static void events_ready(struct watch *w, uint32_t events)
{
	struct keeper *k = container_of(w, struct keeper, events);

	(void)events;
	if (!k->follow.index && timer_arm(k->loop, &k->follow, clock_ms() + FOLLOW_MS))
		log_error("out of memory: addresses of interfaces are not followed");
	look(k);
}

int keeper_tend_start(struct keeper *k, struct fault *fault)
{
	int err = firewall_up(k->firewall, fault);

	if (err)
		return err;
	k->is_up = true;
	if (fault->text[0])
		log_warn("%s", fault->text);
	k->events = (struct watch){ .fd = firewall_fd(k->firewall),
				    .events = EPOLLIN | EPOLLET,
				    .ready = events_ready };
	err = loop_watch(k->loop, &k->events);
	if (err)
		return fault_set(fault, err, "cannot watch netlink events: %s", strerror(-err));
	k->follow.fire = follow;
	k->tend.fire = tend;
	k->alive.fire = beat;
	err = timer_arm(k->loop, &k->alive, clock_ms() + BEAT_MS);
	if (err)
		return fault_set(fault, err, "out of memory");
	(void)firewall_cookies(
		k->firewall); /* with tcp_syncookies = 2 from the first client on; else the beat says */
	keeper_tend_renew(k);
	k->beats = 1;
	look(k); /* what others did while we started */
	return 0;
}

void keeper_tend_stop(struct keeper *k)
{
	/* flows that were handed over need the lasting table, which somebody may have flushed just now */
	if (k->is_up && k->events.fd >= 0)
		tend(&k->tend);
	timer_disarm(k->loop, &k->alive);
	timer_disarm(k->loop, &k->follow);
	timer_disarm(k->loop, &k->tend);
	if (k->events.fd >= 0)
		loop_forget(k->loop, &k->events);
	k->events.fd = -1;
	if (k->is_up)
		(void)firewall_unalive(k->firewall); /* the table goes in a moment anyway */
}
