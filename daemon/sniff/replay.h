#ifndef SHUNT_SNIFF_REPLAY_H
#define SHUNT_SNIFF_REPLAY_H

#include "sniff/judge.h"

/*
 * A flow told piece by piece, and after which of them it is decided: the whole
 * prefix so far is judged, with `sniff_bytes` for the last time, or with as many
 * datagrams as are held. For `shuntctl explain`: no carrier, no clock.
 */
enum replay_route {
	REPLAY_SILENT = -2, /* no byte came: the divert's `silent` */
	REPLAY_UNKNOWN = -1,
};

/* The bytes, and where pieces end: those that brought a byte; of datagrams each that has a place,
 * and the first that has none. */
struct replay_room {
	uint8_t bytes[QUESTION_MOST_BYTES];
	struct {
		uint32_t size;  /* of the prefix that ends there */
		uint32_t piece; /* its number; the first is 1 */
	} ends[QUESTION_MOST_BYTES];
};

struct replay {
	const struct judge *judge; /* borrowed */
	struct replay_room *room;  /* borrowed */
	struct question q;         /* of the flow */
	size_t size;               /* of the prefix so far: at most sniff_bytes, or a run */
	size_t bytes;              /* of the pieces in it */
	bool is_full;              /* no further datagram has a place */
	size_t ends;               /* of the room, in use */
	uint32_t pieces;           /* given so far, empty ones too */
	/* with replay_end(): */
	uint32_t decided; /* after how many pieces it was; 0: it is not */
	size_t wanted;    /* when it is not: a prefix of fewer bytes is of no use */
	struct judgement is;
};

/* Begin a flow of that divert, below config.divert_count, of that transport and these addresses, of
 * family 0 where they are not known: no more of the question counts. Room and judge stay the caller's,
 * and must outlive the replay. */
void replay_begin(struct replay *r, const struct judge *judge, struct replay_room *room,
		  const struct question *flow);

static inline bool replay_is_udp(const struct replay *r)
{
	return r->q.transport == QUESTION_UDP;
}

/* The next segment, or datagram. It is copied; what lies behind sniff_bytes, or has no place among
 * the datagrams that are held, is not looked at. */
void replay_add(struct replay *r, struct span piece);

/*
 * Nothing more comes; of datagrams there was at least one. r->is is as the hands take it, for a flow that is not
 * decided when `wait` is over. Returns an index into config.routes, or one of
 * enum replay_route.
 */
int replay_end(struct replay *r);

/* Where a flow with that result goes. */
const struct target *replay_target(const struct replay *r, int route);

/* The same in words, as logs have them: "yes", "no" (nobody knows it) or "more" (it was not
 * decided); the route's name, "silent" or "unknown"; "backend", "reject", "drop" or "original";
 * the backend's name, or NULL. */
const char *replay_verdict_text(const struct replay *r);
const char *replay_route_text(const struct replay *r, int route);
const char *replay_action_text(const struct replay *r, int route);
const char *replay_backend_text(const struct replay *r, int route);

#endif
