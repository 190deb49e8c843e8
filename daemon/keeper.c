/* The keeper: start, signals, stop. */
#include "keeper.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#include "base/clock.h"
#include "base/log.h"
#include "kernel/seccomp.h"

static const struct config *in_force(const struct keeper *k)
{
	return k->children.now->config;
}

static void stop(struct keeper *k)
{
	reload_close(&k->reload);
	keeper_handed_close(k);
	keeper_tend_stop(k);
	ctl_free(k->ctl);
	k->ctl = NULL;
	children_stop(&k->children);
}

static void fail(struct keeper *k, const struct fault *fault)
{
	log_error("%s", fault->text);
	k->has_failed = true;
	stop(k);
}

/* Every child answers: only now is anything in the kernel touched. */
static void children_ready(struct children *c)
{
	struct keeper *k = container_of(c, struct keeper, children);
	struct fault fault = { 0 };

	if (ctl_new(&k->ctl, k->loop, &in_force(k)->shunt, &keeper_ctl_source, k, &fault) ||
	    keeper_tend_start(k, &fault)) {
		fail(k, &fault);
		return;
	}
	keeper_handed_open(k);
	log_info("ready: %zu diverts, %zu routes, %zu backends; %u carriers",
		 in_force(k)->divert_count, in_force(k)->route_count, in_force(k)->backend_count,
		 c->carrier_count);
	reload_open(&k->reload, &k->start->files, &k->start->read_at);
}

static void children_failed(struct children *c)
{
	struct keeper *k = container_of(c, struct keeper, children);
	const struct fault fault = {
		.text = "a child process ended before it was ready: its own line says why"
	};

	fail(k, &fault);
}

static void children_gone(struct children *c)
{
	struct keeper *k = container_of(c, struct keeper, children);

	loop_stop(k->loop);
}

static void children_staged(struct children *c)
{
	reload_staged(&container_of(c, struct keeper, children)->reload);
}

static void children_unstaged(struct children *c, const struct fault *fault)
{
	reload_unstaged(&container_of(c, struct keeper, children)->reload, fault);
}

static void children_switched(struct children *c)
{
	reload_switched(&container_of(c, struct keeper, children)->reload);
}

static void places_changed(struct places *p)
{
	struct keeper *k = container_of(p, struct keeper, places);

	children_places(&k->children, p->file);
}

static void flow_handed(struct children *c, const struct channel_handed *said)
{
	struct keeper *k = container_of(c, struct keeper, children);

	if (said->head.kind == CHANNEL_REPLACED)
		keeper_handed_replaced(k, &said->entry);
	for (uint32_t i = 0; said->head.kind == CHANNEL_HANDED && i < said->head.index; i++)
		keeper_handed_take(k, &said->flows[i]);
}

static const struct children_owner children_owner = {
	.handed = flow_handed,
	.staged = children_staged,
	.unstaged = children_unstaged,
	.switched = children_switched,
	.ready = children_ready,
	.failed = children_failed,
	.gone = children_gone,
	.listed = keeper_flows_listed,
};

static void signal_caught(struct signals *s, int number)
{
	struct keeper *k = container_of(s, struct keeper, signals);

	switch (number) {
	case SIGCHLD:
		children_reap(&k->children);
		break;
	case SIGHUP:
		(void)reload_ask(&k->reload); /* nobody waits for this one */
		break;
	default:
		log_info("signal %d: stopping", number);
		stop(k);
	}
}

/* As many descriptors as we may have: flows are limited by them. */
static void raise_limits(void)
{
	struct rlimit nofile;

	if (getrlimit(RLIMIT_NOFILE, &nofile) < 0)
		return;
	nofile.rlim_cur = nofile.rlim_max;
	(void)setrlimit(RLIMIT_NOFILE, &nofile); /* as it was, then */
}

/* The configuration is the children's, or freed. */
static int set_up_children(struct keeper *k, struct config *config, struct fault *fault)
{
	struct generation *first;
	int err = reload_first(&k->reload, k, config, &first, fault);

	if (err)
		config_free(config);
	else
		err = children_init(&k->children, k->loop, first, &children_owner, fault);
	return err;
}

static int set_up(struct keeper *k, struct config *config, struct fault *fault)
{
	static const int signals[] = { SIGCHLD, SIGTERM, SIGINT, SIGHUP, 0 };
	int err = loop_new(&k->loop);

	if (err) {
		config_free(config);
		return fault_set(fault, err, "cannot make the event loop: %s", strerror(-err));
	}
	k->children.loop = k->loop;
	err = set_up_children(k, config, fault);
	if (err)
		return err;
	k->signals.caught = signal_caught;
	err = signals_start(&k->signals, k->loop, signals);
	if (err)
		return fault_set(fault, err, "cannot catch signals: %s", strerror(-err));
	(void)signal(SIGPIPE, SIG_IGN); /* cannot fail for this one */
	err = firewall_new(&k->firewall, in_force(k), k->children.now->ports, fault);
	if (err)
		return err;
	k->children.errors = firewall_errors(k->firewall);
	k->shown = calloc(k->children.carrier_count + KEEPER_MORE_SHOWN, sizeof *k->shown);
	if (!k->shown)
		return fault_set(fault, -ENOMEM, "out of memory");
	err = keeper_handed_new(&k->handed, in_force(k)->shunt.control);
	if (err)
		return fault_set(fault, err, "out of memory");
	k->children.share = k->handed.share_file;
	k->children.known = k->handed.known_file;
	err = places_start(&k->places, k->loop, places_changed, fault);
	if (err)
		return err;
	children_places(&k->children, k->places.file);
	return children_start(&k->children, fault);
}

static int tear_down(struct keeper *k)
{
	struct fault fault = { 0 };
	int err = 0;

	if (!k->loop)
		return 0; /* nothing was begun */
	ctl_free(k->ctl);
	keeper_handed_close(k);
	keeper_tend_stop(k);
	reload_close(&k->reload);
	if (k->is_up)
		err = firewall_down(k->firewall, &fault);
	if (err)
		log_error("stop: %s", fault.text);
	firewall_free(k->firewall); /* borrows the configuration */
	children_done(&k->children);
	keeper_handed_done(&k->handed);
	places_stop(&k->places);
	reload_done(&k->reload);
	signals_done(&k->signals);
	loop_free(k->loop);
	free(k->shown);
	return err;
}

int keeper_run(const struct keeper_start *start)
{
	struct keeper k = {
		.started_ms = clock_ms(),
		.start = start,
		.handed.share_file = -1,
		.handed.known_file = -1,
		.reload = { .path = start->path, .files.w.fd = -1 },
		.signals.w.fd = -1,
		.events.fd = -1,
	};
	struct fault fault = { 0 };
	int stop_err;
	int err;

	raise_limits();
	if (!seccomp_is_there())
		log_warn("no system call filter in this kernel or build: children run without one");
	log_debug("configuration %s", start->path);
	err = set_up(&k, start->config, &fault);
	if (err)
		log_error("%s", fault.text);
	else
		err = loop_run(k.loop);
	if (!err && k.has_failed)
		err = -EINVAL;
	stop_err = tear_down(&k);
	return err ? err : stop_err;
}
