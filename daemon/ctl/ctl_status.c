/* The answers to `status` and `flows`: the keeper's facts and the carriers' counters, as JSON. */
#include <stdio.h>
#include <unistd.h>

#include "base/clock.h"
#include "ctl/ctl.h"
#include "ctl/ctl_json.h"

/* The sum of one counter, over all carriers and what they handed over. */
#define SUM(facts, member) sum_at(facts, offsetof(struct counters, member), 0)
/* The same of one element of an array of counters. */
#define SUM_AT(facts, member, index) sum_at(facts, offsetof(struct counters, member), index)

/* Of the carriers alone. */
#define CARRIED(facts, member) carried_at(facts, offsetof(struct counters, member))

static uint64_t carried_at(const struct ctl_facts *facts, size_t offset)
{
	uint64_t sum = 0;

	for (size_t i = 0; i < facts->carrier_count; i++)
		sum += counters_at(facts->carriers[i].counters, offset);
	return sum;
}

static uint64_t sum_at(const struct ctl_facts *facts, size_t offset, size_t index)
{
	size_t at = offset + index * sizeof(uint64_t);

	return carried_at(facts, at) + counters_at(facts->handed, at);
}

/* The number of the counters of the i-th divert, route or server. */
static size_t number_of(const struct ctl_facts *facts, const uint16_t *numbers, size_t i)
{
	return facts->ledger != NULL ? numbers[i] : i;
}

/* What was counted under that number before it was this one's, to be taken off. */
static struct ledger_base base_of(const struct ctl_facts *facts, enum ledger_book book,
				  size_t number)
{
	if (facts->ledger == NULL)
		return (struct ledger_base){ 0 };
	return ledger_base(facts->ledger, book, (unsigned)number);
}

static void add_ports(struct ctl_json *j, const char *name, const struct port_list *ports)
{
	char text[sizeof("65535-65535")];

	ctl_json_array(j, name);
	for (size_t i = 0; i < ports->count; i++) {
		const struct port_range *r = &ports->at[i];

		(void)snprintf(text, sizeof(text), r->first == r->last ? "%u" : "%u-%u", r->first,
			       r->last);
		ctl_json_text(j, NULL, text);
	}
	ctl_json_array_end(j);
}

static void add_diverts(struct ctl_json *j, const struct ctl_facts *facts)
{
	ctl_json_array(j, "diverts");
	for (size_t i = 0; i < facts->config->divert_count; i++) {
		const struct divert *d = &facts->config->diverts[i];
		size_t n = number_of(facts, facts->numbers.diverts, i);

		ctl_json_object(j, NULL);
		ctl_json_text(j, "name", d->name);
		add_ports(j, "ports", &d->tcp);
		add_ports(j, "udp_ports", &d->udp);
		ctl_json_bool(j, "listening", facts->diverts_listening >> i & 1);
		ctl_json_text(j, "fail", d->is_fail_closed ? "closed" : "open");
		ctl_json_number(j, "active", SUM_AT(facts, divert_active, n));
		ctl_json_number(j, "total",
				SUM_AT(facts, divert_total, n) -
					base_of(facts, LEDGER_DIVERTS, n).total);
		ctl_json_object_end(j);
	}
	ctl_json_array_end(j);
}

static bool is_open(const struct ctl_facts *facts, size_t route)
{
	return facts->open == NULL || (facts->open[route / 64] >> route % 64 & 1) != 0;
}

static void add_routes(struct ctl_json *j, const struct ctl_facts *facts)
{
	ctl_json_array(j, "routes");
	for (size_t i = 0; i < facts->config->route_count; i++) {
		size_t n = number_of(facts, facts->numbers.routes, i);

		ctl_json_object(j, NULL);
		ctl_json_text(j, "name", facts->config->routes[i].name);
		ctl_json_bool(j, "is_open", is_open(facts, i));
		ctl_json_number(j, "total",
				SUM_AT(facts, route_total, n) -
					base_of(facts, LEDGER_ROUTES, n).total);
		ctl_json_object_end(j);
	}
	ctl_json_array_end(j);
}

