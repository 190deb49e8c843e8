/* A configuration and what is made of it. */
#include "generation.h"

#include <errno.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/sysinfo.h>
#include <unistd.h>

#include "carry/gate.h"
#include "kernel/tproxy_listen.h"
#include "kernel/udp_listen.h"
#include "table_build.h"

unsigned generation_carriers(const struct config *config)
{
	long cpus = sysconf(_SC_NPROCESSORS_ONLN);

	if (config->shunt.workers)
		return config->shunt.workers;
	if (cpus < 1)
		return 1;
	return cpus > CONFIG_MOST_WORKERS ? CONFIG_MOST_WORKERS : (unsigned)cpus;
}

/* As configured, or as many as a quarter of the memory bears; descriptors may allow fewer. */
static uint32_t most_sessions(const struct generation *g)
{
	struct sysinfo info;
	uint64_t most = g->config->shunt.max_connections;

	if (!most && sysinfo(&info) == 0)
		most = (uint64_t)info.totalram * info.mem_unit / 4 / GATE_FLOW_BYTES;
	if (most > UINT32_MAX / 2)
		most = UINT32_MAX / 2;
	return (uint32_t)((most + g->carriers - 1) / g->carriers);
}

/* --- the numbers of its counters --- */

static int put_number(uint16_t *out, const struct generation_origin *from, enum ledger_book book,
		      const char *name)
{
	uint64_t now = from->before ? from->before->number : 0;
	int number = ledger_number(from->ledger, book, name, now, from->number, &from->reader);

	if (number < 0)
		return number;
	*out = (uint16_t)number;
	return 0;
}

const char *generation_server_key(char key[static GENERATION_KEY_BYTES], const char *backend,
				  const struct addr *server, unsigned times)
{
	char address[ADDR_TEXT_BYTES];

	(void)snprintf(key, GENERATION_KEY_BYTES, "%s %s %u", backend, addr_text(server, address),
		       times);
	return key;
}

static unsigned times_before(const struct backend *b, size_t server)
{
	unsigned times = 0;

	for (size_t i = 0; i < server; i++)
		times += addr_equal(&b->servers[i], &b->servers[server]);
	return times;
}

static int number_servers(uint16_t *out, const struct config *config,
			  const struct generation_origin *from)
{
	char key[GENERATION_KEY_BYTES];
	int err = 0;

	for (size_t i = 0; i < config->backend_count; i++) {
		const struct backend *b = &config->backends[i];

		for (size_t k = 0; k < b->server_count && !err; k++) {
			(void)generation_server_key(key, b->name, &b->servers[k],
						    times_before(b, k));
			err = put_number(out++, from, LEDGER_SERVERS, key);
		}
	}
	return err;
}

static int number_all(struct generation *g, const struct generation_origin *from)
{
	const struct config *config = g->config;
	size_t servers = 0;
	int err = 0;

	for (size_t i = 0; i < config->backend_count; i++)
		servers += config->backends[i].server_count;
	g->numbers.diverts = calloc(config->divert_count + 1, sizeof(uint16_t));
	g->numbers.routes = calloc(config->route_count + 1, sizeof(uint16_t));
	g->numbers.servers = calloc(servers + 1, sizeof(uint16_t));
	g->numbers.probes = calloc(config->probe_count + 1, sizeof(uint16_t));
	if (!g->numbers.diverts || !g->numbers.routes || !g->numbers.servers || !g->numbers.probes)
		return -ENOMEM;
	for (size_t i = 0; i < config->divert_count && !err; i++)
		err = put_number(&g->numbers.diverts[i], from, LEDGER_DIVERTS,
				 config->diverts[i].name);
	for (size_t i = 0; i < config->route_count && !err; i++)
		err = put_number(&g->numbers.routes[i], from, LEDGER_ROUTES,
				 config->routes[i].name);
	for (size_t i = 0; i < config->probe_count && !err; i++)
		err = put_number(&g->numbers.probes[i], from, LEDGER_PROBES,
				 config->probes[i].name);
	return err ? err : number_servers(g->numbers.servers, config, from);
}

