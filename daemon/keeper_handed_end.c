/* Handed-over flows: how they are counted, how long they may go on, how they end. */
#include <errno.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "carry/gate.h"
#include "generation.h"
#include "keeper.h"

enum {
	DEFAULT_IDLE_MS = 3600 * 1000, /* of flows without a backend, as of relayed ones */
	DEFAULT_IDLE_UDP_MS = 60 * 1000,
};

static const struct config *in_force(const struct keeper *k)
{
	return k->children.now->config;
}

/* --- counters --- */

/* Carriers give us names, which stand for the same counters through every reload. */
static void number(struct keeper *k, struct handed_flow *f)
{
	char key[GENERATION_KEY_BYTES];
	struct flow_record r;
	int found;

	handed_record(f, 0, &r);
	found = ledger_find(k->reload.ledger, LEDGER_DIVERTS, r.divert);
	if (found >= 0)
		f->divert = (uint16_t)found;
	if (!r.server.family)
		return;
	found = ledger_find(k->reload.ledger, LEDGER_SERVERS,
			    generation_server_key(key, r.backend, &r.server, 0));
	if (found >= 0)
		f->server = (uint16_t)found;
}

void keeper_handed_forget(struct keeper *k, struct handed_flow *f)
{
	const struct addr client = handed_client(f);
	const struct addr server = handed_server(f);
	struct counters *c = k->handed.counters;

	c->flows_active--;
	if (f->divert != HANDED_NO_NUMBER)
		c->divert_active[f->divert]--;
	if (f->server != HANDED_NO_NUMBER)
		c->server_active[f->server]--;
	if (f->has_server)
		handed_share_release(k->handed.share, &client, &server);
	keeper_handed_touch(k, f);
	handed_remove(k->handed.flows, f);
}

void keeper_handed_end(struct keeper *k, struct handed_flow *f, const struct handed_fate *fate)
{
	const struct config_shunt *config = &in_force(k)->shunt;
	struct counters *c = k->handed.counters;
	char line[RECORD_LINE_BYTES];
	struct flow_record r;

	c->whys[fate->why]++;
	c->hows[FLOW_HOW_handoff]++;
	if (config->log_flows) {
		handed_record(f, fate->end_ms, &r);
		r.why = (uint8_t)fate->why;
		log_flow(flow_record_line(&r, config->log_json, line), config->log_json);
	}
	keeper_handed_forget(k, f);
}

/* --- how long they may go on --- */

static bool is_listed(const struct keeper_handed *h, const struct addr *server)
{
	/* without memory for the list nothing is drained */
	return !h->servers || bsearch(server, h->servers, h->server_count, sizeof *h->servers,
				      gate_compare_servers);
}

/* Since when does no backend have its server? It began with the reload at the latest. */
static void find_gone(struct keeper *k, struct handed_flow *f)
{
	struct addr server = handed_server(f);

	if (strcmp(handed_backend(f), "original") == 0 || is_listed(&k->handed, &server))
		f->gone_s = 0;
	else if (!f->gone_s)
		f->gone_s = (uint32_t)(k->reload.loaded_ms / 1000) | 1;
}

struct handed_flow *keeper_handed_begin(struct keeper_look *l, const struct flow_record *r)
{
	struct keeper_handed *h = &l->k->handed;
	struct counters *c = h->counters;
	struct handed_flow *f;
	int err = handed_add(h->flows, r, l->at.now_ms, &f);

	if (err) {
		if (!h->is_full)
			log_warn("a flow that was handed over cannot be followed: %s",
				 strerror(-err));
		h->is_full = true;
		return NULL;
	}
	number(l->k, f);
	find_gone(l->k, f);
	c->flows_active++;
	if (f->divert != HANDED_NO_NUMBER)
		c->divert_active[f->divert]++;
	if (f->server != HANDED_NO_NUMBER)
		c->server_active[f->server]++;
	return f;
}

uint32_t keeper_handed_idle_ms(const struct keeper *k, const struct handed_flow *f)
{
	const struct config *config = in_force(k);
	const char *name = handed_backend(f);

	for (size_t i = 0; i < config->backend_count; i++) {
		const struct backend *b = &config->backends[i];

		if (strcmp(b->name, name) == 0)
			return f->is_udp ? b->idle_udp_ms : b->idle_ms;
	}
	return f->is_udp ? DEFAULT_IDLE_UDP_MS : DEFAULT_IDLE_MS;
}

int keeper_handed_due(struct keeper *k, const struct handed_flow *f, uint64_t now_ms)
{
	const struct config *config = in_force(k);
	uint64_t quiet_ms = now_ms > f->moved_ms ? now_ms - f->moved_ms : 0;
	uint32_t idle;

	if (f->gone_s && f->gone_s * 1000ull + config->shunt.drain_ms <= now_ms)
		return FLOW_WHY_drained;
	if (quiet_ms < k->handed.least_idle_ms)
		return -1;
	idle = keeper_handed_idle_ms(k, f);
	return idle && quiet_ms >= idle ? FLOW_WHY_idle : -1;
}

void keeper_handed_learn(struct keeper *k)
{
	const struct config *config = in_force(k);
	struct keeper_handed *h = &k->handed;
	struct handed_walk walk = { 0 };
	struct handed_flow *f;
	size_t count = 0;

	h->least_idle_ms = DEFAULT_IDLE_UDP_MS;
	for (size_t i = 0; i < config->backend_count; i++) {
		const struct backend *b = &config->backends[i];

		count += b->server_count;
		if (b->idle_ms && b->idle_ms < h->least_idle_ms)
			h->least_idle_ms = b->idle_ms;
		if (b->idle_udp_ms && b->idle_udp_ms < h->least_idle_ms)
			h->least_idle_ms = b->idle_udp_ms;
	}
	free(h->servers);
	h->server_count = 0;
	h->servers = calloc(count + 1, sizeof *h->servers);
	for (size_t i = 0; h->servers && i < config->backend_count; i++) {
		const struct backend *b = &config->backends[i];

		for (size_t n = 0; n < b->server_count; n++)
			h->servers[h->server_count++] = b->servers[n];
	}
	if (h->servers)
		qsort(h->servers, h->server_count, sizeof *h->servers, gate_compare_servers);
	for (f = handed_next(h->flows, &walk); f; f = handed_next(h->flows, &walk))
		find_gone(k, f);
}
