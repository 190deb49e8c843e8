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

static void stop(struct keeper *k)
{
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

	if (ctl_new(&k->ctl, k->loop, &k->config->shunt, &keeper_ctl_source, k, &fault) ||
	    keeper_tend_start(k, &fault)) {
		fail(k, &fault);
		return;
	}
	log_info("ready: %zu diverts, %zu routes, %zu backends; %u carriers",
		 k->config->divert_count, k->config->route_count, k->config->backend_count,
		 c->carrier_count);
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

static const struct children_owner children_owner = {
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
		log_warn("reload is not in this version: restart to take up a new configuration");
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

static int set_up(struct keeper *k, struct fault *fault)
{
	static const int signals[] = { SIGCHLD, SIGTERM, SIGINT, SIGHUP, 0 };
	struct judge judge = { .config = k->config };
	int err = loop_new(&k->loop);

	if (err)
		return fault_set(fault, err, "cannot make the event loop: %s", strerror(-err));
	k->children.loop = k->loop;
	k->children.table_fd = -1;
	err = route_index_new(&k->index, k->config);
	if (err)
		return fault_set(fault, err, "out of memory for the routes");
	k->signals.caught = signal_caught;
	err = signals_start(&k->signals, k->loop, signals);
	if (err)
		return fault_set(fault, err, "cannot catch signals: %s", strerror(-err));
	(void)signal(SIGPIPE, SIG_IGN); /* cannot fail for this one */
	err = keeper_when_new(&k->when, k->loop, k->config, fault);
	if (err)
		return err;
	judge.index = k->index;
	judge.open = keeper_when_open(k->when);
	err = children_init(&k->children, k->loop, &judge, &children_owner, fault);
	if (err)
		return err;
	err = firewall_new(&k->firewall, k->config, k->children.ports, fault);
	if (err)
		return err;
	k->shown = calloc(k->children.carrier_count + KEEPER_MORE_SHOWN, sizeof *k->shown);
	if (!k->shown)
		return fault_set(fault, -ENOMEM, "out of memory");
	return children_start(&k->children, fault);
}

static int tear_down(struct keeper *k)
{
	struct fault fault = { 0 };
	int err = 0;

	if (!k->loop)
		return 0; /* nothing was begun */
	ctl_free(k->ctl);
	keeper_tend_stop(k);
	children_done(&k->children);
	if (k->is_up)
		err = firewall_down(k->firewall, &fault);
	if (err)
		log_error("stop: %s", fault.text);
	firewall_free(k->firewall);
	keeper_when_free(k->when);
	route_index_free(k->index);
	signals_done(&k->signals);
	loop_free(k->loop);
	free(k->shown);
	return err;
}

int keeper_run(const struct config *config, const char *path)
{
	struct keeper k = {
		.config = config, .started_ms = clock_ms(), .signals.w.fd = -1, .events.fd = -1
	};
	struct fault fault = { 0 };
	int stop_err;
	int err;

	raise_limits();
	if (!seccomp_is_there())
		log_warn("no system call filter in this kernel or build: children run without one");
	log_debug("configuration %s", path);
	err = set_up(&k, &fault);
	if (err)
		log_error("%s", fault.text);
	else
		err = loop_run(k.loop);
	if (!err && k.has_failed)
		err = -EINVAL;
	stop_err = tear_down(&k);
	return err ? err : stop_err;
}
