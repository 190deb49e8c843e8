#ifndef SHUNT_CHILDREN_H
#define SHUNT_CHILDREN_H

#include <sys/queue.h>

#include "base/fault.h"
#include "carrier.h"
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
	CHILDREN_HANG_MS = 5000, /* a child that answers no ping for so long is killed */
};

struct child {
	pid_t pid; /* 0: none just now */
	uint64_t started_ms;
	uint64_t heard_ms; /* last answer */
	uint64_t restarts;
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
	uint32_t alive_sniffers; /* bits of the last pong */
	bool is_listing;         /* asked for its flows, has not answered */
	int list_file;
};

/* A carrier that only finishes its flows. */
struct retired_child {
	LIST_ENTRY(retired_child) entry;
	pid_t pid;
	int channel; /* only to tell it to stop */
	struct counters *counters;
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
int children_init(struct children *c, struct loop *loop, const struct config *config,
		  const struct route_index *index, const struct children_owner *owner,
		  struct fault *fault);

/* Start them all. 0, or -errno with a fault. */
int children_start(struct children *c, struct fault *fault);

/* SIGCHLD: find out who ended or stopped, and replace them. */
void children_reap(struct children *c);

/* Does every carrier and sniffer answer? */
bool children_are_alive(const struct children *c);

/* Ask all carriers for their flows; owner.listed is called once for each. How many were asked, or -errno. */
int children_list(struct children *c);

/* End them: flows end with why=stopped; who does not obey within three seconds is killed. */
void children_stop(struct children *c);

/* Kill what is left, close, free. */
void children_done(struct children *c);

#endif
