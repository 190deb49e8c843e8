#ifndef SHUNT_FLOW_LEDGER_H
#define SHUNT_FLOW_LEDGER_H

#include "flow/counters.h"

/*
 * Which counter belongs to which name. Counters are numbered, and a number must
 * mean the same before and after a reload: carriers go on counting into it, for
 * flows of the former configuration too. So the keeper gives a number to each
 * divert, route and server (backend and address) when it first appears, and the
 * name keeps it, also while a configuration does without. Only when all numbers
 * are given, one that is out of use goes to another name; what was counted under
 * it until then is remembered, and taken off.
 */
enum ledger_book { LEDGER_DIVERTS, LEDGER_ROUTES, LEDGER_SERVERS, LEDGER_PROBES, LEDGER_BOOKS };

/* What had been counted under a number before it came to its present name. */
struct ledger_base {
	uint64_t total;
	uint64_t failed; /* of servers and probes */
	uint64_t yes;    /* of probes, */
	uint64_t no;     /* likewise */
};

struct ledger;

/* The sum over all writers of the counter at this offset in struct counters. */
struct ledger_reader {
	uint64_t (*sum)(void *arg, size_t offset);
	void *arg;
};

/* 0 or -ENOMEM; NULL is fine to free. */
int ledger_new(struct ledger **out);
void ledger_free(struct ledger *l);

/*
 * The number of a name, for the configuration `next` (they are numbered, later
 * ones higher) while `now` is in force: what either of them uses goes to no other
 * name, nor does the number of a server that still has flows. -ENOSPC when none
 * is left, -ENOMEM.
 */
int ledger_number(struct ledger *l, enum ledger_book book, const char *name, uint64_t now,
		  uint64_t next, const struct ledger_reader *reader);

/* The number that a name has, or -ENOENT. */
int ledger_find(const struct ledger *l, enum ledger_book book, const char *name);

/* What to take off the sums of this number. */
struct ledger_base ledger_base(const struct ledger *l, enum ledger_book book, unsigned number);

/* The numbers of one configuration's diverts, routes, servers and probes, each in their order there. */
struct ledger_numbers {
	uint16_t *diverts;
	uint16_t *routes;
	uint16_t *servers;
	uint16_t *probes;
};

#endif
