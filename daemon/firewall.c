/* What the keeper has in the kernel, as one thing that goes up, is looked after, and goes down. */
#include "firewall.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <linux/netlink.h>

#include "base/clock.h"
#include "firewall_cookies.h"
#include "firewall_handed.h"
#include "firewall_handoff.h"
#include "firewall_held.h"
#include "firewall_hosts.h"
#include "firewall_links.h"
#include "firewall_ports.h"
#include "firewall_routing.h"
#include "firewall_state.h"
#include "nft/commit.h"
#include "nft/facilities.h"
#include "nft/readback.h"

#define NETSTAT "/proc/self/net/netstat"

static int open_sockets(struct firewall *fw)
{
	/* the table's owner first: it then gets our process id as its port, which others show */
	int err = netlink_open(&fw->nft, NETLINK_NETFILTER);

	if (!err)
		err = netlink_open(&fw->route, NETLINK_ROUTE);
	if (!err)
		err = firewall_events_open(&fw->events);
	return err;
}

/* Documented in shuntd(8). Not by itself: whoever kills the daemon may count on its table going. */
static bool wants_one_table(void)
{
	const char *said = getenv("SHUNT_TABLES");

	return said && strcmp(said, "one") == 0;
}

int firewall_new(struct firewall **out, const struct config *config,
		 const struct firewall_ports *ports, struct fault *fault)
{
	struct firewall *fw = calloc(1, sizeof *fw);
	int err;

	if (!fw)
		return fault_set(fault, -ENOMEM, "firewall: out of memory");
	fw->config = config;
	fw->events.poll = -1;
	err = open_sockets(fw);
	if (err) {
		(void)fault_set(fault, err,
				"cannot open netlink: %s (OpenWrt: kmod-nfnetlink, kmod-nft-core)",
				strerror(-err));
		goto out;
	}
	fw->options.has_strip = firewall_handoff_try(&fw->nft, &fw->errors,
						     &fw->options.errors_group, &fw->handoff) == 0;
	fw->options.has_udp = true;
	fw->options.has_persist =
		wants_one_table() && facility_check(&fw->nft, FACILITY_PERSIST, NULL) == 0;
	fw->options.has_ct_timeout = facility_check(&fw->nft, FACILITY_CT_TIMEOUT, NULL) == 0;
	(void)firewall_bridges_are_there(fw, &fw->options.has_bridges); /* else looked at again */
	(void)firewall_links_read(fw, config);                          /* else looked at again */
	err = firewall_copy_ports(&fw->ports, config, ports);
	if (!err)
		err = firewall_plan(&fw->plan, fw, config, ports);
	fw->has_new_links = false;
	if (err)
		(void)fault_set(fault, err, "cannot plan the nft tables: %s", strerror(-err));
out:
	if (err)
		firewall_free(fw);
	else
		*out = fw;
	return err;
}

/* Is the table `shunt` free for us? What a dead daemon of an old kernel left is replaced. */
static int check_owner(struct netlink *nft, struct fault *fault)
{
	struct readback_table found;
	int err = readback_table(&found, nft, "shunt");

	if (err)
		return fault_set(fault, err, "cannot read the nft tables: %s", strerror(-err));
	if (found.is_there && found.is_owned && found.owner != nft->port)
		return fault_set(fault, -EBUSY,
				 "table inet shunt belongs to process %u: stop the other shuntd",
				 found.owner);
	return 0;
}

static int check(struct firewall *fw, struct fault *fault)
{
	int err = facilities_check(&fw->nft, fault);

	if (!err)
		err = check_owner(&fw->nft, fault);
	if (!err)
		err = firewall_ports_check(&fw->route, fw->config, fault);
	if (err)
		return err;
	err = firewall_events_join(&fw->events);
	return err ? fault_set(fault, err, "cannot listen to netlink events: %s", strerror(-err))
		   : 0;
}

/* Is there a table of that name before we write ours? */
struct firewall_found {
	struct readback_table lasting;
	struct readback_table owned;
};

static int find(struct firewall_found *out, struct firewall *fw)
{
	int err = readback_table(&out->lasting, &fw->nft, fw->plan->lasting.name);

	return err ? err : readback_table(&out->owned, &fw->nft, fw->plan->owned.name);
}

