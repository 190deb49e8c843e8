/* The keeper's children: listeners, beginning and end. */
#include "children.h"

#include <errno.h>
#include <pwd.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/log.h"
#include "children_talk.h"
#include "kernel/tproxy_listen.h"
#include "table_build.h"

enum {
	NOBODY = 65534, /* where not even the user nobody is known */
};

static int find_user(struct sandbox_user *user, const char *name, struct fault *fault)
{
	const struct passwd *pw = getpwnam(name ? name : "shunt");

	if (!pw && !name)
		pw = getpwnam("nobody");
	if (!pw && name)
		return fault_set(fault, -EINVAL,
				 "user = %s: there is no such user: create it or name another",
				 name);
	user->uid = pw ? pw->pw_uid : NOBODY;
	user->gid = pw ? pw->pw_gid : NOBODY;
	return 0;
}

static int open_listeners(struct children *c, unsigned divert, int family, struct fault *fault)
{
	int fds[CHILDREN_MOST_CARRIERS];
	struct firewall_ports *ports = &c->ports[divert];
	struct tproxy_listen want = {
		.family = family,
		.mark = marks_of(&c->config->shunt.mark, MARK_RELAY),
		.defer_s = (int)table_deferred_ms(c->config, c->judge.index, divert) / 1000,
		.count = c->carrier_count,
	};
	int err =
		tproxy_listen_open(&want, fds, family == AF_INET ? &ports->v4 : &ports->v6, fault);

	if (err == -EAFNOSUPPORT && family == AF_INET6)
		return 0; /* a box without IPv6 */
	if (err)
		return err;
	for (unsigned i = 0; i < c->carrier_count; i++) {
		struct carrier_child *cc = &c->carriers[i];

		cc->listeners[cc->listener_count].w.fd = fds[i];
		cc->listeners[cc->listener_count].divert = (uint16_t)divert;
		cc->listener_count++;
	}
	c->listening |= (uint64_t)1 << divert;
	return 0;
}

static int make_carriers(struct children *c)
{
	long cpus = sysconf(_SC_NPROCESSORS_ONLN);

	c->carrier_count = c->config->shunt.workers;
	if (!c->carrier_count)
		c->carrier_count = cpus < 1                        ? 1
				   : cpus > CHILDREN_MOST_CARRIERS ? CHILDREN_MOST_CARRIERS
								   : (unsigned)cpus;
	c->sniffer_count = c->config->shunt.sniffers;
	c->carriers = calloc(c->carrier_count, sizeof *c->carriers);
	c->ports = calloc(c->config->divert_count, sizeof *c->ports);
	if (!c->carriers || !c->ports)
		return -ENOMEM;
	for (unsigned i = 0; i < c->carrier_count; i++) {
		struct carrier_child *cc = &c->carriers[i];

		cc->all = c;
		cc->channel.fd = -1;
		cc->list_file = -1;
		cc->restart.fire = children_restart;
		cc->listeners = calloc(2 * c->config->divert_count, sizeof *cc->listeners);
		if (!cc->listeners)
			return -ENOMEM;
	}
	return 0;
}

int children_init(struct children *c, struct loop *loop, const struct judge *judge,
		  const struct children_owner *owner, struct fault *fault)
{
	const struct config *config = judge->config;
	int err;

	c->loop = loop;
	c->config = config;
	c->judge = *judge;
	c->owner = owner;
	LIST_INIT(&c->retired);
	err = find_user(&c->user, config->shunt.user, fault);
	if (err)
		return err;
	c->table_fd = table_build(config, judge->index);
	if (c->table_fd < 0)
		return fault_set(fault, c->table_fd, "cannot build the table of servers: %s",
				 strerror(-c->table_fd));
	err = make_carriers(c);
	if (err)
		return fault_set(fault, err, "out of memory");
	for (unsigned i = 0; i < config->divert_count; i++) {
		if (!config->diverts[i].tcp.count)
			continue;
		err = open_listeners(c, i, AF_INET, fault);
		if (!err)
			err = open_listeners(c, i, AF_INET6, fault);
		if (err)
			return err;
	}
	return 0;
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

void children_done(struct children *c)
{
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
		for (size_t k = 0; k < cc->listener_count; k++)
			(void)close(cc->listeners[k].w.fd); /* clients in its queue get a RST */
		free(cc->listeners);
		if (cc->channel.fd >= 0) {
			loop_forget(c->loop, &cc->channel);
			(void)close(cc->channel.fd);
		}
		counters_unmap(cc->counters);
	}
	timer_disarm(c->loop, &c->tick);
	timer_disarm(c->loop, &c->deadline);
	free(c->carriers);
	free(c->ports);
	free(c->past);
	if (c->table_fd >= 0)
		(void)close(c->table_fd);
}
