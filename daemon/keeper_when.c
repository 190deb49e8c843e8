/* When routes open and close. */
#include "keeper_when.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/clock.h"
#include "base/log.h"
#include "flow/flags.h"
#include "policy/open_routes.h"

enum {
	LOOK_MS = 60000, /* at the latest: the clock or its zone may have been changed meanwhile */
};

struct keeper_when {
	struct loop *loop;
	const struct config *config;
	struct timer timer;
	struct flags flags;
	uint64_t *now; /* scratch: as the flags */
};

/*
 * The zone may have become another one. glibc looks after /etc/localtime each
 * time; musl only when TZ is not what it was.
 */
static void look_up_zone(void)
{
#ifndef __GLIBC__
	if (!getenv("TZ") && setenv("TZ", "UTC0", 1) == 0) {
		tzset();
		(void)unsetenv("TZ"); /* "TZ" is a good name, which is all it could complain of */
	}
#endif
	tzset();
}

/* Milliseconds until then, at most LOOK_MS. */
static uint64_t ms_until(time_t then, const struct timespec *now)
{
	int64_t ms;

	if (then < 0 || then - now->tv_sec > LOOK_MS / 1000)
		return LOOK_MS;
	ms = (int64_t)(then - now->tv_sec) * 1000 - now->tv_nsec / 1000000;
	return ms > 0 ? (uint64_t)ms : 1;
}

static void tell(const struct keeper_when *w, size_t word, uint64_t changed)
{
	for (size_t bit = 0; bit < 64; bit++) {
		if (changed >> bit & 1)
			log_info("route %s: %s, by its `when`",
				 w->config->routes[64 * word + bit].name,
				 w->now[word] >> bit & 1 ? "open" : "closed");
	}
}

static void set(struct keeper_when *w, bool is_first)
{
	for (size_t word = 0; word < w->flags.words; word++) {
		uint64_t changed = w->flags.mine[word] ^ w->now[word];

		w->flags.mine[word] = w->now[word];
		if (!is_first)
			tell(w, word, changed);
	}
}

/* Look at the clock, set the flags, and wake up for the next change. 0 or -ENOMEM. */
static int look(struct keeper_when *w, bool is_first)
{
	struct timespec now = { 0 };
	time_t next;

	(void)clock_gettime(CLOCK_REALTIME, &now); /* cannot fail for this one */
	look_up_zone();
	next = open_routes_at(w->now, w->config, now.tv_sec);
	set(w, is_first);
	return timer_arm(w->loop, &w->timer, clock_ms() + ms_until(next, &now));
}

static void look_again(struct timer *t)
{
	(void)look(container_of(t, struct keeper_when, timer), false); /* has a place in the heap */
}

int keeper_when_new(struct keeper_when **out, struct loop *loop, const struct config *config,
		    struct fault *fault)
{
	struct keeper_when *w = calloc(1, sizeof *w);
	int err = -ENOMEM;

	if (!w)
		goto out;
	w->loop = loop;
	w->config = config;
	w->timer.fire = look_again;
	if (open_routes_change(config)) {
		w->now = calloc(open_routes_words(config), sizeof *w->now);
		if (!w->now)
			goto out;
		err = flags_init(&w->flags, open_routes_words(config));
		if (err)
			goto out;
		err = look(w, true);
		if (err)
			goto out;
	}
	*out = w;
	return 0;
out:
	keeper_when_free(w);
	return fault_set(fault, err, "cannot keep the times of routes: %s", strerror(-err));
}

void keeper_when_free(struct keeper_when *w)
{
	if (!w)
		return;
	timer_disarm(w->loop, &w->timer);
	flags_done(&w->flags);
	free(w->now);
	free(w);
}

const volatile uint64_t *keeper_when_open(const struct keeper_when *w)
{
	return w ? w->flags.shown : NULL;
}
