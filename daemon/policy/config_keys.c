/* The key table. A key is one row here, one paragraph of shunt.conf(5) and one line in tests/conf. */
#include "policy/config_keys.h"

#include <string.h>

#include "policy/config_values.h"

#define MINUTES (UINT64_C(60) * 1000)
#define HOURS   (60 * MINUTES)

static const char *const auto_or_number[] = { "auto", NULL };
static const char *const no_yes[] = { "no", "yes", NULL };
static const char *const levels[] = { "error", "warn", "info", "debug", NULL };
static const char *const formats[] = { "text", "json", NULL };
static const char *const open_closed[] = { "open", "closed", NULL };
static const char *const never_auto[] = { "never", "auto", NULL };
static const char *const client_router[] = { "client", "router", NULL };
static const char *const tcp_udp[] = { "tcp", "udp", NULL };

static const char *const divert_reserved[] = { "all", NULL };
static const char *const backend_reserved[] = { "reject", "drop", "original", NULL };
static const char *const probe_reserved[] = { "any", "-", NULL };

static const struct section_type section_table[SECTION_KINDS] = {
	[SECTION_SHUNT] = { "shunt", false, 1, NULL },
	[SECTION_DIVERT] = { "divert", true, CONFIG_MOST_DIVERTS, divert_reserved },
	[SECTION_ROUTE] = { "route", true, CONFIG_MOST_ROUTES, NULL },
	[SECTION_BACKEND] = { "backend", true, CONFIG_MOST_BACKENDS, backend_reserved },
	[SECTION_PROBE] = { "probe", true, CONFIG_MOST_PROBES, probe_reserved },
};

#define SHUNT(field)   offsetof(struct config_shunt, field)
#define DIVERT(field)  offsetof(struct divert, field)
#define ROUTE(field)   offsetof(struct route, field)
#define BACKEND(field) offsetof(struct backend, field)
#define PROBE(field)   offsetof(struct probe, field)

/*
 * Section, key, type, least, most, default, where to, also, flags, words. In the
 * order in which they are filled and shown: server_name stands before
 * server_name_file, which appends to its list.
 */
