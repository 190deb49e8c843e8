#ifndef SHUNT_CARRY_TCP_SESSION_H
#define SHUNT_CARRY_TCP_SESSION_H

#include "carry/gate.h"
#include "kernel/saved_syn.h"

/*
 * One TCP flow, from accept to its log line. States only move forward:
 * tcp_session_enter() moves, tcp_session_end() ends, and nothing else does.
 */
enum tcp_state {
	TCP_HELD, /* first bytes are looked at */
	TCP_DIALLING,
	TCP_RELAYED,
	TCP_MUTE,  /* dropped: kept silent, logged already */
	TCP_ENDED, /* freed after this turn */
};

/* One end of a flow. Bytes read here go to the peer; `held` waits to be written here. */
struct tcp_side {
	struct watch w;
	uint8_t *held; /* read from the peer, not yet written here: on the heap */
	uint32_t held_at;
	uint32_t held_size;
	struct splice_pipe *pipe; /* the same in a pipe */
	uint64_t moved;           /* bytes read here and written to the peer */
	uint32_t blocked_ms;      /* low half of the clock when it took no more; 0: it does */
	bool is_eof;              /* it will send no more */
	bool is_shut;             /* our FIN went out here */
	bool is_hung_up;          /* its end or an error is queued behind the data */
	bool is_urgent;           /* urgent data stops reads short: read until EAGAIN */
	bool is_slow;             /* was blocked for long the last time */
	bool is_watched;          /* its socket is in the loop */
	bool is_no_delay;         /* the server's: TCP_NODELAY is set */
	bool is_bulk;             /* the last reads were big: splice */
	bool is_again;            /* had more to give when its turn was over */
};

/* Whether a relayed flow is to be handed over: carry/handoff.h. */
enum tcp_hand {
	HAND_NEVER,
	HAND_MAY,            /* at its next look */
	HAND_TUNES,          /* its timestamps are seen to */
	HAND_WAITS,          /* at the next arrival */
	HAND_SETTLES_CLIENT, /* acknowledgements to the client are held back, so that it stops */
	HAND_SETTLES_SERVER,
};

struct tcp_session {
	LIST_ENTRY(tcp_session) entry; /* in gate.sessions */
	TAILQ_ENTRY(tcp_session) line; /* in gate.mute */
	struct gate *gate;
	struct gate_table *table;
	struct asked asked;
	struct timer timer;
	struct later later; /* pump again, or free */
	struct tcp_side client;
	struct tcp_side server;
	struct addr from; /* the client */
	struct addr to;   /* original destination */
	uint64_t id;
	uint64_t since_ms;
	uint64_t active_ms;    /* last byte moved */
	uint64_t deadline_ms;  /* of this state; the timer may fire earlier and look again */
	uint64_t wait_ends_ms; /* when a look was put off to deadline_ms; 0: it was not */
	struct saved_syn syn;
	struct handoff_stamps *stamps; /* while they are watched; else NULL */
	char *texts;           /* proto, name, alpn, each NUL-terminated; NULL: nothing known */
	uint32_t asked_ms;     /* age of the flow at it */
	uint32_t wanted;       /* of the last `more` */
	uint32_t unsent;       /* in the socket of a blocked side, at the last look for idleness */
	uint32_t server_index; /* into the table; of the present or last attempt */
	uint32_t hand_look_ms; /* until the next look whether it can be handed over */
	uint64_t hand_bytes;   /* moved one way: tried early then */
	uint32_t
		hand_acked; /* while it settles: the frozen side's peer was told that all before came */
	uint32_t hand_ms; /* low half of the clock when it began to settle */
	uint16_t divert;
	uint16_t own_port; /* with FLOW_SOURCE_address: the port to use; 0: any */
	uint16_t route;    /* or ANSWER_ROUTE_*; TABLE_NONE: no decision yet */
	uint16_t backend;
	uint8_t action;     /* enum answer_action; 0: no decision yet */
	uint8_t state;      /* enum tcp_state */
	uint8_t how;        /* enum flow_how */
	uint8_t source;     /* enum flow_source */
	uint8_t tries;      /* servers tried */
	uint8_t conflicts;  /* times the 4-tuple was taken at this server */
	uint8_t hand;       /* enum tcp_hand */
	uint8_t hand_tries; /* arrivals left to try at */
	uint8_t hand_fails; /* times its timestamps could not be seen to */
	uint8_t times_lost; /* sniffers that died over this question */
	bool is_final : 1;  /* no more bytes will be looked at: the next question is the last */
	bool is_asked_final : 1; /* the question on its way is the last */
	bool is_late : 1;        /* `wait` is over */
	bool is_heard_out : 1;   /* what a broken side had said was read */
	bool is_failing : 1;     /* one side is broken: the other still gets what was said */
	bool is_kept_alive : 1;  /* keepalive is on at the server's socket too */
	bool is_low_water : 1;   /* SO_RCVLOWAT is raised */
	bool has_syn : 1;
	bool has_server : 1; /* server_index means something, or the original was dialled */
	bool is_counted_server : 1;
	bool is_to_host : 1;    /* the server is on this box and is to see the client's address */
	bool is_fit : 1;        /* its two connections agree: can be handed over */
	bool has_stamps : 1;    /* when is_fit: both have timestamps */
	bool hand_answered : 1; /* while it settles: the frozen side's peer had something to say */
};

/* Take a fresh socket over, of a divert of that table; closed on failure. 0 or -errno. */
int tcp_session_open(struct gate *g, struct gate_table *table, uint16_t divert, int fd,
		     const struct addr *from);

/* Move to a state and give it a deadline; or give one to the present state. In ms from now. */
void tcp_session_enter(struct tcp_session *s, enum tcp_state state, uint64_t in_ms);
void tcp_session_deadline(struct tcp_session *s, uint64_t in_ms);

/* Log, count, close both sides as `why` asks for (a RST is passed on as RST), free after this turn.
 * A mute or ended session is not logged twice. */
void tcp_session_end(struct tcp_session *s, enum flow_why why);

/* The kernel has it: both sockets are closed already. Not logged, for it lives on. */
void tcp_session_hand_over(struct tcp_session *s);

/* Log now, then keep the client's socket without a word for a while. */
void tcp_session_mute(struct tcp_session *s);

/* Have the loop watch a side, if it does not yet. The client's is watched only once there is
 * something to wait for: most flows save two idle wake-ups. False when the session had to end for
 * want of memory. */
bool tcp_side_watch(struct tcp_session *s, struct tcp_side *side, uint32_t events);

/* Close what is open of one side; reset: with a RST. */
void tcp_side_close(struct tcp_session *s, struct tcp_side *side, bool reset);

static inline const struct table_divert *tcp_session_divert(const struct tcp_session *s)
{
	return table_divert(s->table->t, s->divert);
}

/* The number of its divert's counters. */
static inline unsigned tcp_session_counter(const struct tcp_session *s)
{
	return tcp_session_divert(s)->counter;
}

static inline const struct table_backend *tcp_session_backend(const struct tcp_session *s)
{
	return table_backend(s->table->t, s->backend);
}

#endif
