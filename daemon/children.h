#ifndef SHUNT_CHILDREN_H
#define SHUNT_CHILDREN_H

#include <sys/queue.h>

#include "base/fault.h"
#include "carrier.h"
#include "child.h"
#include "firewall.h"
#include "sniff/judge.h"

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

struct carrier_child {
	struct child child;
	struct child sniffers[ASKER_MOST_LINKS];
	struct children *all;
	struct watch channel; /* fd -1: no carrier */
	struct counters *counters;
	struct tcp_listener *listeners; /* fds stay open over all of its lives */
	size_t listener_count;
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
	void (*listed)(struct children *c, int file,
		       uint64_t count); /* one carrier's flows; -1: none */
};

struct children {
	struct loop *loop;
	const struct config *config;
	struct judge judge;
	const struct children_owner *owner;
	struct sandbox_user user;
	struct carrier_child *carriers;
	unsigned carrier_count;
	unsigned sniffer_count; /* of each carrier */
	unsigned births;        /* numbers the carriers' lives */
	LIST_HEAD(, retired_child) retired;
	struct counters *past; /* of carriers that are gone; NULL as long as there are none */
	struct firewall_ports *ports;
	uint64_t listening; /* one bit per divert */
	int table_fd;
	struct timer tick;
	uint64_t ticked_ms;
	struct timer deadline; /* of children_stop() */
	bool is_ready;
	bool is_stopping;
	uint64_t restarts;
};

/* Open the listeners of every divert, for as many carriers as the configuration says. Zeroed *c;
 * ended by children_done(). 0, or -errno with a fault. */
int children_init(struct children *c, struct loop *loop, const struct judge *judge,
		  const struct children_owner *owner, struct fault *fault);

/* Start them all. 0, or -errno with a fault. */
int children_start(struct children *c, struct fault *fault);

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

/* End them: flows end with why=stopped; who does not obey within three seconds is killed. */
void children_stop(struct children *c);

/* Kill what is left, close, free. */
void children_done(struct children *c);

#endif
