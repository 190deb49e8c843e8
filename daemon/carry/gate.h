#ifndef SHUNT_CARRY_GATE_H
#define SHUNT_CARRY_GATE_H

#include <sys/queue.h>

#include "carry/handoff_route.h"
#include "carry/next.h"
#include "flow/channel.h"
#include "flow/handed_share.h"
#include "flow/known.h"
#include "flow/place_map.h"
#include "flow/table.h"
#include "kernel/conntrack.h"
#include "kernel/inject.h"
#include "kernel/splice_pipe.h"
#include "loop/loop.h"

struct tcp_listener;
struct tcp_session;
struct udp;

enum {
	GATE_BUFFER_BYTES = 256 * 1024, /* one for the whole carrier: all that is copied */
	GATE_MOST_PIPES = 64,           /* lent to busy directions; more of them are copied */
	/* channel, shunt-spawn, epoll, log, packet socket, seven for handing over, and some to spare */
	GATE_SPARE_FDS = 16,
	GATE_FLOW_BYTES = 16 * 1024, /* kernel memory of a relayed flow with small buffers */
};

/* What is known of a server beside the table. */
struct gate_server {
	uint64_t gone_ms;     /* since when the current table lacks it; 0: it does not */
	uint64_t answered_ms; /* a relayed flow of datagrams was last answered by it; 0: none */
};

/* A table and who uses it: sessions keep the one they began with through a reload. */
struct gate_table {
	LIST_ENTRY(gate_table) entry; /* in gate.tables */
	const struct table *t;
	struct addr *sorted;         /* its servers, for drain_look() */
	struct gate_server *servers; /* as many as the table has */
	uint8_t *noted; /* by backend, and one more for none: bits of what the keeper was told */
	unsigned users;
};

/* How relayed bytes are moved. */
enum gate_relay { GATE_RELAY_AUTO, GATE_RELAY_COPY, GATE_RELAY_SPLICE };

/* How many flows come: whether the carrier should gather work. */
struct gate_rush {
	uint64_t since_ms; /* when counting began */
	unsigned count;    /* accepted since */
	bool is_on;        /* it gathers */
};

/* What it takes to give flows to the kernel: carry/handoff.h. */
struct handoff {
	struct netlink ct;
	struct netlink route;
	struct handoff_routes routes;
	struct inject inject;
	struct handed_share *share; /* with the other carriers; NULL: conntrack is asked instead */
	uint32_t timeout_s;         /* of an established connection, as the box has it */
	uint32_t timeout_udp_s;     /* of a flow of datagrams, likewise */
	uint32_t timeout_unanswered_s; /* of one that nobody answered yet */
	struct watch errors; /* ICMP errors to be mended: carry/mend.h; fd -1: nobody shows any */
	struct netlink errors_from;
	uint32_t first_look_ms;
	unsigned watched;      /* flows: carry/handoff_stamps.h */
	unsigned most_watched; /* two descriptors each */
	int forwards[2]; /* files that say whether the box forwards IPv4, IPv6; -1: it does not */
	uint64_t forwards_ms[2];  /* when they were read last */
	bool is_forwarded[2];     /* what they said */
	uint16_t most_segment[2]; /* that servers are told when we ask for nothing: IPv4, IPv6 */
	uint8_t scale;            /* of windows that we offer when we ask for nothing */
	bool is_there;
};

/* What all flows of one carrier share. Owned by the carrier process. */
struct gate {
	struct loop *loop;
	struct counters *counters;
	struct gate_table *table;       /* the current one */
	LIST_HEAD(, gate_table) tables; /* all that are in use */
	struct next next;               /* the configuration to come */
	const struct place_map *places;
	struct timer drain;
	struct asker asker;
	struct exec exec;
	struct splice_pool pool;
	uint8_t *buffer; /* GATE_BUFFER_BYTES */
	LIST_HEAD(, tcp_listener) listeners;
	LIST_HEAD(, tcp_session) sessions;
	TAILQ_HEAD(, tcp_session) mute; /* dropped ones that are kept silent, oldest first */
	struct udp *udp;                /* NULL: no divert has a UDP port */
	size_t held_bytes;              /* read and not yet written, of all flows */
	unsigned session_count;
	unsigned most_sessions;
	unsigned most_fds; /* that this process may have */
	unsigned sniffers; /* that belong to a configuration; while it is changed, of two */
	uint64_t next_id;
	int evict_fd; /* kernel/evict.h; -1: not to be had */
	enum gate_relay relay;
	bool is_parked;   /* listeners are not watched: no descriptor or no place left */
	bool is_retiring; /* listeners are gone for good */
	struct timer unpark;
	struct timer leave; /* the end of listeners whose divert is gone */
	struct gate_rush rush;
	struct handoff handoff;
	struct known_table known;        /* with the other carriers */
	void (*emptied)(struct gate *g); /* called when is_retiring and the last flow ended */
	/* NULL, or called when sniffer `index` has answered, every ASKER_TELL_MS at most */
	void (*heard)(struct gate *g, unsigned index);
	/* NULL, or tells the keeper: gate_note() */
	void (*note)(struct gate *g, enum channel_note note, unsigned backend);
	/* NULL, or tells the keeper of a flow that the kernel has now */
	void (*handed)(struct gate *g, const struct flow_record *flow);
	/* NULL, or tells it of one that is over: its entry was in the way, and is gone */
	void (*replaced)(struct gate *g, const struct conntrack_entry *entry);
};

/* 0 or -errno; gate_done() ends all. number: of this carrier. The first table: next_switch(). */
int gate_init(struct gate *g, struct loop *loop, struct counters *counters, unsigned number);
void gate_done(struct gate *g);

/* Set most_sessions by the table, the descriptors, and those that are not for flows. */
void gate_limit(struct gate *g);

/* Where addresses are, from now on. fd is closed. 0 or -errno (then it is as before). */
int gate_set_places(struct gate *g, int fd);

/* A flow has ended: listeners may have a place again; a retired carrier, nothing to do any more. */
void gate_left(struct gate *g);

/* Has a retired carrier nothing to do any more? */
bool gate_is_empty(const struct gate *g);

/* Have the keeper say something of a backend of that table, or of none (TABLE_NONE), once. */
void gate_note(struct gate *g, struct gate_table *t, enum channel_note note, unsigned backend);

/* Map a sealed table, which is then held once. fd is closed. 0 or -errno. */
int gate_table_map(struct gate_table **out, struct gate *g, int fd);

struct gate_table *gate_table_hold(struct gate_table *t);
void gate_table_drop(struct gate_table *t);

/* The order of gate_table.sorted: of struct addr. */
int gate_compare_servers(const void *a, const void *b);

#endif
