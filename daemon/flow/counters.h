#ifndef SHUNT_FLOW_COUNTERS_H
#define SHUNT_FLOW_COUNTERS_H

#include "flow/record.h"

/* Why the client's address and port could not both be kept, or a limit refused a flow. */
#define FLOW_FALLBACKS(X)                                                                          \
	X(port_taken)                                                                              \
	X(address_taken)                                                                           \
	X(same_host)                                                                               \
	X(same_link)                                                                               \
	X(timestamps)                                                                              \
	X(sack)                                                                                    \
	X(scale)                                                                                   \
	X(ecn)                                                                                     \
	X(mss)                                                                                     \
	X(source) X(syn_cookie) X(urgent) X(forwarding) X(firewall) X(route) X(entry) X(kernel)
#define X(name) FLOW_FALLBACK_##name,
enum flow_fallback { FLOW_FALLBACKS(X) FLOW_FALLBACK_COUNT };
#undef X
const char *flow_fallback_text(enum flow_fallback fallback);

/* Twice what a configuration may hold: flows of the one before count on (flow/ledger.h). */
enum {
	COUNTERS_DIVERTS = 128,
	COUNTERS_ROUTES = 8192,
	COUNTERS_SERVERS = 8192, /* all backends together */
	COUNTERS_PROBES = 64,    /* programs */
};

/*
 * What one carrier counts. It lives in a sealed memory file which the carrier
 * alone writes and everybody else maps read-only; sums are made by the reader.
 * Diverts, routes and servers are numbered by the keeper (flow/ledger.h).
 * Counts only grow, but for the `active` ones. Read without locks: each is one
 * aligned 64-bit word.
 */
struct counters {
	uint64_t flows_active;
	uint64_t flows_total;
	uint64_t undecided; /* active, no decision yet */
	uint64_t in_bytes;  /* of ended flows and of those alive, as far as counted */
	uint64_t out_bytes;
	uint64_t whys[FLOW_WHY_COUNT];
	uint64_t hows[FLOW_HOW_COUNT]; /* of ended flows */
	uint64_t fallbacks[FLOW_FALLBACK_COUNT];
	uint64_t handed_over; /* flows */
	uint64_t mended;      /* ICMP errors: carry/mend.h */
	uint64_t clock_jumps; /* of timestamps: carry/handoff_stamps.h */
	uint64_t parked; /* times the listeners were parked for want of descriptors or places */
	uint64_t sniffer_losses;
	uint64_t regex_cut;          /* times a regex was given up at a limit */
	uint64_t udp_undecided;      /* flows, now */
	uint64_t udp_held;           /* bytes of their datagrams, now */
	uint64_t most_udp_undecided; /* the limits of this carrier */
	uint64_t most_udp_held;
	uint64_t udp_evicted;   /* undecided flows that gave way to others */
	uint64_t udp_lost;      /* datagrams that had no place, or could not be sent */
	uint64_t udp_unlogged;  /* flows that ended without a line: too many of strangers did */
	uint64_t udp_refused;   /* ICMP messages that told clients so */
	uint64_t udp_unrefused; /* those that were one too many */
	uint64_t udp_learned;   /* identifiers of flows that were remembered: flow/known.h */
	uint64_t udp_found;     /* flows that were led to their server by them */
	uint64_t udp_raw;       /* local addresses that are answered from by a raw socket */
	uint64_t most_flows;    /* the limit of this carrier */
	uint64_t divert_total[COUNTERS_DIVERTS];
	uint64_t divert_active[COUNTERS_DIVERTS];
	uint64_t route_total[COUNTERS_ROUTES];
	uint64_t server_active[COUNTERS_SERVERS];
	uint64_t server_total[COUNTERS_SERVERS];
	uint64_t server_failed[COUNTERS_SERVERS]; /* connects that failed */
	uint64_t probe_asked[COUNTERS_PROBES];
	uint64_t probe_yes[COUNTERS_PROBES];
	uint64_t probe_no[COUNTERS_PROBES];     /* that were said */
	uint64_t probe_failed[COUNTERS_PROBES]; /* for want of an answer */
};

/*
 * Make the memory file of one writer. *fd is for the readers (counters_map()), *mine is mapped
 * writable and shared over fork; afterwards nobody can map it writable again (F_SEAL_FUTURE_WRITE).
 * 0 or -errno.
 */
int counters_new(int *fd, struct counters **mine);

/* Map a writer's file for reading. 0 or -errno. Undone by counters_unmap(). */
int counters_map(int fd, const struct counters **out);

/* The counter at this offset; 0 without counters. */
uint64_t counters_at(const struct counters *c, size_t offset);

void counters_unmap(const struct counters *c);

#endif
