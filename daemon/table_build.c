/* From the configuration to what the carriers may know of it. */
#include "table_build.h"

#include <errno.h>
#include <stdio.h>
#include <unistd.h>

#include "carry/asker.h"
#include "flow/counters.h"
#include "flow/question.h"
#include "flow/table.h"
#include "policy/loopback.h"
#include "policy/route_cover.h"
#include "wire/wire.h"

/* What a configuration may hold, the carriers and their counters have room for. */
_Static_assert((int)CONFIG_MOST_SNIFFERS <= (int)ASKER_MOST_LINKS, "sniffers");
_Static_assert((int)CONFIG_MOST_DIVERTS <= (int)TABLE_MOST_DIVERTS, "diverts");
_Static_assert((int)CONFIG_MOST_BACKENDS <= (int)TABLE_MOST_BACKENDS, "backends");
_Static_assert((int)CONFIG_MOST_PROBES <= (int)TABLE_MOST_PROBES, "probes");
/* flows of the configuration before count on while those of the next begin */
_Static_assert(2 * CONFIG_MOST_DIVERTS <= (int)COUNTERS_DIVERTS, "counters of diverts");
_Static_assert(2 * CONFIG_MOST_ROUTES <= (int)COUNTERS_ROUTES, "counters of routes");
_Static_assert(2 * CONFIG_MOST_SERVERS_IN_ALL <= (int)COUNTERS_SERVERS, "counters of servers");
_Static_assert(2 * CONFIG_MOST_PROBES <= (int)COUNTERS_PROBES, "counters of probes");

enum {
	DEFER_MS = 1000, /* the least that TCP_DEFER_ACCEPT can do: one repeated SYN-ACK */
};

static struct table_target target_of(const struct target *t)
{
	static const uint16_t actions[] = {
		[TARGET_REJECT] = ANSWER_REJECT,
		[TARGET_DROP] = ANSWER_DROP,
		[TARGET_ORIGINAL] = ANSWER_ORIGINAL,
		[TARGET_BACKEND] = ANSWER_BACKEND,
	};

	return (struct table_target){ actions[t->kind],
				      t->kind == TARGET_BACKEND ? t->backend : TABLE_NONE };
}

static void put_name(char out[static RECORD_SECTION_BYTES], const char *name)
{
	(void)snprintf(out, RECORD_SECTION_BYTES, "%s", name); /* CONFIG_NAME_BYTES is no longer */
}

static void allow(struct table_divert *d, const struct target *t)
{
	if (t->kind == TARGET_ORIGINAL)
		d->may_original = 1;
	if (t->kind == TARGET_BACKEND)
		d->may[t->backend / 64] |= (uint64_t)1 << t->backend % 64;
}

static bool is_same_target(const struct target *a, const struct target *b)
{
	return a->kind == b->kind && (a->kind != TARGET_BACKEND || a->backend == b->backend);
}

uint32_t table_deferred_ms(const struct config *config, const struct route_index *index,
			   unsigned divert)
{
	const struct divert *d = &config->diverts[divert];
	int direct = route_index_unconditional(index, divert, WIRE_TCP);

	if (d->wait_ms < 2 * DEFER_MS)
		return 0;
	return direct >= 0 && is_same_target(&config->routes[direct].target, &d->silent) ? 0
											 : DEFER_MS;
}

/* Is there a route that a flow of datagrams of this divert could take? */
static bool has_udp_route(const struct config *config, unsigned divert)
{
	for (size_t i = 0; i < config->route_count; i++)
		if ((config->routes[i].diverts >> divert & 1) &&
		    route_reaches_transport(&config->routes[i], WIRE_UDP))
			return true;
	return false;
}

