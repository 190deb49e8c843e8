#ifndef SHUNT_CARRY_HANDOFF_STAMPS_H
#define SHUNT_CARRY_HANDOFF_STAMPS_H

#include "carry/tcp_session.h"

/*
 * The timestamps of a flow that is to be handed over (base/stamp.h). Both legs
 * agreed on them by themselves, so our two clocks have nothing to do with those
 * of the ends. Before the flow is handed over both ends' are seen, and where one of
 * them would look old to the other, our clock towards that one jumps, while all
 * goes on as before: the end takes it with what our socket sends next, and
 * says so in its next segment. Of a flow in use all this is seen as it comes; where
 * nothing comes, both ends are asked, as a keepalive does.
 */

enum stamps_state {
	STAMPS_WAIT,   /* for an end */
	STAMPS_READY,  /* may be handed over as it is */
	STAMPS_FAILED, /* no answer: it cannot be, now */
};

/* Has it timestamps that were not seen to? */
bool handoff_stamps_lack(const struct tcp_session *s);

/* How many flows are seen to at a time, two descriptors each, of so many that are free. At least one. */
unsigned handoff_stamps_most(unsigned free_fds);

/* Begin to see to them. 0; -EAGAIN: as many flows are at it as may be; or -errno: it cannot be done. */
int handoff_stamps_open(struct tcp_session *s);

/* One step. is_quiet: nothing comes by itself. in_ms: set when it waits, until the next step. */
enum stamps_state handoff_stamps_look(struct tcp_session *s, bool is_quiet, uint64_t *in_ms);

/* See what came since, for which there is not much room. */
void handoff_stamps_watch(struct tcp_session *s);

/* Are they seen to, and still watched? Not for long: then it ends here. */
bool handoff_stamps_keep(struct tcp_session *s);

/*
 * What both ends' clocks showed last. Nothing leaves its sockets any more. 0,
 * also for a flow without timestamps; -EAGAIN: they have to be seen to once more.
 */
int handoff_stamps_take(struct tcp_session *s, uint32_t *client, uint32_t *server);

/* Watch no more. */
void handoff_stamps_close(struct tcp_session *s);

#endif
