#ifndef SHUNT_CARRY_HANDOFF_ENTRY_H
#define SHUNT_CARRY_HANDOFF_ENTRY_H

#include "carry/tcp_session.h"
#include "kernel/tcp_repair.h"

/* Both connections at rest. */
struct moment {
	struct tcp_terms client_terms;
	struct tcp_terms server_terms;
	struct tcp_place client;
	struct tcp_place server;
	struct addr to_server;
	uint32_t foreign;      /* mark bits of others */
	uint32_t client_acked; /* what it was told, in truth */
	uint32_t server_acked;
	struct span client_unread; /* in the gate's buffer */
	struct span server_unread;
	uint32_t client_clock; /* with s->has_stamps */
	uint32_t server_clock;
	bool is_trial; /* of the way to this server */
	bool is_settled; /* one side had been brought to rest: it sends on as soon as it hears of us */
};

/*
 * Make the entry of conntrack of a flow whose sockets are frozen, and let conntrack
 * know where both ends are; m->foreign is found out. 0; -EHOSTUNREACH when its
 * packets would not reach both ends; -EBUSY or -EEXIST when the place is
 * another's; or -errno. After a failure there is none.
 */
int handoff_entry_make(struct tcp_session *s, struct moment *m);

#endif
