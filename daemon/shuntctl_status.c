/* `shuntctl status`: how the daemon is doing, on one screen. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "shuntctl.h"
#include "shuntctl_table.h"

enum {
	STATUS_LIST_BYTES = 256, /* of the ports of a divert, the sniffers of a carrier */
};

#define COLUMNS(list) .columns = (list), .column_count = sizeof(list) / sizeof((list)[0])

static const struct table_column divert_columns[] = {
	{ "DIVERT", false, 0 }, { "PORTS", false, 1 }, { "LISTENS", false, 0 },
	{ "FAIL", false, 2 },   { "ACTIVE", true, 0 }, { "TOTAL", true, 0 },
};
static const struct table_column route_columns[] = { { "ROUTE", false, 0 },
						     { "STATE", false, 0 },
						     { "TOTAL", true, 0 } };
static const struct table_column server_columns[] = {
	{ "BACKEND", false, 0 }, { "SERVER", false, 0 }, { "STATE", false, 0 },
	{ "FLOWS", true, 0 },    { "TOTAL", true, 1 },   { "FAILED", true, 0 },
};
static const struct table_column probe_columns[] = {
	{ "PROBE", false, 0 }, { "KIND", false, 1 }, { "BY", false, 1 },    { "ASKED", true, 0 },
	{ "YES", true, 0 },    { "NO", true, 0 },    { "FAILED", true, 0 },
};
static const struct table_column limit_columns[] = {
	{ "LIMIT", false, 0 },
	{ "USE", true, 0 },
	{ "OF", true, 0 },
};
static const struct table_column process_columns[] = {
	{ "PROCESS", false, 0 }, { "PID", true, 0 },       { "FLOWS", true, 2 },
	{ "RESTARTS", true, 0 }, { "SNIFFERS", false, 1 }, { "RESTARTS", true, 0 },
};

/* "a, b": one item more, as long as there is room; NULL, which is JSON's null, as "-". */
static void join(char list[static STATUS_LIST_BYTES], const char *item)
{
	size_t size = strlen(list);

	(void)snprintf(list + size, STATUS_LIST_BYTES - size, "%s%s", size != 0 ? ", " : "",
		       item != NULL ? item : "-");
}

static void show_config(const struct json_object *status)
{
	const struct json_object *config = shuntctl_object(status, "config");
	const struct json_object *reload = shuntctl_object(status, "reload");
	const char *last = shuntctl_text(reload, "last");
	uint64_t failed = shuntctl_number(reload, "failed");
	char age[SHUNTCTL_SHORT_BYTES];

	(void)printf("configuration ");
	shuntctl_print(shuntctl_text(config, "file"), false);
	(void)printf(", loaded %s ago, reloaded %" PRIu64 " times",
		     shuntctl_age(shuntctl_number(config, "age_ms"), age),
		     shuntctl_number(reload, "count"));
	if (failed != 0)
		(void)printf(", refused %" PRIu64 " times", failed);
	(void)putchar('\n');
	if (strcmp(last, "refused") != 0)
		return;
	(void)printf("last reload refused: ");
	shuntctl_print(shuntctl_text(reload, "problem"), false);
	(void)putchar('\n');
}

static void show_head(const struct json_object *status)
{
	const struct json_object *nft = shuntctl_object(status, "nft");
	const struct json_object *alive = shuntctl_object(nft, "alive");
	bool v4 = shuntctl_bool(alive, "ipv4"), v6 = shuntctl_bool(alive, "ipv6");
	char age[SHUNTCTL_SHORT_BYTES];

	(void)printf("shunt ");
	shuntctl_print(shuntctl_text(status, "version"), false);
	(void)printf(", up %s, keeper %" PRIu64 "\n",
		     shuntctl_age(shuntctl_number(status, "uptime_ms"), age),
		     shuntctl_number(status, "pid"));
	(void)printf("new flows are %s, nft repaired %" PRIu64 " times\n",
		     v4 && v6 ? "taken"
		     : v4     ? "taken for IPv4 only"
		     : v6     ? "taken for IPv6 only"
			      : "not taken",
		     shuntctl_number(nft, "repairs"));
	show_config(status);
	(void)printf("handoff: ");
	shuntctl_print(shuntctl_text(status, "handoff"), false);
	(void)putchar('\n');
	if (json_object_is_type(json_object_object_get(status, "problem"), json_type_string)) {
		(void)printf("problem: ");
		shuntctl_print(shuntctl_text(status, "problem"), false);
		(void)putchar('\n');
	}
}

