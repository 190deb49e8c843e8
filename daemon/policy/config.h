#ifndef SHUNT_POLICY_CONFIG_H
#define SHUNT_POLICY_CONFIG_H

#include "base/log.h"
#include "base/mark.h"
#include "policy/config_limits.h"
#include "policy/config_notes.h"
#include "policy/list.h"
#include "policy/probe.h"
#include "policy/proto_set.h"
#include "policy/regex.h"
#include "policy/schedule.h"
#include "wire/wireguard.h"

/*
 * The configuration as the rest of the house sees it: checked, complete,
 * defaults filled in, names resolved to indexes. Read by config_read(), which
 * owns it all; never changed afterwards.
 */

enum target_kind { TARGET_REJECT, TARGET_DROP, TARGET_ORIGINAL, TARGET_BACKEND };

/* Where a flow goes: the value of `backend`, `silent` and `unknown`. */
struct target {
	enum target_kind kind;
	uint16_t backend; /* TARGET_BACKEND: index into config.backends */
};

struct config_shunt {
	uint32_t config_version; /* major << 16 | minor; 0: not given */
	char *user;              /* NULL: `shunt`, or `nobody` where there is none */
	unsigned workers;        /* 0: one per CPU */
	unsigned sniffers;       /* per carrier */
	enum log_level log;
	bool log_flows;
	bool log_json;
	char *control; /* path of the control socket */
	char *control_group;
	struct marks mark;
	uint32_t table;           /* routing table of diverted packets */
	uint32_t drain_ms;        /* how long flows to servers that are gone may go on */
	uint32_t max_connections; /* 0: from RLIMIT_NOFILE and memory */
	struct text_list include; /* paths and globs, from where the daemon stands */
};

enum to_kind { TO_LOCAL, TO_TRANSIT, TO_ANY, TO_PREFIXES };

struct divert {
	char name[CONFIG_NAME_BYTES];
	const char *file; /* where it stands: one of config.files */
	int line;
	struct port_list tcp;
	struct port_list udp;
	enum to_kind to_kind;
	struct prefix_list to;           /* TO_PREFIXES: any of these, */
	struct text_list to_interface;   /* or an address of one of these, without their '@' */
	struct text_list interface;      /* empty: any; an item may end in '*' */
	struct prefix_list from;         /* empty: any; also of files: 100,000 and more */
	struct prefix_list from_not;     /* the items with '!', likewise */
	struct text_list from_file;      /* absolute paths */
	struct prefix_list from_own;     /* those of `from` and */
	struct prefix_list from_own_not; /* `from_not` that `from` itself lists */
	uint32_t wait_ms;
	uint32_t sniff_bytes;
	struct target silent;
	struct target unknown;
	struct target unknown_udp; /* the same, but `drop` where the file does not say */
	bool is_fail_closed;
	bool force;
	bool handoff; /* auto; false: never */
};

struct regex_list {
	struct regex **at; /* owned */
	size_t count;
};

struct wireguard_keys {
	struct wireguard_key *at;
	size_t count;
};

struct route {
	char name[CONFIG_NAME_BYTES];
	const char *file; /* where it stands: one of config.files */
	int line;
	uint64_t diverts;           /* one bit per divert it serves */
	unsigned transports;        /* WIRE_TCP, WIRE_UDP: what these take */
	struct proto_set protocols; /* empty: any */
	uint32_t probes_tcp;        /* of these the probes, one bit each, that come by TCP */
	uint32_t probes_udp;        /* and by UDP */
	struct text_list
		server_name; /* exact and wildcard names, lower case, without final dot; also of files */
	size_t file_names;                 /* how many of them, at the end, came of files */
	struct regex_list regex;           /* the regular expressions of server_name */
	bool wants_no_name;                /* server_name = none */
	struct text_list server_name_file; /* absolute paths */
	struct text_list alpn;
	struct text_list path;   /* prefixes of an HTTP/1 request target */
	struct text_list method; /* HTTP/1 methods, as they are sent */
	struct wireguard_keys wireguard_key;
	struct prefix_list from;
	struct prefix_list to;
	struct schedule when; /* empty: always */
	struct target target;
};

struct backend {
	char name[CONFIG_NAME_BYTES];
	const char *file; /* where it stands: one of config.files */
	int line;
	struct addr *servers; /* in file order */
	size_t server_count;
	bool is_source_router; /* source = router */
	uint32_t connect_timeout_ms;
	uint32_t retries;
	uint32_t idle_ms;     /* 0: never */
	uint32_t idle_udp_ms; /* of flows of datagrams, likewise */
	bool handoff;
};

struct config {
	struct text_list files; /* all that were read: this one first, then what it names */
	struct config_shunt shunt;
	struct divert *diverts;
	size_t divert_count;
	struct route *routes;
	size_t route_count;
	size_t regex_count; /* of all routes together */
	size_t wireguard_key_count;
	struct backend *backends;
	size_t backend_count;
	struct probe *probes;
	size_t probe_count;
	uint8_t probe_order[CONFIG_MOST_PROBES]; /* in which they are asked, */
	unsigned probes_before;                  /* so many ahead of the built-in recognisers */
};

/*
 * Read and check a configuration file. Returns 0 and a configuration that the
 * caller frees with config_free(); or -EINVAL (faults are in the notes), or
 * another -errno with one note (cannot be read, no memory). *notes is always
 * set, may hold warnings also on success, and is freed by config_notes_free().
 */
int config_read(struct config **out, const char *path, struct config_notes *notes);

/* NULL is fine. */
void config_free(struct config *config);

#endif