/* clang-format off */
static const struct config_key key_table[] = {
	{ SECTION_SHUNT, "config_version", &value_version, 0, 0, NULL, SHUNT(config_version), 0, 0, NULL },
	{ SECTION_SHUNT, "user", &value_account, 0, 0, NULL, SHUNT(user), 0, 0, NULL },
	{ SECTION_SHUNT, "workers", &value_number, 1, CONFIG_MOST_WORKERS, "auto", SHUNT(workers), 0, 0, auto_or_number },
	{ SECTION_SHUNT, "sniffers", &value_number, 1, CONFIG_MOST_SNIFFERS, "1", SHUNT(sniffers), 0, 0, NULL },
	{ SECTION_SHUNT, "log", &value_choice, 0, 0, "info", SHUNT(log), 0, 0, levels },
	{ SECTION_SHUNT, "log_flows", &value_switch, 0, 0, "yes", SHUNT(log_flows), 0, 0, no_yes },
	{ SECTION_SHUNT, "log_format", &value_switch, 0, 0, "text", SHUNT(log_json), 0, 0, formats },
	{ SECTION_SHUNT, "control", &value_path, 0, 107, "/run/shunt/control.sock", SHUNT(control), 0, 0, NULL },
	{ SECTION_SHUNT, "control_group", &value_account, 0, 0, "root", SHUNT(control_group), 0, 0, NULL },
	{ SECTION_SHUNT, "mark", &value_mark, 0, 0, "0x50000000/0xff000000", SHUNT(mark), 0, 0, NULL },
	{ SECTION_SHUNT, "table", &value_table, 1, UINT32_MAX - 1, "1443", SHUNT(table), 0, 0, NULL },
	{ SECTION_SHUNT, "max_connections", &value_number, 1, 10000000, "auto", SHUNT(max_connections), 0, 0, auto_or_number },
	{ SECTION_SHUNT, "drain", &value_ms, 0, 720 * HOURS, "1h", SHUNT(drain_ms), 0, 0, NULL },
	{ SECTION_SHUNT, "include", &value_include, 0, 64, NULL, SHUNT(include), 0, KEY_LIST, NULL },

	{ SECTION_DIVERT, "tcp", &value_ports, 0, 1024, NULL, DIVERT(tcp), 0, KEY_LIST, NULL },
	{ SECTION_DIVERT, "udp", &value_ports, 0, 1024, NULL, DIVERT(udp), 0, KEY_LIST, NULL },
	{ SECTION_DIVERT, "to", &value_to, 0, 4096, "local", DIVERT(to), 0, KEY_LIST, NULL },
	{ SECTION_DIVERT, "interface", &value_interfaces, 0, 256, "any", DIVERT(interface), 0, KEY_LIST, NULL },
	{ SECTION_DIVERT, "from", &value_prefixes, 0, 4096, "any", DIVERT(from_own), DIVERT(from_own_not), KEY_LIST, NULL },
	{ SECTION_DIVERT, "from_file", &value_prefix_files, 0, 64, NULL, DIVERT(from_file), 0, KEY_LIST, NULL },
	{ SECTION_DIVERT, "wait", &value_ms, 50, 10 * MINUTES, "3s", DIVERT(wait_ms), 0, 0, NULL },
	{ SECTION_DIVERT, "sniff_bytes", &value_size, 64, 65536, "64k", DIVERT(sniff_bytes), 0, 0, NULL },
	{ SECTION_DIVERT, "silent", &value_target, 0, 0, "reject", DIVERT(silent), 0, 0, NULL },
	{ SECTION_DIVERT, "unknown", &value_target, 0, 0, "reject", DIVERT(unknown), DIVERT(unknown_udp), 0, NULL },
	{ SECTION_DIVERT, "fail", &value_switch, 0, 0, "open", DIVERT(is_fail_closed), 0, 0, open_closed },
	{ SECTION_DIVERT, "force", &value_switch, 0, 0, "no", DIVERT(force), 0, 0, no_yes },
	{ SECTION_DIVERT, "handoff", &value_switch, 0, 0, "auto", DIVERT(handoff), 0, 0, never_auto },

	{ SECTION_ROUTE, "divert", &value_diverts, 0, CONFIG_MOST_DIVERTS, "all", ROUTE(diverts), 0, KEY_LIST, NULL },
	{ SECTION_ROUTE, "protocol", &value_protocols, 0, 128, "any", ROUTE(protocols), 0, KEY_LIST, NULL },
	{ SECTION_ROUTE, "server_name", &value_names, 0, 100000, NULL, ROUTE(server_name), 0, KEY_LIST, NULL },
	{ SECTION_ROUTE, "server_name_file", &value_name_files, 0, 64, NULL, ROUTE(server_name_file), 0, KEY_LIST, NULL },
	{ SECTION_ROUTE, "alpn", &value_alpn, 0, 256, NULL, ROUTE(alpn), 0, KEY_LIST, NULL },
	{ SECTION_ROUTE, "path", &value_paths, 0, 256, NULL, ROUTE(path), 0, KEY_LIST, NULL },
	{ SECTION_ROUTE, "method", &value_methods, 0, 64, NULL, ROUTE(method), 0, KEY_LIST, NULL },
	{ SECTION_ROUTE, "wireguard_key", &value_wireguard_keys, 0, CONFIG_MOST_WIREGUARD_KEYS, NULL, ROUTE(wireguard_key), 0, KEY_LIST, NULL },
	{ SECTION_ROUTE, "from", &value_prefixes, 0, 4096, "any", ROUTE(from), 0, KEY_LIST, NULL },
	{ SECTION_ROUTE, "to", &value_prefixes, 0, 4096, "any", ROUTE(to), 0, KEY_LIST, NULL },
	{ SECTION_ROUTE, "when", &value_when, 0, 64, NULL, ROUTE(when), 0, KEY_SENTENCES, NULL },
	{ SECTION_ROUTE, "backend", &value_target, 0, 0, NULL, ROUTE(target), 0, KEY_REQUIRED, NULL },

	{ SECTION_BACKEND, "server", &value_servers, 0, CONFIG_MOST_SERVERS, NULL, BACKEND(servers), BACKEND(server_count), KEY_LIST | KEY_REQUIRED, NULL },
	{ SECTION_BACKEND, "source", &value_switch, 0, 0, "client", BACKEND(is_source_router), 0, 0, client_router },
	{ SECTION_BACKEND, "connect_timeout", &value_ms, 100, 10 * MINUTES, "3s", BACKEND(connect_timeout_ms), 0, 0, NULL },
	{ SECTION_BACKEND, "retries", &value_number, 0, CONFIG_MOST_SERVERS, "2", BACKEND(retries), 0, 0, NULL },
	{ SECTION_BACKEND, "idle", &value_idle, 0, 720 * HOURS, "1h", BACKEND(idle_ms), BACKEND(idle_udp_ms), 0, NULL },
	{ SECTION_BACKEND, "handoff", &value_switch, 0, 0, "auto", BACKEND(handoff), 0, 0, never_auto },

	{ SECTION_PROBE, "transport", &value_switch, 0, 0, "tcp", PROBE(is_udp), 0, 0, tcp_udp },
	{ SECTION_PROBE, "bytes", &value_bytes, 0, 64, NULL, PROBE(items), 0, KEY_LIST, NULL },
	{ SECTION_PROBE, "regex", &value_bytes_regex, 0, 0, NULL, PROBE(regex), 0, 0, NULL },
	{ SECTION_PROBE, "exec", &value_command, 0, 1024, NULL, PROBE(exec), 0, 0, NULL },
	{ SECTION_PROBE, "exec_user", &value_account, 0, 0, "nobody", PROBE(exec_user), 0, 0, NULL },
	{ SECTION_PROBE, "plugin", &value_plugin, 0, 4095, NULL, PROBE(plugin), 0, 0, NULL },
	{ SECTION_PROBE, "priority", &value_number, 0, 1000000, "0", PROBE(priority), 0, 0, NULL },
	{ SECTION_PROBE, "before", &value_switch, 0, 0, "no", PROBE(is_before), 0, 0, no_yes },
};
/* clang-format on */

const struct section_type *section_type_at(enum section_kind kind)
{
	return &section_table[kind];
}

const struct config_key *config_keys_at(size_t i)
{
	return i < sizeof key_table / sizeof *key_table ? &key_table[i] : NULL;
}

const struct config_key *config_keys_find(enum section_kind kind, const char *name)
{
	const struct config_key *key;

	for (size_t i = 0; (key = config_keys_at(i)) != NULL; i++) {
		if (key->section == kind && strcmp(key->name, name) == 0)
			return key;
	}
	return NULL;
}