/* The ports of a transport, each with `behind` behind it. */
static void join_ports(char list[static STATUS_LIST_BYTES], const struct json_object *ports,
		       const char *behind)
{
	char item[64];

	for (size_t i = 0; i < shuntctl_length(ports); i++) {
		const char *text = json_object_get_string(json_object_array_get_idx(ports, i));

		(void)snprintf(item, sizeof item, "%s%s", text != NULL ? text : "-", behind);
		join(list, item);
	}
}

static void show_diverts(const struct json_object *status, unsigned width)
{
	const struct json_object *diverts = shuntctl_array(status, "diverts");
	struct table table = { COLUMNS(divert_columns) };

	for (size_t i = 0; i < shuntctl_length(diverts); i++) {
		const struct json_object *divert = json_object_array_get_idx(diverts, i);
		char list[STATUS_LIST_BYTES] = "";

		join_ports(list, shuntctl_array(divert, "ports"), "");
		join_ports(list, shuntctl_array(divert, "udp_ports"), "/udp");
		table_add(&table, shuntctl_text(divert, "name"));
		table_add(&table, list);
		table_add(&table, shuntctl_bool(divert, "listening") ? "yes" : "NO");
		table_add(&table, shuntctl_text(divert, "fail"));
		table_add_number(&table, shuntctl_number(divert, "active"));
		table_add_number(&table, shuntctl_number(divert, "total"));
	}
	(void)putchar('\n');
	table_print(&table, width);
}

static void show_routes(const struct json_object *status, unsigned width)
{
	const struct json_object *routes = shuntctl_array(status, "routes");
	struct table table = { COLUMNS(route_columns) };

	for (size_t i = 0; i < shuntctl_length(routes); i++) {
		const struct json_object *route = json_object_array_get_idx(routes, i);

		table_add(&table, shuntctl_text(route, "name"));
		table_add(&table, shuntctl_bool(route, "is_open") ? "open" : "closed");
		table_add_number(&table, shuntctl_number(route, "total"));
	}
	(void)putchar('\n');
	table_print(&table, width);
}

static void show_backends(const struct json_object *status, unsigned width)
{
	const struct json_object *backends = shuntctl_array(status, "backends");
	struct table table = { COLUMNS(server_columns) };

	for (size_t i = 0; i < shuntctl_length(backends); i++) {
		const struct json_object *backend = json_object_array_get_idx(backends, i);
		const struct json_object *servers = shuntctl_array(backend, "servers");

		for (size_t k = 0; k < shuntctl_length(servers); k++) {
			const struct json_object *server = json_object_array_get_idx(servers, k);

			table_add(&table, k == 0 ? shuntctl_text(backend, "name") : "");
			table_add(&table, shuntctl_text(server, "address"));
			table_add(&table, shuntctl_text(server, "state"));
			table_add_number(&table, shuntctl_number(server, "flows"));
			table_add_number(&table, shuntctl_number(server, "total"));
			table_add_number(&table, shuntctl_number(server, "failed"));
		}
	}
	(void)putchar('\n');
	table_print(&table, width);
}

/* What was said is counted of programs only, of plugins the sniffers that ended in them. */
static void show_probes(const struct json_object *status, unsigned width)
{
	static const char *const counts[] = { "asked", "yes", "no", "failed" };
	const struct json_object *probes = shuntctl_array(status, "probes");
	const struct json_object *spawn = shuntctl_object(status, "spawn");
	struct table table = { COLUMNS(probe_columns) };

	if (shuntctl_length(probes) == 0)
		return;
	for (size_t i = 0; i < shuntctl_length(probes); i++) {
		const struct json_object *probe = json_object_array_get_idx(probes, i);
		bool is_off = json_object_object_get_ex(probe, "state", NULL) &&
			      strcmp(shuntctl_text(probe, "state"), "off") == 0;

		table_add(&table, shuntctl_text(probe, "name"));
		table_add(&table, is_off ? "plugin, off" : shuntctl_text(probe, "kind"));
		table_add(&table, shuntctl_text(probe, "transport"));
		for (size_t k = 0; k < sizeof counts / sizeof *counts; k++) {
			if (json_object_object_get_ex(probe, counts[k], NULL))
				table_add_number(&table, shuntctl_number(probe, counts[k]));
			else
				table_add(&table, "-");
		}
	}
	(void)putchar('\n');
	table_print(&table, width);
	if (shuntctl_bool(spawn, "wanted") && !shuntctl_bool(spawn, "connected"))
		(void)puts("shunt-spawn is not there: what its programs are asked counts as no");
}

