#ifndef SHUNT_CHILDREN_H
#define SHUNT_CHILDREN_H

#include <sys/queue.h>

#include "base/fault.h"
#include "carrier.h"
#include "child.h"
#include "children_spawn.h"
#include "generation.h"

/*
 * The keeper's children: carriers, each with its sniffers. They are forked, not
 * executed; one that dies, stops or hangs is replaced. A carrier that was only
 * stopped is retired: its replacement takes the listeners over, and it wakes
 * up to finish its flows.
 */
enum {
	CHILDREN_MOST_CARRIERS = CONFIG_MOST_WORKERS,
	CHILDREN_PING_MS = 1000,
};

/* A sniffer that is not asked yet. */
struct children_staged {
	pid_t pid; /* 0: none */
	uint64_t started_ms;
};

struct carrier_child {
	struct child child;
	struct child sniffers[ASKER_MOST_LINKS];
	struct children *all;
	struct watch channel; /* fd -1: no carrier */
	struct counters *counters;
	struct children_staged staged[ASKER_MOST_LINKS]; /* sniffers of children.next */
	pid_t left[ASKER_MOST_LINKS]; /* of the generation before: they end by themselves */
	bool is_staged;               /* children.next is here, and its sniffers answer */
	bool is_switched;             /* children.now is in force here */
	bool has_spawn;               /* a connection to shunt-spawn, as far as is known */
	struct timer restart;
	int list_file; /* it writes its flows there; -1: it was not asked, or has answered */
};

/* A carrier that only finishes its flows. Its sniffers are its own, nobody replaces them. */
struct retired_child {
	LIST_ENTRY(retired_child) entry;
	struct child child;
	struct children *all;
	struct watch channel;
	struct counters *counters;
	int list_file; /* as of the others */
};

/* Calls to the keeper. */
struct children_owner {
	void (*ready)(struct children *c);  /* all answered for the first time */
	void (*failed)(struct children *c); /* one ended before that */
	void (*gone)(struct children *c);   /* after children_stop(): the last one has ended */
	/* children_stage(): all carriers have it, and its sniffers answer; or it cannot be: then
	 * nothing of it is left */
	void (*staged)(struct children *c);
	void (*unstaged)(struct children *c, const struct fault *fault);
	void (*switched)(struct children *c); /* children_switch(): all have changed over */
	void (*listed)(struct children *c, int file,
		       uint64_t count); /* one carrier's flows; -1: none */
	/* a carrier handed a flow to the kernel, or replaced one; nothing in it is to be believed */
	void (*handed)(struct children *c, const struct channel_handed *said);
};

struct children {
	struct loop *loop;
	struct generation *now;  /* in force; owned */
	struct generation *next; /* being staged; the caller's */
	int places_fd;           /* borrowed; see children_places() */
	struct netlink errors;   /* shows ICMP errors to all carriers; borrowed; no socket: none */
	int share;               /* file of struct handed_share, for all carriers; borrowed */
	int known;               /* flow/known.h, likewise; -1: none */
	const struct children_owner *owner;
	struct sandbox_user user;
	struct carrier_child *carriers;
	unsigned carrier_count;
	unsigned sniffer_count; /* of each carrier */
	unsigned births;        /* numbers the carriers' lives */
	LIST_HEAD(, retired_child) retired;
	struct counters *past; /* of carriers that are gone; NULL as long as there are none */
	struct timer change;   /* how long a change may take */
	bool is_switching;
	struct children_spawn spawn;
	struct timer tick;
	uint64_t ticked_ms;
	struct timer deadline; /* of children_stop() */
	bool is_ready;
	bool is_stopping;
	uint64_t restarts;
};

/* Make places for as many carriers as the generation has, which is owned from then on. Zeroed *c;
 * ended by children_done(). 0, or -errno with a fault. */
int children_init(struct children *c, struct loop *loop, struct generation *now,
		  const struct children_owner *owner, struct fault *fault);

/* Start them all. 0, or -errno with a fault. */
int children_start(struct children *c, struct fault *fault);

/* Where addresses are (flow/place_map.h), for all carriers, also those to come, until the next such
 * call. The file is borrowed. To be called before children_start(), too. */
void children_places(struct children *c, int file);

/* SIGCHLD: find out who ended or stopped, and replace them. */
void children_reap(struct children *c);

/* The place of which nothing was heard for longest. */
struct children_quiet {
	const struct child *child;
	unsigned carrier; /* 0, 1, ... */
	int sniffer;      /* 0, 1, ... of that carrier; -1: the carrier itself */
};

/* Since quiet.child->proven_ms every place has answered (child.h); 0: not all of them ever have. */
struct children_quiet children_quietest(const struct children *c);

/* Ask all carriers for their flows, also those that only finish them; owner.listed is called once
 * for each. How many were asked. */
int children_list(struct children *c);

/*
 * A reload. Bring another generation into all carriers, beside the one in force:
 * its table, sniffers of its own, listeners for new diverts. owner.staged or
 * owner.unstaged follows, unless this fails: 0, or -errno with a fault. A carrier
 * that dies meanwhile is replaced, and its successor gets it too.
 */
int children_stage(struct children *c, struct generation *next, struct fault *fault);

/* Take it back; it is the caller's to free. Nothing happens when none is staged. */
void children_unstage(struct children *c);

/* What is staged in all carriers is in force from now on; the one before is freed. owner.switched
 * follows. Cannot fail: a carrier that does not change over is replaced by one that has. */
void children_switch(struct children *c);

/* The sum over all carriers, gone ones too, of the counter at this offset in struct counters. */
uint64_t children_sum(const struct children *c, size_t offset);

/* End them: flows end with why=stopped; who does not obey within three seconds is killed. */
void children_stop(struct children *c);

/* Kill what is left, close, free. */
void children_done(struct children *c);

#endif