/* What leads connections of carriers that still live is there before it goes from the other table. */
static int write_all(struct firewall *fw, struct fault *note)
{
	const struct plan_table *first = &fw->plan->lasting;
	const struct plan_table *last = &fw->plan->owned;
	int err;

	if (fw->options.has_persist) {
		first = &fw->plan->owned;
		last = &fw->plan->lasting;
	}
	err = firewall_repair_table(fw, first, false, note);
	if (err >= 0)
		err = firewall_routing_repair(&fw->route, fw->config, note);
	return err < 0 ? err : firewall_repair_table(fw, last, false, note);
}

/* What was not there before goes again. */
static void take_back(struct firewall *fw, const struct firewall_found *before)
{
	const struct config_shunt *shunt = &fw->config->shunt;

	(void)firewall_routing_delete(&fw->route, &shunt->mark, shunt->table, NULL);
	if (!before->lasting.is_there)
		(void)commit_delete(&fw->nft, fw->plan->lasting.name, NULL);
	if (!before->owned.is_there)
		(void)commit_delete(&fw->nft, fw->plan->owned.name, NULL);
}

int firewall_up(struct firewall *fw, struct fault *fault)
{
	struct firewall_found before;
	struct fault note = { 0 };   /* also what was merely missing, as at every start */
	struct fault shared = { 0 }; /* ports */
	int err = check(fw, &shared);

	if (err && fault)
		*fault = shared;
	firewall_hosts_free(&fw->hosts);
	if (!err)
		err = firewall_hosts_plan(&fw->hosts, fw->plan, fw->config, &fw->route, fault);
	if (!err)
		err = find(&before, fw);
	if (err)
		return err;
	/* from now on conntrack sees the flows that are there */
	err = write_all(fw, &note);
	if (err < 0) {
		take_back(fw, &before);
		if (fault)
			*fault = note;
		return err;
	}
	/* of a daemon that was killed; where conntrack cannot be asked they go as they run out */
	(void)firewall_held_leave(&fw->nft, fw->config, NULL);
	/* what we wrote made events, too many for the queue perhaps; others' count from here on */
	fw->dirt = (struct firewall_dirt){ .links = true };
	firewall_drain(fw);
	if (fault && shared.text[0])
		*fault = shared;
	/* cookies of before do not count */
	(void)firewall_cookies_sent(&fw->cookies_sent, NETSTAT);
	return 0;
}

struct netlink firewall_errors(const struct firewall *fw)
{
	return fw->errors;
}

int firewall_alive(struct firewall *fw, uint64_t until_ms)
{
	uint64_t now_ms = clock_ms();
	struct sets_life life = { .whole_ms = FIREWALL_ALIVE_MS };
	int err;

	if (until_ms <= now_ms)
		return -ETIME;
	if (until_ms > now_ms + FIREWALL_ALIVE_MS)
		until_ms = now_ms + FIREWALL_ALIVE_MS;
	life.left_ms = (unsigned)(until_ms - now_ms);
	err = commit_families(&fw->nft, &fw->plan->owned, "alive", life);
	if (!err)
		fw->alive_until_ms = until_ms;
	return err;
}

int firewall_unalive(struct firewall *fw)
{
	fw->alive_until_ms = 0;
	return commit_families(&fw->nft, &fw->plan->owned, "alive", (struct sets_life){ 0, 0 });
}

int firewall_cookies(struct firewall *fw)
{
	uint64_t now_ms = clock_ms();
	uint64_t sent = fw->cookies_sent;
	bool are_used = firewall_cookies_forced();
	int err = firewall_cookies_sent(&sent, NETSTAT);

	if (!err && sent != fw->cookies_sent)
		are_used = true;
	fw->cookies_sent = sent;
	/* what was renewed lately is good for a while */
	if (!are_used || fw->cookies_until_ms > now_ms + FIREWALL_COOKIES_S * 500ull)
		return err == -ENOENT ? 0 : err;
	err = commit_families(
		&fw->nft, &fw->plan->owned, "cookies",
		(struct sets_life){ FIREWALL_COOKIES_S * 1000, FIREWALL_COOKIES_S * 1000 });
	if (!err)
		fw->cookies_until_ms = now_ms + FIREWALL_COOKIES_S * 1000ull;
	return err;
}

