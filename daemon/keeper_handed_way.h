#ifndef SHUNT_KEEPER_HANDED_WAY_H
#define SHUNT_KEEPER_HANDED_WAY_H

#include "flow/handed.h"
#include "kernel/conntrack.h"
#include "loop/loop.h"
#include "nft/flows.h"

/* The keeper's part in flow/handed_way.h: does this box let through what was handed over? */
struct keeper;
struct keeper_look;

enum {
	KEEPER_WAYS_TRIALS = 32, /* at once */
};

/* What is remembered of a way. */
struct keeper_way {
	uint32_t passed_s; /* a flow was last seen to pass */
	uint8_t fails;     /* flows since then that did not */
	bool is_left;      /* is tried, but there is no flow */
};

/* The first flow of a way. */
struct keeper_trial {
	struct flows_pair pair;
	uint8_t transport;
	uint64_t since_ms;
	uint64_t stuck_ms; /* since when some side comes in and does not leave; 0: it does */
	unsigned way;
};

struct keeper_ways {
	struct keeper_way *at; /* as in struct handed_share */
	struct keeper_trial trials[KEEPER_WAYS_TRIALS];
	unsigned trial_count;
	struct timer timer;   /* of trials */
	uint64_t retry_at_ms; /* not before, closed ways are tried again */
	uint32_t retry_pause_ms;
	bool must_retry; /* at that time */
};

/* 0 or -ENOMEM; zeroed is fine to be done. */
int keeper_ways_new(struct keeper_ways *w);
void keeper_ways_done(struct keeper_ways *w);

/* A carrier told of this flow. */
void keeper_handed_way_told(struct keeper *k, const struct handed_flow *f);

/* Its entry was seen, after one with these counts of packets: it comes in and does not leave? */
bool keeper_handed_way_blocks(struct keeper_look *l, struct handed_flow *f,
			      const struct conntrack_entry *e, const uint32_t before[2]);

/* At each look; after a reload; how many are closed. */
void keeper_handed_ways_look(struct keeper *k);
void keeper_handed_ways_changed(struct keeper *k);
unsigned keeper_handed_ways_closed(const struct keeper *k);

#endif