/* --- its listeners --- */

static const struct {
	int family;
	bool is_udp;
} listener_table[GENERATION_LISTENERS] = {
	[GENERATION_TCP4] = { AF_INET, false },
	[GENERATION_TCP6] = { AF_INET6, false },
	[GENERATION_UDP4] = { AF_INET, true },
	[GENERATION_UDP6] = { AF_INET6, true },
};

bool generation_is_udp(size_t listener)
{
	return listener_table[listener % GENERATION_LISTENERS].is_udp;
}

static int open_tcp(struct listeners *out, int *fds, const struct generation *g, unsigned divert,
		    int family, struct fault *fault)
{
	const struct tproxy_listen want = {
		.family = family,
		.mark = marks_of(&g->config->shunt.mark, MARK_RELAY),
		.defer_s = (int)table_deferred_ms(g->config, g->index, divert) / 1000,
		.count = g->carriers,
	};

	return tproxy_listen_open(&want, fds, &out->port, fault);
}

static int open_udp(struct listeners *out, int *fds, const struct generation *g, int family,
		    struct fault *fault)
{
	const struct udp_listen want = {
		.family = family,
		.mark = marks_of(&g->config->shunt.mark, MARK_RELAY),
		.count = g->carriers,
	};

	return udp_listen_open(&want, fds, &out->port, fault);
}

static int open_listeners(struct listeners *out, const struct generation *g, unsigned divert,
			  enum generation_listener which, struct fault *fault)
{
	const int family = listener_table[which].family;
	int *fds = calloc(g->carriers, sizeof *fds);
	int err = fds ? 0 : fault_set(fault, -ENOMEM, "out of memory");

	if (!err)
		err = generation_is_udp(which) ? open_udp(out, fds, g, family, fault)
					       : open_tcp(out, fds, g, divert, family, fault);
	if (err) {
		free(fds);
		/* a box without IPv6 */
		return err == -EAFNOSUPPORT && family == AF_INET6 ? 0 : err;
	}
	out->fds = fds;
	return 0;
}

/* The divert of that name; NULL: it had none, or no listeners. */
static const struct listeners *former(const struct generation *before, const char *name)
{
	for (size_t i = 0; before && i < before->config->divert_count; i++)
		if (strcmp(before->config->diverts[i].name, name) == 0)
			return generation_listeners(before, i);
	return NULL;
}

/* By one family at least, for each transport. */
static bool is_listening(const struct divert *d, const struct listeners *its)
{
	bool tcp = its[GENERATION_TCP4].fds || its[GENERATION_TCP6].fds;
	bool udp = its[GENERATION_UDP4].fds || its[GENERATION_UDP6].fds;

	return (tcp || !d->tcp.count) && (udp || !d->udp.count);
}

static int get_listeners(struct generation *g, const struct generation *before, unsigned divert,
			 struct fault *fault)
{
	const struct divert *d = &g->config->diverts[divert];
	const struct listeners *had = former(before, d->name);
	struct listeners *get = &g->listeners[(size_t)divert * GENERATION_LISTENERS];
	int err = 0;

	for (unsigned i = 0; i < GENERATION_LISTENERS && !err; i++) {
		if (!(generation_is_udp(i) ? d->udp.count : d->tcp.count))
			continue;
		if (had && had[i].fds) {
			get[i] = had[i];
			get[i].is_borrowed = true;
		} else {
			err = open_listeners(&get[i], g, divert, i, fault);
		}
	}
	g->ports[divert] =
		(struct firewall_ports){ get[GENERATION_TCP4].port, get[GENERATION_TCP6].port,
					 get[GENERATION_UDP4].port, get[GENERATION_UDP6].port };
	g->listening |= (uint64_t)is_listening(d, get) << divert;
	return err;
}

static int get_all_listeners(struct generation *g, const struct generation *before,
			     struct fault *fault)
{
	size_t count = g->config->divert_count;
	int err = 0;

