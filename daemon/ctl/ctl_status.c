/* The answers to `status` and `flows`: the keeper's facts and the carriers' counters, as JSON. */
#include <stdio.h>
#include <unistd.h>

#include "base/clock.h"
#include "ctl/ctl.h"
#include "ctl/ctl_json.h"

/* The sum over all carriers of one counter. */
#define SUM(facts, member) sum_at(facts, offsetof(struct counters, member), 0)
/* The same of one element of an array of counters. */
#define SUM_AT(facts, member, index) sum_at(facts, offsetof(struct counters, member), index)

static uint64_t sum_at(const struct ctl_facts *facts, size_t offset, size_t index)
{
	uint64_t sum = 0, one;

	for (size_t i = 0; i < facts->carrier_count; i++) {
		const struct counters *c = facts->carriers[i].counters;

		if (c == NULL)
			continue;
		memcpy(&one, (const char *)c + offset + index * sizeof(one), sizeof(one));
		sum += one;
	}
	return sum;
}

static void add_ports(struct json_maker *m, struct json_object *divert, const struct port_list *tcp)
{
	struct json_object *ports = json_make_array(m, divert, "ports");
	char text[sizeof("65535-65535")];

	for (size_t i = 0; i < tcp->count; i++) {
		const struct port_range *r = &tcp->at[i];

		(void)snprintf(text, sizeof(text), r->first == r->last ? "%u" : "%u-%u", r->first,
			       r->last);
		json_make_text(m, ports, NULL, text);
	}
}

static void add_diverts(struct json_maker *m, struct json_object *status,
			const struct ctl_facts *facts)
{
	struct json_object *diverts = json_make_array(m, status, "diverts");

	for (size_t i = 0; i < facts->config->divert_count; i++) {
		const struct divert *d = &facts->config->diverts[i];
		struct json_object *divert = json_make_object(m, diverts, NULL);

		json_make_text(m, divert, "name", d->name);
		add_ports(m, divert, &d->tcp);
		json_make_bool(m, divert, "listening", facts->diverts_listening >> i & 1);
		json_make_text(m, divert, "fail", d->is_fail_closed ? "closed" : "open");
		json_make_number(m, divert, "active", SUM_AT(facts, divert_active, i));
		json_make_number(m, divert, "total", SUM_AT(facts, divert_total, i));
	}
}

static void add_routes(struct json_maker *m, struct json_object *status,
		       const struct ctl_facts *facts)
{
	struct json_object *routes = json_make_array(m, status, "routes");

	for (size_t i = 0; i < facts->config->route_count; i++) {
		struct json_object *route = json_make_object(m, routes, NULL);

		json_make_text(m, route, "name", facts->config->routes[i].name);
		json_make_number(m, route, "total", SUM_AT(facts, route_total, i));
	}
}

/* first: the number of the backend's first server among those of all backends. */
static void add_servers(struct json_maker *m, struct json_object *in, const struct backend *b,
			const struct ctl_facts *facts, size_t first)
{
	struct json_object *servers = json_make_array(m, in, "servers");
	char address[ADDR_TEXT_BYTES];

	for (size_t i = 0; i < b->server_count && first + i < COUNTERS_SERVERS; i++) {
		struct json_object *server = json_make_object(m, servers, NULL);

		json_make_text(m, server, "address", addr_text(&b->servers[i], address));
		/* no server is checked or drained yet */
		json_make_text(m, server, "state", "up");
		json_make_number(m, server, "flows", SUM_AT(facts, server_active, first + i));
		json_make_number(m, server, "total", SUM_AT(facts, server_total, first + i));
		json_make_number(m, server, "failed", SUM_AT(facts, server_failed, first + i));
	}
}

static void add_backends(struct json_maker *m, struct json_object *status,
			 const struct ctl_facts *facts)
{
	struct json_object *backends = json_make_array(m, status, "backends");
	size_t first = 0;

	for (size_t i = 0; i < facts->config->backend_count; i++) {
		const struct backend *b = &facts->config->backends[i];
		struct json_object *backend = json_make_object(m, backends, NULL);

		json_make_text(m, backend, "name", b->name);
		add_servers(m, backend, b, facts, first);
		first += b->server_count;
	}
}

static void add_flows(struct json_maker *m, struct json_object *status,
		      const struct ctl_facts *facts)
{
	struct json_object *flows = json_make_object(m, status, "flows");
	struct json_object *hows, *whys, *fallbacks;

	json_make_number(m, flows, "active", SUM(facts, flows_active));
	json_make_number(m, flows, "undecided", SUM(facts, undecided));
	json_make_number(m, flows, "total", SUM(facts, flows_total));
	json_make_number(m, flows, "in", SUM(facts, in_bytes));
	json_make_number(m, flows, "out", SUM(facts, out_bytes));
	json_make_number(m, flows, "parked", SUM(facts, parked));
	hows = json_make_object(m, flows, "how");
	for (unsigned i = 0; i < FLOW_HOW_COUNT; i++)
		json_make_number(m, hows, flow_how_text(i), SUM_AT(facts, hows, i));
	whys = json_make_object(m, flows, "why");
	for (unsigned i = 0; i < FLOW_WHY_COUNT; i++)
		json_make_number(m, whys, flow_why_text(i), SUM_AT(facts, whys, i));
	fallbacks = json_make_object(m, flows, "fallback");
	for (unsigned i = 0; i < FLOW_FALLBACK_COUNT; i++)
		json_make_number(m, fallbacks, flow_fallback_text(i), SUM_AT(facts, fallbacks, i));
}