/* first: the place of the backend's first server among those of all backends. */
static void add_servers(struct ctl_json *j, const struct backend *b, const struct ctl_facts *facts,
			size_t first)
{
	char address[ADDR_TEXT_BYTES];

	ctl_json_array(j, "servers");
	for (size_t i = 0; i < b->server_count; i++) {
		size_t n = number_of(facts, facts->numbers.servers, first + i);
		struct ledger_base base = base_of(facts, LEDGER_SERVERS, n);

		ctl_json_object(j, NULL);
		ctl_json_text(j, "address", addr_text(&b->servers[i], address));
		/* no server is checked or drained yet */
		ctl_json_text(j, "state", "up");
		ctl_json_number(j, "flows", SUM_AT(facts, server_active, n));
		ctl_json_number(j, "total", SUM_AT(facts, server_total, n) - base.total);
		ctl_json_number(j, "failed", SUM_AT(facts, server_failed, n) - base.failed);
		ctl_json_object_end(j);
	}
	ctl_json_array_end(j);
}

static void add_backends(struct ctl_json *j, const struct ctl_facts *facts)
{
	size_t first = 0;

	ctl_json_array(j, "backends");
	for (size_t i = 0; i < facts->config->backend_count; i++) {
		const struct backend *b = &facts->config->backends[i];

		ctl_json_object(j, NULL);
		ctl_json_text(j, "name", b->name);
		add_servers(j, b, facts, first);
		ctl_json_object_end(j);
		first += b->server_count;
	}
	ctl_json_array_end(j);
}

static const char *probe_kind_text(const struct probe *p)
{
	switch (probe_kind(p)) {
	case PROBE_PATTERN:
		return "pattern";
	case PROBE_EXEC:
		return "exec";
	case PROBE_PLUGIN:
		return "plugin";
	case PROBE_NONE:
		break;
	}
	return "-";
}

/* Only of programs it is counted what they said: the others are asked where nothing is counted. */
static void add_words(struct ctl_json *j, const struct ctl_facts *facts, size_t probe)
{
	size_t n = number_of(facts, facts->numbers.probes, probe);
	struct ledger_base base = base_of(facts, LEDGER_PROBES, n);

	ctl_json_number(j, "asked", SUM_AT(facts, probe_asked, n) - base.total);
	ctl_json_number(j, "yes", SUM_AT(facts, probe_yes, n) - base.yes);
	ctl_json_number(j, "no", SUM_AT(facts, probe_no, n) - base.no);
	ctl_json_number(j, "failed", SUM_AT(facts, probe_failed, n) - base.failed);
}

/* How often it ended the process that asked it, which the keeper counts. */
static void add_plugin(struct ctl_json *j, const struct ctl_facts *facts, size_t probe)
{
	bool is_off = facts->plugins_off >> probe & 1;

	ctl_json_number(j, "failed", facts->plugin_ends ? facts->plugin_ends[probe] : 0);
	ctl_json_text(j, "state", is_off ? "off" : "on");
}

static void add_probes(struct ctl_json *j, const struct ctl_facts *facts)
{
	ctl_json_array(j, "probes");
	for (size_t i = 0; i < facts->config->probe_count; i++) {
		const struct probe *p = &facts->config->probes[i];

		ctl_json_object(j, NULL);
		ctl_json_text(j, "name", p->name);
		ctl_json_text(j, "kind", probe_kind_text(p));
		ctl_json_text(j, "transport", p->is_udp ? "udp" : "tcp");
		if (probe_kind(p) == PROBE_EXEC)
			add_words(j, facts, i);
		else if (probe_kind(p) == PROBE_PLUGIN)
			add_plugin(j, facts, i);
		ctl_json_object_end(j);
	}
	ctl_json_array_end(j);
	ctl_json_object(j, "spawn");
	ctl_json_bool(j, "wanted", facts->wants_spawn);
	ctl_json_bool(j, "connected", facts->has_spawn);
	ctl_json_object_end(j);
}