void firewall_drain(struct firewall *fw)
{
	const struct firewall_own own = { .nft_port = fw->nft.port,
					  .route_port = fw->route.port,
					  .table = fw->config->shunt.table,
					  .hosts = &fw->hosts };

	firewall_events_drain(&fw->events, &own, &fw->dirt);
}

int firewall_fd(const struct firewall *fw)
{
	return fw->events.poll;
}

void firewall_suspect(struct firewall *fw)
{
	fw->dirt.tables = fw->dirt.routing = fw->dirt.hosts = fw->dirt.links = true;
	fw->dirt.elements = fw->dirt.elements || fw->dirt.lost;
	fw->dirt.lost = false;
	/* in case that it failed after a transaction */
	(void)firewall_events_listen(&fw->events);
}

int firewall_tend(struct firewall *fw, struct fault *fault)
{
	struct fault of_tables = { 0 };
	struct fault of_routing = { 0 };
	int tables = 0;
	int routing = 0;

	firewall_drain(fw);
	if (fw->dirt.tables)
		tables = firewall_tend_tables(fw, &of_tables);
	fw->dirt.tables = tables < 0;
	if (fw->dirt.routing)
		firewall_leaving_look(fw);
	if (fw->dirt.routing)
		routing = firewall_routing_repair(&fw->route, fw->config, &of_routing);
	fw->dirt.routing = routing < 0;
	if (fault && (tables < 0 || (tables > 0 && routing >= 0)))
		*fault = of_tables;
	else if (fault && routing != 0)
		*fault = of_routing;
	if (tables < 0 || routing < 0)
		return tables < 0 ? tables : routing;
	return tables + routing;
}

static bool must_stay(struct firewall *fw)
{
	const struct config *config = fw->config;
	size_t i;

	for (i = 0; i < config->divert_count; i++)
		if (config->diverts[i].is_fail_closed)
			return true;
	/* where conntrack cannot be asked, nothing was handed over to it */
	return firewall_handed_live(&fw->nft, &config->shunt.mark) > 0;
}

int firewall_down(struct firewall *fw, struct fault *fault)
{
	const struct config_shunt *shunt = &fw->config->shunt;
	struct fault later;
	int err = commit_delete(&fw->nft, fw->plan->owned.name, fault);
	int first = err;

	err = firewall_routing_delete(&fw->route, &shunt->mark, shunt->table,
				      first ? &later : fault);
	first = first ? first : err;
	(void)firewall_held_flush(&fw->nft, &shunt->mark); /* else they go as they run out */
	if (must_stay(fw))
		return first;
	err = commit_delete(&fw->nft, fw->plan->lasting.name, first ? &later : fault);
	return first ? first : err;
}

int firewall_purge(const struct marks *marks, uint32_t table, struct fault *fault)
{
	struct netlink nft = { .socket = NULL };
	struct netlink route = { .socket = NULL };
	int err = netlink_open(&nft, NETLINK_NETFILTER);

	if (!err)
		err = netlink_open(&route, NETLINK_ROUTE);
	if (err)
		(void)fault_set(fault, err, "cannot open netlink: %s", strerror(-err));
	if (!err)
		err = facility_check(&nft, FACILITY_TABLES, fault);
	if (!err)
		err = check_owner(&nft, fault);
	if (!err)
		err = commit_delete(&nft, "shunt", fault);
	if (!err)
		err = commit_delete(&nft, "shunt_base", fault);
	if (!err) /* where conntrack cannot be asked, nothing was handed over to it */
		(void)firewall_handed_forget(&nft, marks);
	if (!err)
		(void)firewall_held_flush(&nft, marks);
	if (!err)
		err = firewall_routing_delete(&route, marks, table, fault);
	netlink_close(&nft);
	netlink_close(&route);
	return err;
}

void firewall_free(struct firewall *fw)
{
	if (!fw)
		return;
	firewall_events_close(&fw->events);
	netlink_close(&fw->nft);
	netlink_close(&fw->route);
	netlink_close(&fw->errors);
	firewall_hosts_free(&fw->hosts);
	plan_free(fw->plan);
	free(fw->links);
	free(fw->ports);
	free(fw);
}
