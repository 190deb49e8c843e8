#ifndef SHUNT_FLOW_TABLE_H
#define SHUNT_FLOW_TABLE_H

#include "base/mark.h"
#include "flow/counters.h"

/*
 * All that a carrier knows of the configuration: no route, no name to match,
 * only where each divert may lead and which servers there are. The keeper
 * builds it in a memory file, seals that, and passes it over; the carrier maps
 * it read-only and lives through any number of them.
 */
enum {
	TABLE_MOST_DIVERTS = 64,
	TABLE_MOST_BACKENDS = 1024,
	TABLE_MOST_PROBES = 32, /* one bit each in struct question */
	TABLE_BACKEND_WORDS = TABLE_MOST_BACKENDS / 64,
	TABLE_NONE = 0xffff,
};

struct table_target {
	uint16_t action;  /* enum answer_action */
	uint16_t backend; /* with ANSWER_BACKEND */
};

struct table_divert {
	char name[RECORD_SECTION_BYTES];
	uint32_t wait_ms;
	uint32_t
		deferred_ms; /* of wait have passed when a client is accepted that has sent nothing */
	uint32_t sniff_bytes;
	struct table_target silent;      /* for a client that sent nothing during wait */
	struct table_target unknown;     /* for what no sniffer could judge: streams, */
	struct table_target unknown_udp; /* and datagrams */
	struct table_target direct;      /* of direct_route */
	struct table_target direct_udp;  /* of direct_udp_route */
	uint16_t direct_route; /* the one that takes every stream, or TABLE_NONE: nobody is asked */
	uint16_t direct_udp_route;         /* likewise of datagrams */
	uint16_t counter;                  /* number of its counters */
	uint8_t handoff;                   /* auto */
	uint8_t may_original;              /* a route, silent or unknown says original */
	uint8_t has_tcp;                   /* there are listeners for it */
	uint8_t has_udp;                   /* likewise */
	uint64_t may[TABLE_BACKEND_WORDS]; /* backends that this divert may lead to */
};

struct table_route {
	char name[RECORD_SECTION_BYTES];
	uint16_t counter;
};

struct table_server {
	struct addr at;
	uint16_t counter;
	uint8_t is_answering; /* on a loopback address: its answers to a client's come back to us */
};

struct table_backend {
	char name[RECORD_SECTION_BYTES];
	uint32_t first_server; /* index into servers */
	uint32_t server_count;
	uint32_t connect_timeout_ms;
	uint32_t retries;
	uint32_t idle_ms;     /* of a connection; 0: never */
	uint32_t idle_udp_ms; /* of a flow of datagrams; 0: never */
	uint8_t is_source_router;
	uint8_t handoff; /* auto */
};

/* In the configuration's order, also those whom the sniffer asks by itself: then `counter` is of no use. */
struct table_probe {
	char name[RECORD_SECTION_BYTES];
	uint16_t counter;
	uint8_t is_exec;
};

/* The header of the memory file; the arrays follow it at these offsets (bytes from its start). */
struct table {
	uint64_t size; /* of the whole file */
	struct marks marks;
	uint32_t divert_count, route_count, backend_count, server_count, probe_count;
	uint32_t diverts_at, routes_at, backends_at, servers_at, probes_at;
	uint32_t exec_count; /* of the probes */
	uint32_t log_flows, log_json, log_level;
	uint32_t most_sessions; /* of one carrier; 0: as many as the descriptors allow */
	uint32_t drain_ms;      /* how long flows to servers that the table lacks may go on */
};

const struct table_divert *table_divert(const struct table *t, unsigned index);
const struct table_route *table_route(const struct table *t, unsigned index);
const struct table_backend *table_backend(const struct table *t, unsigned index);
const struct table_server *table_server(const struct table *t, unsigned index);
const struct table_probe *table_probe(const struct table *t, unsigned index);

/* May this divert lead to that backend? False also for an index out of range. */
bool table_divert_may(const struct table *t, const struct table_divert *d, unsigned backend);

/* Make an empty table with room for so many of each, mapped writable; -errno or 0.
 * Ends in table_seal() or table_unmap(). */
int table_new(struct table **out, int *fd, const struct table *counts);

/* Seal the file against every further write, and drop the writable mapping. 0 or -errno. */
int table_seal(struct table *t, int fd);

/* Map a sealed table read-only and check that its arrays lie inside the file. 0 or -errno. */
int table_map(const struct table **out, int fd);
void table_unmap(const struct table *t);

#endif