static void add_udp(struct ctl_json *j, const struct ctl_facts *facts)
{
	ctl_json_object(j, "udp");
	ctl_json_number(j, "evicted", SUM(facts, udp_evicted));
	ctl_json_number(j, "lost", SUM(facts, udp_lost));
	ctl_json_number(j, "unlogged", SUM(facts, udp_unlogged));
	ctl_json_number(j, "refused", SUM(facts, udp_refused));
	ctl_json_number(j, "unrefused", SUM(facts, udp_unrefused));
	ctl_json_number(j, "raw", SUM(facts, udp_raw));
	ctl_json_number(j, "learned", SUM(facts, udp_learned));
	ctl_json_number(j, "found", SUM(facts, udp_found));
	ctl_json_object_end(j);
}

static void add_flows(struct ctl_json *j, const struct ctl_facts *facts)
{
	ctl_json_object(j, "flows");
	ctl_json_number(j, "active", SUM(facts, flows_active));
	ctl_json_number(j, "undecided", SUM(facts, undecided));
	ctl_json_number(j, "handed_active",
			SUM(facts, flows_active) - CARRIED(facts, flows_active));
	ctl_json_number(j, "total", SUM(facts, flows_total));
	ctl_json_number(j, "handed_over", SUM(facts, handed_over));
	ctl_json_number(j, "mended", SUM(facts, mended));
	ctl_json_number(j, "clock_jumps", SUM(facts, clock_jumps));
	ctl_json_number(j, "in", SUM(facts, in_bytes));
	ctl_json_number(j, "out", SUM(facts, out_bytes));
	ctl_json_number(j, "parked", SUM(facts, parked));
	ctl_json_number(j, "regex_cut", SUM(facts, regex_cut));
	add_udp(j, facts);
	ctl_json_object(j, "how");
	for (unsigned i = 0; i < FLOW_HOW_COUNT; i++)
		ctl_json_number(j, flow_how_text(i), SUM_AT(facts, hows, i));
	ctl_json_object_end(j);
	ctl_json_object(j, "why");
	for (unsigned i = 0; i < FLOW_WHY_COUNT; i++)
		ctl_json_number(j, flow_why_text(i), SUM_AT(facts, whys, i));
	ctl_json_object_end(j);
	ctl_json_object(j, "fallback");
	for (unsigned i = 0; i < FLOW_FALLBACK_COUNT; i++)
		ctl_json_number(j, flow_fallback_text(i), SUM_AT(facts, fallbacks, i));
	ctl_json_object_end(j);
	ctl_json_object_end(j);
}

static void add_limit(struct ctl_json *j, const char *name, uint64_t limit, uint64_t use)
{
	ctl_json_object(j, name);
	ctl_json_number(j, "limit", limit);
	ctl_json_number(j, "use", use);
	ctl_json_object_end(j);
}

static void add_limits(struct ctl_json *j, const struct ctl_facts *facts, size_t clients)
{
	const struct config *config = facts->config;

	ctl_json_object(j, "limits");
	/* undecided flows of datagrams have no descriptor, and a limit of their own */
	add_limit(j, "flows", SUM(facts, most_flows),
		  CARRIED(facts, flows_active) - SUM(facts, udp_undecided));
	add_limit(j, "udp_undecided", SUM(facts, most_udp_undecided), SUM(facts, udp_undecided));
	add_limit(j, "udp_held_bytes", SUM(facts, most_udp_held), SUM(facts, udp_held));
	for (size_t i = 0; i < facts->limit_count; i++)
		add_limit(j, facts->limits[i].name, facts->limits[i].limit, facts->limits[i].use);
	add_limit(j, "control_clients", CTL_MOST_CLIENTS, clients);
	add_limit(j, "diverts", CONFIG_MOST_DIVERTS, config->divert_count);
	add_limit(j, "routes", CONFIG_MOST_ROUTES, config->route_count);
	add_limit(j, "backends", CONFIG_MOST_BACKENDS, config->backend_count);
	add_limit(j, "probes", CONFIG_MOST_PROBES, config->probe_count);
	add_limit(j, "regexes", CONFIG_MOST_REGEXES, config->regex_count);
	ctl_json_object_end(j);
}

