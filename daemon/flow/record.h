#ifndef SHUNT_FLOW_RECORD_H
#define SHUNT_FLOW_RECORD_H

#include "base/addr.h"

enum {
	RECORD_SECTION_BYTES = 64, /* a section's name and its NUL */
	RECORD_PROTO_BYTES = 16,
	RECORD_NAME_BYTES = 254,
	RECORD_ALPN_BYTES = 64, /* as much of the offer as a log line shows */
};

/* Why a flow ended: the log field `why`, the metric's label and the tests' oracle. */
/* clang-format off */
#define FLOW_WHYS(X)                                                                               \
	X(closed) X(reset_client) X(reset_server) X(idle) X(no_data) X(rejected) X(dropped)        \
	X(no_server) X(no_family) X(connect_refused) X(connect_timeout) X(limit) X(memory)         \
	X(no_spawner) X(exec_failed) X(pass_failed) X(drained) X(server_down) X(stopped) X(lost)
/* clang-format on */
#define X(name) FLOW_WHY_##name,
enum flow_why { FLOW_WHYS(X) FLOW_WHY_COUNT };
#undef X
const char *flow_why_text(enum flow_why why);

/* How a flow is, or was last, carried: the log field `how`. */
#define FLOW_HOWS(X) X(none) X(copy) X(splice) X(handoff) X(exec) X(pass)
#define X(name)      FLOW_HOW_##name,
enum flow_how { FLOW_HOWS(X) FLOW_HOW_COUNT };
#undef X
const char *flow_how_text(enum flow_how how);

/* Whose address the backend sees: the log field `source`. */
#define FLOW_SOURCES(X) X(client) X(address) X(router)
#define X(name)         FLOW_SOURCE_##name,
enum flow_source { FLOW_SOURCES(X) FLOW_SOURCE_COUNT };
#undef X
const char *flow_source_text(enum flow_source source);

/* The word for enum question_transport: the log field `transport`. */
const char *flow_transport_text(uint8_t transport);

/* One flow as it is logged and listed. Every text is NUL-terminated and holds only what a log may hold. */
struct flow_record {
	uint64_t id;
	uint64_t age_ms;
	uint64_t in_bytes;  /* client to server */
	uint64_t out_bytes; /* server to client */
	struct addr client;
	struct addr to;     /* original destination */
	struct addr server; /* family 0: none was tried */
	uint8_t transport;  /* enum question_transport */
	uint8_t how;        /* enum flow_how */
	uint8_t source;     /* enum flow_source */
	uint8_t why;        /* enum flow_why; only for a flow that ended */
	char divert[RECORD_SECTION_BYTES];
	char route[RECORD_SECTION_BYTES]; /* also "silent" and "unknown"; "-" before the decision */
	char backend
		[RECORD_SECTION_BYTES]; /* or "reject", "drop", "original"; "-" before the decision */
	char proto[RECORD_PROTO_BYTES]; /* "-" when none was recognised */
	char name[RECORD_NAME_BYTES];   /* "-" when none was sent */
	char alpn[RECORD_ALPN_BYTES];   /* "-", or names joined by commas */
};

enum {
	RECORD_LINE_BYTES = 1024, /* longest text line of a flow, and its NUL */
};

/*
 * Make a record that came over a socket fit to be shown: every text ends in a NUL, is never empty
 * ("-" instead) and holds only [a-z0-9._:-] (sections also [A-Z], alpn also commas); any other
 * character becomes '-'; an address of an unknown family is none. Enums out of range stay: the
 * text functions say "-" for them.
 */
void flow_record_clean(struct flow_record *r);

/* The log line of an ended flow, without newline: `flow id=1 divert=web ...`; json: one JSON object
 * with the same names, numbers as numbers. Missing things are "-". What is logged is cleaned.
 * Writes at most RECORD_LINE_BYTES and returns line. */
const char *flow_record_line(const struct flow_record *r, bool json,
			     char line[static RECORD_LINE_BYTES]);

#endif