static void add_limit(struct json_maker *m, struct json_object *limits, const char *name,
		      uint64_t limit, uint64_t use)
{
	struct json_object *one = json_make_object(m, limits, name);

	json_make_number(m, one, "limit", limit);
	json_make_number(m, one, "use", use);
}

static void add_limits(struct json_maker *m, struct json_object *status,
		       const struct ctl_facts *facts, size_t clients)
{
	struct json_object *limits = json_make_object(m, status, "limits");
	const struct config *config = facts->config;

	add_limit(m, limits, "flows", SUM(facts, most_flows), SUM(facts, flows_active));
	for (size_t i = 0; i < facts->limit_count; i++)
		add_limit(m, limits, facts->limits[i].name, facts->limits[i].limit,
			  facts->limits[i].use);
	add_limit(m, limits, "control_clients", CTL_MOST_CLIENTS, clients);
	add_limit(m, limits, "diverts", CONFIG_MOST_DIVERTS, config->divert_count);
	add_limit(m, limits, "routes", CONFIG_MOST_ROUTES, config->route_count);
	add_limit(m, limits, "backends", CONFIG_MOST_BACKENDS, config->backend_count);
}

static void add_carrier(struct json_maker *m, struct json_object *carriers,
			const struct ctl_carrier *c)
{
	struct json_object *carrier = json_make_object(m, carriers, NULL);
	struct json_object *sniffers;

	json_make_number(m, carrier, "pid", (uint64_t)c->pid);
	json_make_number(m, carrier, "restarts", c->restarts);
	json_make_number(m, carrier, "flows", c->counters != NULL ? c->counters->flows_active : 0);
	sniffers = json_make_array(m, carrier, "sniffers");
	for (size_t i = 0; i < c->sniffer_count && i < CTL_MOST_SNIFFERS; i++)
		json_make_number(m, sniffers, NULL, (uint64_t)c->sniffers[i]);
	json_make_number(m, carrier, "sniffer_restarts", c->sniffer_restarts);
}

static void add_processes(struct json_maker *m, struct json_object *status,
			  const struct ctl_facts *facts)
{
	struct json_object *processes = json_make_object(m, status, "processes");
	struct json_object *carriers;

	json_make_number(m, processes, "keeper", (uint64_t)getpid());
	carriers = json_make_array(m, processes, "carriers");
	for (size_t i = 0; i < facts->carrier_count; i++)
		if (facts->carriers[i].pid != 0 || facts->carriers[i].sniffer_count != 0)
			add_carrier(m, carriers, &facts->carriers[i]);
}

static void add_nft(struct json_maker *m, struct json_object *status, const struct ctl_facts *facts)
{
	struct json_object *nft = json_make_object(m, status, "nft");
	struct json_object *alive = json_make_object(m, nft, "alive");

	json_make_bool(m, alive, "ipv4", facts->is_alive_v4);
	json_make_bool(m, alive, "ipv6", facts->is_alive_v6);
	json_make_number(m, nft, "repairs", facts->nft_repairs);
}

struct json_object *ctl_json_status(const struct ctl_facts *facts, size_t clients)
{
	struct json_object *status = json_object_new_object();
	struct json_maker m = { .is_broken = false };

	json_make_text(&m, status, "version", SHUNT_VERSION);
	json_make_number(&m, status, "pid", (uint64_t)getpid());
	json_make_number(&m, status, "uptime_ms", clock_ms() - facts->started_ms);
	json_make_text(&m, status, "problem", facts->problem);
	json_make_text(&m, status, "handoff", facts->handoff);
	add_diverts(&m, status, facts);
	add_routes(&m, status, facts);
	add_backends(&m, status, facts);
	add_flows(&m, status, facts);
	add_limits(&m, status, facts, clients);
	add_processes(&m, status, facts);
	add_nft(&m, status, facts);
	return json_made(&m, status);
}

struct json_object *ctl_json_flow(const struct flow_record *record)
{
	struct json_object *flow = json_object_new_object();
	struct json_maker m = { .is_broken = false };
	struct flow_record r = *record;
	char text[ADDR_TEXT_BYTES];

	flow_record_clean(&r);
	json_make_number(&m, flow, "id", r.id);
	json_make_text(&m, flow, "divert", r.divert);
	json_make_text(&m, flow, "proto", r.proto);
	json_make_text(&m, flow, "name", r.name);
	json_make_text(&m, flow, "alpn", r.alpn);
	json_make_text(&m, flow, "client", addr_text(&r.client, text));
	json_make_text(&m, flow, "to", addr_text(&r.to, text));
	json_make_text(&m, flow, "route", r.route);
	json_make_text(&m, flow, "backend", r.backend);
	json_make_text(&m, flow, "server", addr_text(&r.server, text));
	json_make_text(&m, flow, "source", r.server.family ? flow_source_text(r.source) : "-");
	json_make_text(&m, flow, "how", flow_how_text(r.how));
	json_make_text(&m, flow, "why", "-"); /* it has not ended */
	json_make_number(&m, flow, "age_ms", r.age_ms);
	json_make_number(&m, flow, "in", r.in_bytes);
	json_make_number(&m, flow, "out", r.out_bytes);
	return json_made(&m, flow);
}
