#ifndef SHUNT_LOOP_SIGNALS_H
#define SHUNT_LOOP_SIGNALS_H

#include "loop/loop.h"

/* Signals as events of a loop. Zero-initialise, set caught. */
struct signals {
	struct watch w;
	struct loop *loop;
	void (*caught)(struct signals *s, int number);
};

/* Block these signals (a list that ends in 0) for the process and deliver them through the loop. 0 or -errno. */
int signals_start(struct signals *s, struct loop *loop, const int *numbers);

/* No more events; the signals stay blocked. */
void signals_done(struct signals *s);

/*
 * In a fresh child: nothing is blocked any more, and what is meant for the
 * keeper (SIGTERM, SIGINT, SIGHUP to the whole group) and SIGPIPE is ignored.
 */
void signals_in_child(void);

#endif
