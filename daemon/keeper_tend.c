/* Our tables and rules in the kernel: written, kept alive, repaired. */
#include <errno.h>
#include <string.h>
#include <sys/epoll.h>

#include "base/clock.h"
#include "base/log.h"
#include "keeper.h"

enum {
	BEAT_MS = 1000,
	BEATS_PER_RENEWAL = 3,
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

/* Tell the kernel that new flows may be taken; say so once when they may not. */
static void renew(struct keeper *k)
{
	int err = children_are_alive(&k->children) ? firewall_alive(k->firewall) : -EAGAIN;

	if (!err) {
		k->alive_until_ms = clock_ms() + FIREWALL_ALIVE_S * 1000ull;
		return;
	}
	log_debug("alive is not renewed: %s",
		  err == -EAGAIN ? "a child does not answer" : strerror(-err));
}

static void beat(struct timer *t)
{
	struct keeper *k = container_of(t, struct keeper, alive);
	int err = firewall_cookies(k->firewall);

	if (err)
		log_debug("cannot look after SYN cookies: %s", strerror(-err));
	if (k->beats++ % BEATS_PER_RENEWAL == 0)
		renew(k);
	(void)timer_arm(k->loop, t, clock_ms() + BEAT_MS); /* has a place in the heap */
}

static void tend(struct timer *t)
{
	struct keeper *k = container_of(t, struct keeper, tend);
	struct fault fault = { 0 };
	int repairs = firewall_tend(k->firewall, &fault);

	if (repairs < 0) {
		log_error("cannot repair what is ours: %s", fault.text);
		note_problem(k, fault.text);
		(void)timer_arm(k->loop, t,
				clock_ms() + REPAIR_AGAIN_MS); /* has a place in the heap */
	} else if (repairs > 0) {
		k->repairs += (uint64_t)repairs;
		log_warn("repaired: %s%s", fault.text, repairs > 1 ? ", and more" : "");
		renew(k);
	}
}

static void events_ready(struct watch *w, uint32_t events)
{
	struct keeper *k = container_of(w, struct keeper, events);

	(void)events;
	if (!k->tend.index && timer_arm(k->loop, &k->tend, clock_ms() + SETTLE_MS))
		log_error("out of memory: our rules are not looked after");
}

int keeper_tend_start(struct keeper *k, struct fault *fault)
{
	int err = firewall_up(k->firewall, fault);

	if (err)
		return err;
	k->is_up = true;
	k->events = (struct watch){ .fd = firewall_fd(k->firewall),
				    .events = EPOLLIN | EPOLLET,
				    .ready = events_ready };
	err = loop_watch(k->loop, &k->events);
	if (err)
		return fault_set(fault, err, "cannot watch netlink events: %s", strerror(-err));
	k->tend.fire = tend;
	k->alive.fire = beat;
	err = timer_arm(k->loop, &k->alive, clock_ms() + BEAT_MS);
	if (err)
		return fault_set(fault, err, "out of memory");
	(void)firewall_cookies(
		k->firewall); /* with tcp_syncookies = 2 from the first client on; else the beat says */
	renew(k);
	k->beats = 1;
	return 0;
}

void keeper_tend_stop(struct keeper *k)
{
	timer_disarm(k->loop, &k->alive);
	timer_disarm(k->loop, &k->tend);
	if (k->events.fd >= 0)
		loop_forget(k->loop, &k->events);
	k->events.fd = -1;
	if (k->is_up)
		(void)firewall_unalive(k->firewall); /* the table goes in a moment anyway */
}
