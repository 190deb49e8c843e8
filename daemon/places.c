/* Where addresses are, kept up to date for the carriers. */
#include "places.h"

#include <errno.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

#include <linux/netlink.h>

#include "base/clock.h"
#include "base/log.h"
#include "flow/place_map.h"

enum {
	SETTLE_MS = 20,  /* after an event: an address comes with several routes */
	REST_TIMES = 20, /* reading takes 5 % of a CPU at most, however long the tables are */
	AGAIN_MS = 1000, /* after a reading that failed */
};

static int read_anew(struct places *p)
{
	uint64_t before_ms = clock_ms();
	struct place_list fresh;
	int file;
	int err = rtnl_places_read(&fresh, &p->ask);

	p->rest_until_ms = clock_ms() + REST_TIMES * (clock_ms() - before_ms);
	if (err)
		return err;
	if (p->file >= 0 && fresh.count == p->known.count &&
	    memcmp(fresh.at, p->known.at, fresh.count * sizeof *fresh.at) == 0)
		return 0;
	file = place_map_make(fresh.at, fresh.count);
	if (file < 0)
		return file;
	if (p->file >= 0)
		(void)close(p->file); /* the carriers have their own */
	p->file = file;
	p->known = fresh;
	return 1;
}

static void arm(struct places *p, uint64_t at_ms)
{
	if (at_ms < p->rest_until_ms)
		at_ms = p->rest_until_ms;
	if (!p->timer.index && timer_arm(p->loop, &p->timer, at_ms))
		log_error("out of memory: changes of addresses are not seen");
}

static void look(struct timer *t)
{
	struct places *p = container_of(t, struct places, timer);
	int err = read_anew(p);

	if (err < 0) {
		log_debug("cannot read addresses and routes: %s", strerror(-err));
		arm(p, clock_ms() + AGAIN_MS);
	} else if (err > 0) {
		p->changed(p);
	}
}

/* What they say does not matter: all is read anew, a moment later. */
static void events_ready(struct watch *w, uint32_t events)
{
	struct places *p = container_of(w, struct places, watch);

	(void)events;
	(void)netlink_events(&p->events, NULL, NULL); /* some were lost: that is a change too */
	arm(p, clock_ms() + SETTLE_MS);
}

static int open_all(struct places *p)
{
	int err = netlink_open(&p->events, NETLINK_ROUTE);

	if (!err)
		err = netlink_open(&p->ask, NETLINK_ROUTE);
	if (!err)
		err = rtnl_places_join(&p->events);
	if (err)
		return err;
	p->watch.fd = netlink_fd(&p->events);
	p->watch.events = EPOLLIN;
	p->watch.ready = events_ready;
	return loop_watch(p->loop, &p->watch);
}

int places_start(struct places *p, struct loop *loop, void (*changed)(struct places *p),
		 struct fault *fault)
{
	int err;

	p->loop = loop;
	p->changed = changed;
	p->file = -1;
	p->watch.fd = -1;
	p->timer.fire = look;
	err = open_all(p);
	if (err >= 0)
		err = read_anew(p);
	if (err < 0)
		return fault_set(fault, err, "cannot read the addresses and routes of this box: %s",
				 strerror(-err));
	if (p->known.is_cut)
		log_info("more than %d routes: only networks of this box's own links are known to "
			 "tell when a server would answer a client directly",
			 PLACES_MOST);
	return 0;
}

void places_stop(struct places *p)
{
	if (!p->loop)
		return;
	timer_disarm(p->loop, &p->timer);
	if (p->watch.fd >= 0)
		loop_forget(p->loop, &p->watch);
	netlink_close(&p->events);
	netlink_close(&p->ask);
	if (p->file >= 0)
		(void)close(p->file); /* the carriers have their own */
	p->file = -1;
	p->loop = NULL;
}