static void add_carrier(struct ctl_json *j, const struct ctl_carrier *c)
{
	ctl_json_object(j, NULL);
	ctl_json_number(j, "pid", (uint64_t)c->pid);
	ctl_json_number(j, "restarts", c->restarts);
	ctl_json_number(j, "flows", c->counters != NULL ? c->counters->flows_active : 0);
	ctl_json_array(j, "sniffers");
	for (size_t i = 0; i < c->sniffer_count && i < CTL_MOST_SNIFFERS; i++)
		ctl_json_number(j, NULL, (uint64_t)c->sniffers[i]);
	ctl_json_array_end(j);
	ctl_json_number(j, "sniffer_restarts", c->sniffer_restarts);
	ctl_json_object_end(j);
}

static void add_processes(struct ctl_json *j, const struct ctl_facts *facts)
{
	ctl_json_object(j, "processes");
	ctl_json_number(j, "keeper", (uint64_t)getpid());
	ctl_json_array(j, "carriers");
	for (size_t i = 0; i < facts->carrier_count; i++)
		if (facts->carriers[i].pid != 0 || facts->carriers[i].sniffer_count != 0)
			add_carrier(j, &facts->carriers[i]);
	ctl_json_array_end(j);
	ctl_json_object_end(j);
}

static void add_config(struct ctl_json *j, const struct ctl_facts *facts)
{
	ctl_json_object(j, "config");
	ctl_json_text(j, "file", facts->config_file);
	ctl_json_number(j, "age_ms", clock_ms() - facts->loaded_ms);
	ctl_json_object_end(j);
	ctl_json_object(j, "reload");
	ctl_json_reload(j, &facts->reload);
	ctl_json_object_end(j);
}

static void add_nft(struct ctl_json *j, const struct ctl_facts *facts)
{
	ctl_json_object(j, "nft");
	ctl_json_object(j, "alive");
	ctl_json_bool(j, "ipv4", facts->is_alive_v4);
	ctl_json_bool(j, "ipv6", facts->is_alive_v6);
	ctl_json_object_end(j);
	ctl_json_number(j, "repairs", facts->nft_repairs);
	ctl_json_object_end(j);
}

void ctl_json_status(struct ctl_json *j, const struct ctl_facts *facts, size_t clients)
{
	ctl_json_object(j, NULL);
	ctl_json_text(j, "version", SHUNT_VERSION);
	ctl_json_number(j, "pid", (uint64_t)getpid());
	ctl_json_number(j, "uptime_ms", clock_ms() - facts->started_ms);
	ctl_json_text(j, "problem", facts->problem);
	ctl_json_text(j, "handoff", facts->handoff);
	add_config(j, facts);
	add_diverts(j, facts);
	add_routes(j, facts);
	add_backends(j, facts);
	add_probes(j, facts);
	add_flows(j, facts);
	add_limits(j, facts, clients);
	add_processes(j, facts);
	add_nft(j, facts);
	ctl_json_object_end(j);
}

void ctl_json_flow(struct ctl_json *j, const struct flow_record *record)
{
	struct flow_record r = *record;
	char text[ADDR_TEXT_BYTES];

	flow_record_clean(&r);
	ctl_json_object(j, NULL);
	ctl_json_number(j, "id", r.id);
	ctl_json_text(j, "divert", r.divert);
	ctl_json_text(j, "transport", flow_transport_text(r.transport));
	ctl_json_text(j, "proto", r.proto);
	ctl_json_text(j, "name", r.name);
	ctl_json_text(j, "alpn", r.alpn);
	ctl_json_text(j, "client", addr_text(&r.client, text));
	ctl_json_text(j, "to", addr_text(&r.to, text));
	ctl_json_text(j, "route", r.route);
	ctl_json_text(j, "backend", r.backend);
	ctl_json_text(j, "server", addr_text(&r.server, text));
	ctl_json_text(j, "source", r.server.family ? flow_source_text(r.source) : "-");
	ctl_json_text(j, "how", flow_how_text(r.how));
	ctl_json_text(j, "why", "-"); /* it has not ended */
	ctl_json_number(j, "age_ms", r.age_ms);
	ctl_json_number(j, "in", r.in_bytes);
	ctl_json_number(j, "out", r.out_bytes);
	ctl_json_object_end(j);
}