	g->listeners = calloc(count * GENERATION_LISTENERS + 1, sizeof *g->listeners);
	g->ports = calloc(count + 1, sizeof *g->ports);
	if (!g->listeners || !g->ports)
		return fault_set(fault, -ENOMEM, "out of memory");
	for (unsigned i = 0; i < count && !err; i++)
		err = get_listeners(g, before, i, fault);
	return err;
}

static void close_listeners(struct generation *g)
{
	size_t count = g->config ? g->config->divert_count * GENERATION_LISTENERS : 0;

	for (size_t i = 0; g->listeners && i < count; i++) {
		struct listeners *l = &g->listeners[i];

		if (!l->fds || l->is_borrowed)
			continue;
		for (unsigned k = 0; k < g->carriers; k++)
			(void)close(l->fds[k]); /* the carriers have their copies */
		free(l->fds);
	}
	free(g->listeners);
}

/* `wait` decides how long the kernel keeps a silent client to itself. The socket is shared with the
 * carrier that listens on it. */
static void set_deferred(const struct generation *g, unsigned divert, const struct listeners *l)
{
	int seconds = (int)table_deferred_ms(g->config, g->index, divert) / 1000;

	/* cannot fail for these values; and then only `wait` is a second off */
	for (unsigned k = 0; k < g->carriers; k++)
		(void)setsockopt(l->fds[k], SOL_TCP, TCP_DEFER_ACCEPT, &seconds, sizeof seconds);
}

void generation_take_over(struct generation *g, struct generation *before)
{
	size_t count = before->config->divert_count * GENERATION_LISTENERS;

	for (unsigned i = 0; i < g->config->divert_count * GENERATION_LISTENERS; i++) {
		struct listeners *l = &g->listeners[i];

		if (!l->is_borrowed)
			continue;
		l->is_borrowed = false;
		if (!generation_is_udp(i))
			set_deferred(g, i / GENERATION_LISTENERS, l);
		for (size_t k = 0; k < count; k++)
			if (before->listeners[k].fds == l->fds)
				before->listeners[k].fds = NULL;
	}
	generation_free(before);
}

/* --- all of it --- */

static int make(struct generation *g, const struct generation_origin *from, struct fault *fault)
{
	int err = route_index_new(&g->index, g->config);

	if (err)
		return fault_set(fault, err, "out of memory for the routes");
	err = keeper_when_new(&g->when, from->loop, g->config, fault);
	if (err)
		return err;
	err = plugin_watch_new(&g->plugins, g->config, fault);
	if (err)
		return err;
	err = number_all(g, from);
	if (err == -ENOSPC)
		return fault_set(
			fault, err,
			"flows of former configurations hold all counters: wait until some "
			"have ended");
	if (err)
		return fault_set(fault, err, "out of memory");
	err = get_all_listeners(g, from->before, fault);
	if (err)
		return err;
	g->table_fd = table_build(g->config, g->index, &g->numbers, most_sessions(g));
	return g->table_fd < 0
		       ? fault_set(fault, g->table_fd, "cannot build the table of servers: %s",
				   strerror(-g->table_fd))
		       : 0;
}

int generation_new(struct generation **out, struct config *config,
		   const struct generation_origin *from, struct fault *fault)
{
	struct generation *g = calloc(1, sizeof *g);
	int err;

	if (!g)
		return fault_set(fault, -ENOMEM, "out of memory");
	g->number = from->number;
	g->table_fd = -1;
	g->config = config;
	g->carriers = from->before ? from->before->carriers : generation_carriers(config);
	err = make(g, from, fault);
	if (err) {
		close_listeners(g);
		g->listeners = NULL;
		g->config = NULL; /* still the caller's */
		generation_free(g);
		return err;
	}
	*out = g;
	return 0;
}

void generation_free(struct generation *g)
{
	if (!g)
		return;
	close_listeners(g);
	free(g->ports);
	free(g->numbers.diverts);
	free(g->numbers.routes);
	free(g->numbers.servers);
	free(g->numbers.probes);
	if (g->table_fd >= 0)
		(void)close(g->table_fd); /* the carriers have it mapped */
	keeper_when_free(g->when);
	plugin_watch_free(g->plugins);
	route_index_free(g->index);
	config_free(g->config);
	free(g);
}