/* "  ended    closed 3, idle 1": those that are not 0. */
static void show_counts(const char *head, const struct json_object *counts)
{
	struct json_object_iterator at, end;
	bool is_first = true;

	if (counts == NULL)
		return;
	at = json_object_iter_begin((struct json_object *)counts); /* does not change it */
	end = json_object_iter_end(counts);
	for (; !json_object_iter_equal(&at, &end); json_object_iter_next(&at)) {
		const char *name = json_object_iter_peek_name(&at);

		if (shuntctl_number(counts, name) == 0)
			continue;
		(void)printf("%s ", is_first ? head : ",");
		shuntctl_print(name, false);
		(void)printf(" %" PRIu64, shuntctl_number(counts, name));
		is_first = false;
	}
	if (!is_first)
		(void)putchar('\n');
}

static void show_flows(const struct json_object *status)
{
	const struct json_object *flows = shuntctl_object(status, "flows");
	char in[SHUNTCTL_SHORT_BYTES], out[SHUNTCTL_SHORT_BYTES];

	(void)printf("\nFLOWS  active %" PRIu64 " (undecided %" PRIu64 ", handed over %" PRIu64
		     "), total %" PRIu64 " (handed over %" PRIu64 "), in %s, out %s\n",
		     shuntctl_number(flows, "active"), shuntctl_number(flows, "undecided"),
		     shuntctl_number(flows, "handed_active"), shuntctl_number(flows, "total"),
		     shuntctl_number(flows, "handed_over"),
		     shuntctl_bytes(shuntctl_number(flows, "in"), in),
		     shuntctl_bytes(shuntctl_number(flows, "out"), out));
	show_counts("  carried:", shuntctl_object(flows, "how"));
	show_counts("  ended:", shuntctl_object(flows, "why"));
	show_counts("  fallbacks:", shuntctl_object(flows, "fallback"));
	show_counts("  datagrams:", shuntctl_object(flows, "udp"));
	if (shuntctl_number(flows, "regex_cut") != 0)
		(void)printf("  regexes given up at their limit: %" PRIu64 " times\n",
			     shuntctl_number(flows, "regex_cut"));
	if (shuntctl_number(flows, "parked") != 0)
		(void)printf("  no room to accept: %" PRIu64 " times\n",
			     shuntctl_number(flows, "parked"));
}

static void show_limits(const struct json_object *status, unsigned width)
{
	const struct json_object *limits = shuntctl_object(status, "limits");
	struct table table = { COLUMNS(limit_columns) };
	struct json_object_iterator at, end;

	if (limits == NULL)
		return;
	at = json_object_iter_begin((struct json_object *)limits); /* does not change it */
	end = json_object_iter_end(limits);
	for (; !json_object_iter_equal(&at, &end); json_object_iter_next(&at)) {
		const struct json_object *limit = json_object_iter_peek_value(&at);

		table_add(&table, json_object_iter_peek_name(&at));
		table_add_number(&table, shuntctl_number(limit, "use"));
		table_add_number(&table, shuntctl_number(limit, "limit"));
	}
	(void)putchar('\n');
	table_print(&table, width);
}

static void show_processes(const struct json_object *status, unsigned width)
{
	const struct json_object *processes = shuntctl_object(status, "processes");
	const struct json_object *carriers = shuntctl_array(processes, "carriers");
	struct table table = { COLUMNS(process_columns) };

	for (size_t i = 0; i < shuntctl_length(carriers); i++) {
		const struct json_object *carrier = json_object_array_get_idx(carriers, i);
		const struct json_object *sniffers = shuntctl_array(carrier, "sniffers");
		char list[STATUS_LIST_BYTES] = "";

		for (size_t k = 0; k < shuntctl_length(sniffers); k++)
			join(list, json_object_get_string(json_object_array_get_idx(sniffers, k)));
		table_add(&table, "carrier");
		table_add_number(&table, shuntctl_number(carrier, "pid"));
		table_add_number(&table, shuntctl_number(carrier, "flows"));
		table_add_number(&table, shuntctl_number(carrier, "restarts"));
		table_add(&table, list);
		table_add_number(&table, shuntctl_number(carrier, "sniffer_restarts"));
	}
	(void)putchar('\n');
	table_print(&table, width);
}

void shuntctl_show_status(const struct json_object *answer, unsigned width)
{
	show_head(answer);
	show_diverts(answer, width);
	show_routes(answer, width);
	show_backends(answer, width);
	show_probes(answer, width);
	show_flows(answer);
	show_limits(answer, width);
	show_processes(answer, width);
}
