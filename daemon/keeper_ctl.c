/* What the control socket asks of the keeper. */
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "keeper.h"

enum {
	RECORDS_PER_READ = 64,
};

static void show_carrier(const struct carrier_child *cc, struct ctl_carrier *out)
{
	const struct children *c = cc->all;

	out->pid = cc->child.pid;
	out->restarts = cc->child.restarts;
	out->counters = cc->counters;
	out->sniffer_count =
		c->sniffer_count < CTL_MOST_SNIFFERS ? c->sniffer_count : CTL_MOST_SNIFFERS;
	for (size_t i = 0; i < out->sniffer_count; i++) {
		out->sniffers[i] = cc->sniffers[i].pid;
		out->sniffer_restarts += cc->sniffers[i].restarts;
	}
}

static void facts(void *owner, struct ctl_facts *out)
{
	struct keeper *k = owner;
	const struct children *c = &k->children;
	const struct retired_child *r;
	bool is_alive = k->is_up && k->alive_until_ms > clock_ms();

	memset(k->shown, 0, (c->carrier_count + KEEPER_MORE_SHOWN) * sizeof *k->shown);
	for (unsigned i = 0; i < c->carrier_count; i++)
		show_carrier(&c->carriers[i], &k->shown[i]);
	out->carrier_count = c->carrier_count;
	if (c->past)
		k->shown[out->carrier_count++].counters = c->past;
	LIST_FOREACH (r, &c->retired, entry) {
		if (out->carrier_count == c->carrier_count + KEEPER_MORE_SHOWN)
			break;
		k->shown[out->carrier_count].pid = r->child.pid;
		k->shown[out->carrier_count++].counters = r->counters;
	}
	out->config = c->now->config;
	out->config_file = k->reload.path;
	out->loaded_ms = k->reload.loaded_ms;
	out->reload = reload_facts(&k->reload);
	out->ledger = k->reload.ledger;
	out->numbers = c->now->numbers;
	out->open = keeper_when_open(c->now->when);
	out->started_ms = k->started_ms;
	out->carriers = k->shown;
	out->diverts_listening = c->now->listening;
	out->is_alive_v4 = is_alive;
	out->is_alive_v6 = is_alive;
	out->nft_repairs = k->repairs;
	out->plugins_off = plugin_watch_off_now(c->now->plugins);
	out->plugin_ends = plugin_watch_ends(c->now->plugins);
	out->wants_spawn = children_spawn_is_wanted(c);
	out->has_spawn = out->wants_spawn && children_spawn_is_there(c);
	out->handed = k->handed.counters;
	keeper_handed_state(k, k->handoff);
	out->handoff = k->handoff;
	k->limits[0] =
		(struct ctl_limit){ "handed_over", HANDED_MOST, handed_count(k->handed.flows) };
	out->limits = k->limits;
	out->limit_count = 1;
	out->problem = k->problem[0] ? k->problem : NULL;
}

/* Those that the kernel carries are ours to list. */
static void list_handed(struct keeper *k, uint64_t request)
{
	struct handed_walk walk = { 0 };
	struct flow_record record;
	struct handed_flow *f;

	keeper_handed_refresh(k);
	for (f = handed_next(k->handed.flows, &walk); f; f = handed_next(k->handed.flows, &walk)) {
		handed_record(f, clock_ms(), &record);
		ctl_flows_add(k->ctl, request, &record, 1);
	}
}

static int flows(void *owner, uint64_t request)
{
	struct keeper *k = owner;
	int asked = children_list(&k->children);

	k->flows_request = request;
	k->flows_waited = asked;
	list_handed(k, request);
	if (!asked)
		ctl_flows_end(k->ctl, request);
	return 0;
}

void keeper_flows_listed(struct children *c, int file, uint64_t count)
{
	struct keeper *k = container_of(c, struct keeper, children);
	struct flow_record records[RECORDS_PER_READ];
	uint64_t at = 0;

	while (at < count && k->ctl) {
		ssize_t size = pread(file, records, sizeof records, (off_t)(at * sizeof *records));
		size_t got = size > 0 ? (size_t)size / sizeof *records : 0;

		if (!got)
			break;
		ctl_flows_add(k->ctl, k->flows_request, records, got);
		at += got;
	}
	if (k->flows_waited > 0 && --k->flows_waited == 0 && k->ctl)
		ctl_flows_end(k->ctl, k->flows_request);
}

static uint64_t reload(void *owner)
{
	struct keeper *k = owner;

	return reload_ask(&k->reload);
}

static int nft(void *owner, bool closed, char **text, struct fault *fault)
{
	struct keeper *k = owner;

	*text = firewall_text(k->firewall, closed);
	return *text ? 0 : fault_set(fault, -ENOMEM, "out of memory");
}

const struct ctl_source keeper_ctl_source = {
	.facts = facts,
	.flows = flows,
	.nft = nft,
	.reload = reload,
};
