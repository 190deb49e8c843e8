/* The keeper's children: beginning and end. */
#include "children.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "account.h"
#include "base/log.h"
#include "children_talk.h"

static int make_carriers(struct children *c)
{
	c->carrier_count = c->now->carriers;
	c->sniffer_count = c->now->config->shunt.sniffers;
	c->carriers = calloc(c->carrier_count, sizeof *c->carriers);
	if (!c->carriers)
		return -ENOMEM;
	for (unsigned i = 0; i < c->carrier_count; i++) {
		struct carrier_child *cc = &c->carriers[i];

		cc->all = c;
		cc->channel.fd = -1;
		cc->list_file = -1;
		cc->restart.fire = children_restart;
	}
	return 0;
}

int children_init(struct children *c, struct loop *loop, struct generation *now,
		  const struct children_owner *owner, struct fault *fault)
{
	int err;

	c->loop = loop;
	c->now = now;
	c->owner = owner;
	children_spawn_init(c);
	LIST_INIT(&c->retired);
	err = account_of_children(&c->user, now->config->shunt.user, fault);
	if (err)
		return err;
	err = make_carriers(c);
	return err ? fault_set(fault, err, "out of memory") : 0;
}

int children_start(struct children *c, struct fault *fault)
{
	int err;

	for (unsigned i = 0; i < c->carrier_count; i++) {
		err = children_carrier_start(&c->carriers[i]);
		if (err)
			return fault_set(fault, err, "cannot start a carrier: %s", strerror(-err));
	}
	children_tick_start(c);
	return 0;
}

uint64_t children_sum(const struct children *c, size_t offset)
{
	const struct retired_child *r;
	uint64_t sum = 0;

	for (unsigned i = 0; i < c->carrier_count; i++)
		sum += counters_at(c->carriers[i].counters, offset);
	LIST_FOREACH (r, &c->retired, entry)
		sum += counters_at(r->counters, offset);
	return sum + counters_at(c->past, offset);
}

void children_done(struct children *c)
{
	children_unstage(c);
	for (unsigned i = 0; c->carriers && i < c->carrier_count; i++) {
		struct carrier_child *cc = &c->carriers[i];

		if (cc->child.pid > 0) {
			(void)kill(cc->child.pid, SIGKILL); /* only after a failed start */
			(void)waitpid(cc->child.pid, NULL, 0);
		}
		for (unsigned k = 0; k < c->sniffer_count; k++) {
			if (cc->sniffers[k].pid > 0)
				(void)kill(cc->sniffers[k].pid,
					   SIGKILL); /* has ended already: fine */
		}
		timer_disarm(c->loop, &cc->restart);
		if (cc->channel.fd >= 0) {
			loop_forget(c->loop, &cc->channel);
			(void)close(cc->channel.fd);
		}
		counters_unmap(cc->counters);
	}
	timer_disarm(c->loop, &c->tick);
	timer_disarm(c->loop, &c->deadline);
	timer_disarm(c->loop, &c->spawn.look);
	free(c->carriers);
	free(c->past);
	generation_free(c->now); /* clients in the queue of a listener get a RST */
}