static void put_divert(struct table_divert *out, const struct config *config,
		       const struct route_index *index, unsigned number)
{
	const struct divert *d = &config->diverts[number];
	int direct = route_index_unconditional(index, number, WIRE_TCP);
	int direct_udp = route_index_unconditional(index, number, WIRE_UDP);

	put_name(out->name, d->name);
	out->wait_ms = d->wait_ms;
	out->deferred_ms = table_deferred_ms(config, index, number);
	out->sniff_bytes = d->sniff_bytes;
	out->has_tcp = d->tcp.count != 0;
	out->has_udp = d->udp.count != 0;
	out->handoff = d->handoff;
	out->silent = target_of(&d->silent);
	out->unknown = target_of(&d->unknown);
	out->unknown_udp = target_of(&d->unknown_udp);
	out->direct_route = out->direct_udp_route = TABLE_NONE;
	if (direct >= 0) {
		out->direct_route = (uint16_t)direct;
		out->direct = target_of(&config->routes[direct].target);
	}
	if (direct_udp >= 0) {
		out->direct_udp_route = (uint16_t)direct_udp;
		out->direct_udp = target_of(&config->routes[direct_udp].target);
	} else if (!has_udp_route(config, number)) {
		out->direct_udp_route = ANSWER_ROUTE_UNKNOWN; /* whatever they say */
		out->direct_udp = out->unknown_udp;
	}
	allow(out, &d->silent);
	allow(out, &d->unknown);
	allow(out, &d->unknown_udp);
	for (size_t i = 0; i < config->route_count; i++) {
		if (config->routes[i].diverts >> number & 1)
			allow(out, &config->routes[i].target);
	}
}

static void put_backend(struct table_backend *out, const struct backend *b, uint32_t first_server)
{
	put_name(out->name, b->name);
	out->first_server = first_server;
	out->server_count = (uint32_t)b->server_count;
	out->connect_timeout_ms = b->connect_timeout_ms;
	out->retries = b->retries;
	out->idle_ms = b->idle_ms;
	out->idle_udp_ms = b->idle_udp_ms;
	out->is_source_router = b->is_source_router;
	out->handoff = b->handoff;
}

static void fill(struct table *t, const struct config *config, const struct route_index *index,
		 const struct ledger_numbers *numbers)
{
	uint8_t *base = (uint8_t *)t;
	struct table_divert *diverts = (struct table_divert *)(void *)(base + t->diverts_at);
	struct table_route *routes = (struct table_route *)(void *)(base + t->routes_at);
	struct table_backend *backends = (struct table_backend *)(void *)(base + t->backends_at);
	struct table_server *servers = (struct table_server *)(void *)(base + t->servers_at);
	struct table_probe *probes = (struct table_probe *)(void *)(base + t->probes_at);
	struct addr loopback[LOOPBACK_SERVERS_MOST];
	size_t loopback_count = loopback_servers(loopback, config);
	uint32_t server = 0;

	for (unsigned i = 0; i < config->divert_count; i++) {
		put_divert(&diverts[i], config, index, i);
		diverts[i].counter = numbers->diverts[i];
	}
	for (size_t i = 0; i < config->route_count; i++) {
		put_name(routes[i].name, config->routes[i].name);
		routes[i].counter = numbers->routes[i];
	}
	for (size_t i = 0; i < config->probe_count; i++) {
		put_name(probes[i].name, config->probes[i].name);
		probes[i].counter = numbers->probes[i];
		probes[i].is_exec = probe_kind(&config->probes[i]) == PROBE_EXEC;
	}
	for (size_t i = 0; i < config->backend_count; i++) {
		const struct backend *b = &config->backends[i];

		put_backend(&backends[i], b, server);
		for (size_t k = 0; k < b->server_count; k++) {
			servers[server].at = b->servers[k];
			servers[server].counter = numbers->servers[server];
			servers[server].is_answering =
				loopback_holds(loopback, loopback_count, &b->servers[k]);
			server++;
		}
	}
}

int table_build(const struct config *config, const struct route_index *index,
		const struct ledger_numbers *numbers, uint32_t most_sessions)
{
	struct table counts = {
		.marks = config->shunt.mark,
		.divert_count = (uint32_t)config->divert_count,
		.route_count = (uint32_t)config->route_count,
		.backend_count = (uint32_t)config->backend_count,
		.probe_count = (uint32_t)config->probe_count,
		.log_flows = config->shunt.log_flows,
		.log_json = config->shunt.log_json,
		.log_level = config->shunt.log,
		.most_sessions = most_sessions,
		.drain_ms = config->shunt.drain_ms,
	};
	struct table *t;
	int err;
	int fd;

	for (size_t i = 0; i < config->backend_count; i++)
		counts.server_count += (uint32_t)config->backends[i].server_count;
	for (size_t i = 0; i < config->probe_count; i++)
		counts.exec_count += probe_kind(&config->probes[i]) == PROBE_EXEC;
	err = table_new(&t, &fd, &counts);
	if (err)
		return err;
	fill(t, config, index, numbers);
	err = table_seal(t, fd);
	if (err) {
		(void)close(fd); /* of no use unsealed */
		return err;
	}
	return fd;
}
