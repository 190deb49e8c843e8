#ifndef SHUNT_CARRY_HANDOFF_SWITCH_H
#define SHUNT_CARRY_HANDOFF_SWITCH_H

#include "carry/tcp_session.h"

/* The steps of a handover; when to take them is handoff.c's. */

enum {
	ZONE_CLIENT = 1443, /* of conntrack, of the two connections: as nft/plan.h has them */
	ZONE_SERVER = 1444,
};

/* It is relayed for good, which is counted. True. */
bool handoff_never(struct tcp_session *s, enum flow_fallback why);

/* Can these two connections become one? False, or true: then why not was counted, and the flow is
 * HAND_NEVER. */
bool handoff_refusal(struct tcp_session *s);

/* Nothing leaves this side's socket any more, and again it does; its peer is told how far we came. */
int handoff_freeze(struct tcp_session *s, const struct tcp_side *side);
/* ... and s->hand_acked tells how far its peer was told that we came. */
int handoff_freeze_noting(struct tcp_session *s, const struct tcp_side *side);
void handoff_thaw(struct tcp_session *s, const struct tcp_side *side);

/* The same without telling the peer: what is sent next tells. */
void handoff_unfreeze(struct tcp_session *s, const struct tcp_side *side);

/* Was all that we read acknowledged by its receiver? */
bool handoff_is_drained(const struct tcp_session *s);

/*
 * Hand the flow over if this is a moment for it. True: done, the session has
 * ended. False: it is relayed on as before, nothing is frozen; HAND_NEVER
 * when it is of no use to try again. frozen: the side that was frozen before, or NULL.
 */
bool handoff_switch(struct tcp_session *s, const struct tcp_side *frozen);

#endif
