#ifndef SHUNT_SNIFF_EXPLAIN_H
#define SHUNT_SNIFF_EXPLAIN_H

#include "policy/route.h"
#include "sniff/replay.h"

/*
 * Why a flow went where it went. Nothing is decided here: recognisers, keys and
 * ranks are asked one by one by the functions that judge live flows. It may
 * allocate, so it never runs in a sniffer.
 */

/* The keys of a route that a flow may fail. */
enum explain_key {
	EXPLAIN_PROTOCOL,
	EXPLAIN_SERVER_NAME,
	EXPLAIN_ALPN,
	EXPLAIN_PATH,
	EXPLAIN_METHOD,
	EXPLAIN_WIREGUARD_KEY,
	EXPLAIN_FROM,
	EXPLAIN_TO,
	EXPLAIN_WHEN,
	EXPLAIN_KEYS
};
const char *explain_key_text(enum explain_key key);

/* How a route stands to the name, the better the higher: the first clause of "which route wins". */
enum explain_name {
	EXPLAIN_NAME_OTHER,    /* it wants another one */
	EXPLAIN_NAME_NOT,      /* it does not ask for one */
	EXPLAIN_NAME_REGEX,    /* the first in the file is the best, whatever else they have */
	EXPLAIN_NAME_WILDCARD, /* the longer its text the better */
	EXPLAIN_NAME_EXACT,    /* also: `none`, and none was sent */
};

/* What decided between two routes. */
enum explain_clause {
	EXPLAIN_ALONE, /* nothing had to be decided */
	EXPLAIN_BY_NAME,
	EXPLAIN_BY_PROTOCOL,
	EXPLAIN_BY_KEYS,
	EXPLAIN_BY_FROM,
	EXPLAIN_BY_TO,
	EXPLAIN_BY_PATH,
	EXPLAIN_BY_ORDER,
};

/* "name", "protocol", "keys", "from", "to", "path" or "order"; NULL for EXPLAIN_ALONE. */
const char *explain_clause_text(enum explain_clause clause);

/* Its number under "which route wins" in shunt.conf(5); 0 for EXPLAIN_ALONE. */
unsigned explain_clause_number(enum explain_clause clause);

struct explain_route {
	unsigned route;   /* index into config.routes */
	unsigned misfits; /* one bit per enum explain_key; 0: it fits */
	enum explain_name name;
	const char *item; /* of its names, the best that fits, borrowed; NULL: there is none */
	struct route_rank rank;     /* when it fits */
	enum explain_clause behind; /* when it fits: by what it lost to the one ahead of it */
};

struct explain_proto {
	enum wire_verdict verdict;
	bool counts;        /* a route of the divert needs its word */
	bool is_sure;       /* WIRE_MORE: see wire_hints */
	size_t wanted;      /* WIRE_MORE: bytes, or datagrams, in all */
	size_t settled_at;  /* WIRE_YES, WIRE_NO: the fewest of them with which it says so */
	size_t sure_at;     /* the fewest with which it was certain of the protocol; 0: it is not */
	bool by_first_byte; /* WIRE_NO: it was not even asked, for the first byte of all */
};

struct explanation {
	struct explain_proto protos[WIRE_IDS + CONFIG_MOST_PROBES]; /* by id; all zero where the
								     * transport is not its own */
	struct explain_route
		*routes; /* of this divert: those that fit, the best first; the others */
	size_t route_count;
	size_t fits;       /* how many of them fit */
	size_t decided_at; /* the fewest first bytes, or datagrams, with which the flow is decided;
			    * 0: it is not */
};

/*
 * Explain a flow that was told and ended. The replay and what it
 * borrows must outlive the explanation. For a flow without a byte no route is
 * looked at. 0, and explain_done() is due; or -ENOMEM.
 */
int explain_flow(struct explanation *out, const struct replay *r);
void explain_done(struct explanation *e);

#endif
