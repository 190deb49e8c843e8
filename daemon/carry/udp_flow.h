#ifndef SHUNT_CARRY_UDP_FLOW_H
#define SHUNT_CARRY_UDP_FLOW_H

#include "carry/gate.h"
#include "carry/udp_table.h"

struct known;
struct udp_held;
struct udp_list;
struct udp_listener;
struct udp_reply;
struct udp_run;

/*
 * One UDP flow: all datagrams between a client and the address and port that it
 * sends to. Until it is decided it is this record and the datagrams that came:
 * no descriptor, and memory that has a bound (udp_hold.h). States only move
 * forward: udp_flow_enter() moves, udp_flow_end() ends, and nothing else does.
 */
enum udp_state {
	UDP_HELD,    /* first datagrams are looked at */
	UDP_RELAYED, /* it has a server, and a socket towards it */
	UDP_HANDED,  /* the kernel carries it: what still comes to us is sent after it */
	UDP_MUTE,    /* dropped: its datagrams are thrown away, logged already */
	UDP_ENDED,   /* freed after this turn */
};

/* Whether a relayed flow is to be handed over: carry/udp_handoff.h. */
enum udp_hand {
	UDP_HAND_MAY, /* at the next moment at which nothing of it is on its way through us */
	UDP_HAND_NEVER,
};

struct udp_flow {
	struct udp_node node;        /* in udp.flows, by from and to; not once it has ended */
	struct udp_node pair;        /* in udp.pairs, by from and its server, when is_pair_held */
	TAILQ_ENTRY(udp_flow) line;  /* in `in` */
	struct udp_list *in;         /* a list of struct udp */
	TAILQ_ENTRY(udp_flow) looks; /* in udp.looks, when is_to_look */
	struct gate *gate;
	struct gate_table *table;
	struct asked asked;
	struct timer timer;
	struct later later;            /* only to be freed */
	struct watch server;           /* the socket towards the server; fd -1: none */
	struct udp_listener *listener; /* where the client's datagrams come in; NULL: `client` */
	struct watch client;           /* a socket for them alone: udp_listen.h; fd -1: none */
	struct udp_reply *reply;       /* what its answers leave by; NULL: there was none yet */
	struct udp_held
		*held; /* datagrams that wait for the decision, and then for an answer: another
				  * server may have to be tried; NULL: none */
	struct known *known; /* whose it may be, while that is asked: udp_ids.h; NULL: nobody's */
	struct addr from;    /* the client */
	struct addr to;      /* original destination */
	uint32_t link_in;    /* interface that the client came in by; 0: not known */
	uint64_t id;
	uint64_t since_ms;
	uint64_t active_ms;   /* last datagram carried */
	uint64_t relayed_ms;  /* when the present server was sent the first one; or handed over */
	uint64_t deadline_ms; /* of this state; the timer may fire earlier and look again */
	uint64_t in_bytes;    /* of datagrams, without headers: client to server */
	uint64_t out_bytes;   /* server to client */
	uint64_t in_count;    /* datagrams */
	uint64_t out_count;
	char *texts;               /* proto, name, alpn, each NUL-terminated; NULL: nothing known */
	uint32_t wanted;           /* of the last `more` */
	uint32_t mark;             /* of what we still send for it after it was handed over */
	uint32_t server_index;     /* into the table; of the present or last attempt */
	struct answer_watch watch; /* which of the server's datagrams tell how it is found again */
	uint16_t divert;
	uint16_t own_port; /* with FLOW_SOURCE_address: the port to use */
	uint16_t route;    /* or ANSWER_ROUTE_*; TABLE_NONE: no decision yet */
	uint16_t backend;
	uint8_t action;     /* enum answer_action; 0: no decision yet */
	uint8_t state;      /* enum udp_state */
	uint8_t how;        /* enum flow_how */
	uint8_t source;     /* enum flow_source */
	uint8_t tries;      /* servers tried */
	uint8_t times_lost; /* sniffers that died over its question */
	uint8_t hand;       /* enum udp_hand */
	bool is_final : 1;  /* no more datagrams will be looked at: the next question is the last */
	bool is_asked_final : 1; /* the question on its way is the last */
	bool is_late : 1;        /* `wait` is over */
	bool has_server : 1;     /* server_index means something, or the original was dialled */
	bool is_counted_server : 1;
	bool is_looked_up : 1; /* whether what it names is known */
	bool is_led : 1;       /* it has that server, which knows it, and no other */
	bool is_to_host : 1;   /* the server is on this box and is to see the client's address */
	bool is_pair_held : 1; /* its server sees the client's address and port: nobody else's does */
	bool is_refused : 1;   /* the last that was heard of the server is that nobody is there */
	bool is_to_look : 1;
	bool is_single : 1;      /* towards the server: datagrams are not gathered; */
	bool is_single_back : 1; /* towards the client */
	bool is_gathering : 1;   /* the server's are told together: it sends many */
	bool is_read_empty : 1;  /* the server's socket was, at its last event */
};

/* A new flow of that listener's divert, undecided, with nothing held yet; NULL without memory, which was counted. */
struct udp_flow *udp_flow_new(struct udp_listener *l, const struct addr *from,
			      const struct addr *to);

/* The flow between these two; NULL: it is not known. */
struct udp_flow *udp_flow_find(struct gate *g, const struct addr *from, const struct addr *to);

/* Move on to a state, with a deadline. */
void udp_flow_enter(struct udp_flow *f, enum udp_state state, uint64_t in_ms);

/* Set the deadline of the present state, in ms from now. */
void udp_flow_deadline(struct udp_flow *f, uint64_t in_ms);

/* Log, count, close, free after this turn. A mute, handed over or ended flow is not logged again. */
void udp_flow_end(struct udp_flow *f, enum flow_why why);

/*
 * The kernel carries it: told to the keeper, not logged, for it lives on. Its
 * sockets and what is held are the caller's to close. For a moment it is still
 * known, for what its listener has of it (UDP_HANDED).
 */
void udp_flow_hand_over(struct udp_flow *f);

/* Log now, then be silent for a while. */
void udp_flow_mute(struct udp_flow *f);

/* Forget it without a line in the log: there are too many undecided ones. */
void udp_flow_evict(struct udp_flow *f);

/* A datagram of its client's was sent on. Before one comes after an answer the address may be made up, and
 * the flow gives way when there are too many. */
void udp_flow_settle(struct udp_flow *f);

/* End a relayed one in favour of another, and what conntrack has of it. */
void udp_flow_give_way(struct udp_flow *f);

/* Put it into that list, at its end, out of the one it is in. */
void udp_flow_line(struct udp_flow *f, struct udp_list *list);

static inline const struct table_divert *udp_flow_divert(const struct udp_flow *f)
{
	return table_divert(f->table->t, f->divert);
}

static inline const struct table_backend *udp_flow_backend(const struct udp_flow *f)
{
	return table_backend(f->table->t, f->backend);
}

#endif
