#ifndef SHUNT_KEEPER_HANDED_H
#define SHUNT_KEEPER_HANDED_H

#include "base/fault.h"
#include "flow/channel.h"
#include "flow/counters.h"
#include "flow/handed.h"
#include "flow/handed_share.h"
#include "handed_fate.h"
#include "keeper_handed_cut.h"
#include "keeper_handed_way.h"
#include "kernel/netlink.h"
#include "loop/loop.h"

/*
 * The life of a flow after its handover, when only the kernel knows it. Carriers
 * tell of each (CHANNEL_HANDED), and from then on it is the keeper's: in the
 * list of flows, in the counts, and with one line at its end, as if it were
 * carried by us still. A carrier's death does not touch it.
 *
 * The keeper looks at conntrack's entries with our mark by a dump, every
 * LOOK_MS, less often when one takes so much time that it would cost more than
 * some 2 % of a CPU. It does not listen to conntrack's events: as long as
 * anybody does, the kernel makes them for every connection of the box. What an
 * entry tells is in handed_fate.h; what is over is let go a few seconds later, so
 * that client and port are free for another flow; what has vanished has
 * ended as well. What nobody told of is taken up: flows that a former daemon
 * handed over, and those whose message was lost.
 *
 * `idle` and `drain` end flows by taking their entry away; of TCP both ends are told
 * (keeper_handed_cut.h). The kernel itself forgets flows of UDP,
 * some two minutes after their last datagram: where `idle` is longer, it is told so.
 *
 * An orderly stop leaves them all alone.
 */
struct keeper;

enum {
	KEEPER_HANDED_TEXT_BYTES = FAULT_TEXT_BYTES + 64,
	KEEPER_HANDED_TOUCHED = 512, /* told to the kernel at once */
};

struct keeper_handed {
	struct handed *flows;
	struct counters *counters;  /* of these flows alone */
	struct handed_share *share; /* with all carriers */
	int share_file;             /* for them; -1: there is none */
	int known_file;             /* likewise: flow/known.h */
	struct netlink look;        /* for dumps */
	struct netlink act;         /* for the rest, also in the middle of a dump */
	struct timer timer;
	struct conntrack_timeouts timeouts;
	uint64_t looked_ms;         /* the last look began; 0: there was none */
	uint64_t over_ms;           /* it was over */
	uint64_t took_us;           /* of CPU time, the last look */
	uint64_t next_id;           /* of flows that nobody told of */
	size_t crowd;               /* so many flows leave no room for short ones */
	struct addr *servers;       /* of the configuration in force, sorted */
	size_t server_count;        /* of these */
	uint32_t least_idle_ms;     /* the shortest `idle` of any backend; 0: none has any */
	struct flows_pair *touched; /* came or went, which the rules do not know yet */
	size_t touched_count;
	uint64_t writes; /* of the rules, that all flows were told to */
	struct keeper_ways ways;
	struct keeper_cuts cuts;
	bool is_counting; /* conntrack counts packets */
	bool is_open;
	bool is_unlooked; /* a look failed, which was said */
	bool is_full;     /* HANDED_MOST was reached, which was said */
};

/* Whether flows are handed over, for `status`: "available", or why not, perhaps with the remedy. */
void keeper_handed_state(const struct keeper *k, char text[static KEEPER_HANDED_TEXT_BYTES]);

/* Memory for it, before any carrier is born; what is known of flows of datagrams is kept beside the
 * control socket. 0 or -errno. */
int keeper_handed_new(struct keeper_handed *h, const char *control);

/* Tables are there, carriers answer: take up what a former daemon left, and look after it from now on. */
void keeper_handed_open(struct keeper *k);

/* A carrier says that it handed this flow over. */
void keeper_handed_take(struct keeper *k, const struct flow_record *told);

/* It took this entry away, which was in the way of another flow. */
void keeper_handed_replaced(struct keeper *k, const struct channel_entry *said);

/* Another configuration is in force. */
void keeper_handed_changed(struct keeper *k);

/* Tell the rules which flows there are, what they do not know: after they were written, and at each look. */
void keeper_handed_tell(struct keeper *k);

/* Look at once, unless that was done just now. */
void keeper_handed_refresh(struct keeper *k);

/* Look no more. The flows go on. */
void keeper_handed_close(struct keeper *k);

/* Free the rest. Zeroed is fine. */
void keeper_handed_done(struct keeper_handed *h);

/* --- for the files keeper_handed*.c alone --- */

/* A look: at all entries, or at one. */
struct keeper_look {
	struct keeper *k;
	struct handed_look at;
};

struct keeper_look keeper_handed_now(struct keeper *k);
void keeper_handed_look(struct keeper *k);

/* A flow is new here. NULL: it cannot be remembered, which was said. */
struct handed_flow *keeper_handed_begin(struct keeper_look *l, const struct flow_record *r);

/* Its entry was seen; it is gone. True: the flow has ended with that, and is forgotten. */
bool keeper_handed_seen(struct keeper_look *l, struct handed_flow *f,
			const struct conntrack_entry *e);
void keeper_handed_gone(struct keeper_look *l, struct handed_flow *f);

/* Have the next keeper_handed_tell() tell the rules whether there is such a flow: one of TCP. */
void keeper_handed_touch(struct keeper *k, const struct handed_flow *f);

/* Take its entry away, which ends it; keeper_cuts_tell() is to follow. */
void keeper_handed_cut(struct keeper_look *l, struct handed_flow *f,
		       const struct conntrack_entry *e, enum flow_why why);

/* Say and count its end, and forget it. */
void keeper_handed_end(struct keeper *k, struct handed_flow *f, const struct handed_fate *fate);

/* Tell carriers whether short flows have room. */
void keeper_handed_crowd(struct keeper *k);

/* Forget a flow without a word: it goes on under another name. */
void keeper_handed_forget(struct keeper *k, struct handed_flow *f);

/* What `idle` and `drain` say of this flow, which lives: FLOW_WHY_idle, FLOW_WHY_drained, or -1. */
int keeper_handed_due(struct keeper *k, const struct handed_flow *f, uint64_t now_ms);

/* `idle` of its backend; 0: never. */
uint32_t keeper_handed_idle_ms(const struct keeper *k, const struct handed_flow *f);

/* Where the servers of the configuration in force are, and its shortest `idle`. */
void keeper_handed_learn(struct keeper *k);

#endif
