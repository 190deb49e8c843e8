#ifndef SHUNT_CARRY_HANDOFF_TERMS_H
#define SHUNT_CARRY_HANDOFF_TERMS_H

#include "carry/tcp_session.h"
#include "kernel/dial.h"
#include "kernel/tcp_repair.h"

/*
 * What was agreed with a client must be what was agreed with its server, or the
 * two connections cannot become one: the kernel shifts sequence numbers, and
 * nothing else.
 *
 * A server is told what the client's SYN said of windows and segments. That
 * takes a socket option only where it is not what the box says by itself. When
 * a client is answered its server is not known yet: clients of a divert are told
 * what its servers have said so far, as far as the box can; where servers differ,
 * what most flows of late would have needed.
 */

/* What the box says by itself, as far as that is known before the first connection. */
void handoff_terms_open(struct handoff *h);

/* Let a flow that may be handed over offer its server what its client offered. Its SYN was read. */
void handoff_terms_dial(const struct tcp_session *s, struct dial *d);

/* Why these two cannot become one, or FLOW_FALLBACK_COUNT. Also learns from them for those to come. */
enum flow_fallback handoff_terms_refusal(struct tcp_session *s, const struct tcp_terms *client,
					 const struct tcp_terms *server);

#endif
