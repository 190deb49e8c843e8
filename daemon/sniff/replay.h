#ifndef SHUNT_SNIFF_REPLAY_H
#define SHUNT_SNIFF_REPLAY_H

#include "sniff/judge.h"

/*
 * A flow told piece by piece, judged when and as the hands would have it judged
 * (carry/tcp_hold.c): the whole prefix so far, again when there is as much as
 * was wanted, for the last time when `sniff_bytes` are there. For `shuntctl
 * explain`: no carrier, no clock.
 */
enum replay_route {
	REPLAY_SILENT = -2, /* no byte came: the divert's `silent` */
	REPLAY_UNKNOWN = -1,
};

struct replay {
	const struct judge *judge; /* borrowed */
	struct question q;         /* of the flow; is_final when sniff_bytes are there */
	bool is_udp;               /* datagrams: nobody recognises them yet */
	uint8_t *bytes; /* the prefix so far: QUESTION_MOST_BYTES of the caller's memory */
	size_t size;
	size_t wanted;    /* bytes without which asking again is of no use */
	unsigned pieces;  /* given so far, empty ones too */
	unsigned decided; /* after how many of them it was decided; 0: it is not */
	struct judgement is;
};

/* Begin a flow of a divert below config.divert_count. client, to: family 0 where not known. The
 * memory and the judge stay the caller's, and must outlive the replay. */
void replay_begin(struct replay *r, const struct judge *judge, unsigned divert, bool is_udp,
		  const struct addr *client, const struct addr *to,
		  uint8_t bytes[static QUESTION_MOST_BYTES]);

/* The next segment, or datagram. What comes behind the decision, or behind sniff_bytes, is not
 * looked at. The piece is copied. */
void replay_add(struct replay *r, struct span piece);

/*
 * Nothing more comes: r->is is as the hands take it when `wait` is over, also
 * for a flow that was not decided. Returns an index into config.routes, or one
 * of enum replay_route.
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
