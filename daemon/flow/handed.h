#ifndef SHUNT_FLOW_HANDED_H
#define SHUNT_FLOW_HANDED_H

#include "flow/record.h"

/*
 * The flows that the kernel carries, as the keeper remembers them: one small
 * object each, found by transport, client and original destination. They are kept by the
 * hundred thousand, so addresses and texts are packed behind the fixed part, and
 * nothing is an index into a configuration, which a reload changes.
 *
 * Times are those of clock_ms(), in ms, or in s where the name says so.
 */
enum {
	HANDED_MOST = 262144, /* flows; conntrack's own limit is mostly the same */
	HANDED_NO_NUMBER = 0xffff,
	/* packets that its carrier shows conntrack at the handover of a TCP flow: carry/handoff_show.h */
	HANDED_SHOWN_CLIENT = 2,
	HANDED_SHOWN_SERVER = 1,
};

struct handed_flow {
	struct handed_flow *next; /* in its bucket: the table's */
	uint64_t id;
	uint64_t since_ms;      /* it began, or, where nobody knows, was found */
	uint64_t moved_ms;      /* something of it passed last, as far as looks tell */
	uint64_t relayed[2];    /* bytes before it was handed over: client to server, and back */
	uint64_t counted[2];    /* bytes since then, at the last look */
	uint32_t packets[2];    /* the same of packets, modulo 2^32; HANDED_SHOWN_* at first */
	uint32_t expires_s;     /* when the kernel would forget it, as it stood at the last look */
	uint32_t gone_s;        /* since when no backend has its server; 0: one has */
	uint16_t divert;        /* numbers of its counters (flow/ledger.h), or HANDED_NO_NUMBER */
	uint16_t server;        /* likewise */
	uint8_t state;          /* of its entry at the last look, as the keeper has it */
	uint8_t is_found : 1;   /* by a look: no carrier has told of it */
	uint8_t was_met : 1;    /* by the present look */
	uint8_t is_listed : 1;  /* its entry was seen once */
	uint8_t has_passed : 1; /* packets of both sides were seen to leave the box */
	uint8_t is_stuck : 1;   /* some came at the last look, and none was */
	uint8_t is_udp : 1;
	uint8_t source; /* enum flow_source */
	uint8_t family; /* of all three addresses, but that of a server that is none */
	uint8_t has_server;
	uint16_t ports[3]; /* client, to, server */
	uint8_t packed[];  /* the three addresses, then six texts, each with its NUL */
};

struct handed;

/* An empty table. seed: makes places in it unpredictable to strangers. 0 or -ENOMEM. */
int handed_new(struct handed **out, uint64_t seed);

/* With all that is in it. NULL is fine. */
void handed_free(struct handed *h);

size_t handed_count(const struct handed *h);

/* The flow of this transport (IPPROTO_TCP or IPPROTO_UDP) between these two, or NULL. */
struct handed_flow *handed_find(const struct handed *h, uint8_t transport,
				const struct addr *client, const struct addr *to);

/*
 * Remember a flow by its record, which is cleaned and not believed. since_ms and
 * moved_ms are set from now_ms and the record's age. 0 and *out, which is the
 * table's; -EEXIST when there is this one, -EINVAL when the addresses
 * are not of one family, -ENOSPC beyond HANDED_MOST, -ENOMEM.
 */
int handed_add(struct handed *h, const struct flow_record *record, uint64_t now_ms,
	       struct handed_flow **out);

/* What looks saw of `before`, which is the same flow, they saw of f. */
void handed_go_on(struct handed_flow *f, const struct handed_flow *before);

/* Forget it. */
void handed_remove(struct handed *h, struct handed_flow *f);

/* What is known of it at now_ms, as a record with how=handoff. */
void handed_record(const struct handed_flow *f, uint64_t now_ms, struct flow_record *out);

/* IPPROTO_TCP or IPPROTO_UDP. */
uint8_t handed_transport(const struct handed_flow *f);

/* Its three addresses, and the names of its divert and backend, which are the flow's. */
struct addr handed_client(const struct handed_flow *f);
struct addr handed_to(const struct handed_flow *f);
struct addr handed_server(const struct handed_flow *f);
const char *handed_divert(const struct handed_flow *f);
const char *handed_backend(const struct handed_flow *f);

/* Walk: begin with a zeroed one; NULL at the end. What was given last may be removed meanwhile, nothing
 * else, and nothing may be added. */
struct handed_walk {
	size_t bucket;
	struct handed_flow *next;
};
struct handed_flow *handed_next(const struct handed *h, struct handed_walk *w);

#endif
