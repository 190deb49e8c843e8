#ifndef SHUNT_FLOW_CHANNEL_H
#define SHUNT_FLOW_CHANNEL_H

#include <stdint.h>

/*
 * What the keeper and a carrier say to each other over their SOCK_SEQPACKET
 * pair. Some messages bring a descriptor (kernel/fd_pass.h).
 */
enum channel_kind {
	/* keeper to carrier */
	CHANNEL_TABLE = 1, /* with a sealed table (flow/table.h) */
	CHANNEL_SNIFFER,   /* with the socket to a sniffer; index: which one */
	CHANNEL_PING,      /* value: clock_ms(), which CHANNEL_PONG hands back */
	CHANNEL_LIST,      /* with a file: write your flows into it as struct flow_record */
	CHANNEL_RETIRE,    /* accept no more, end when the last flow has */
	CHANNEL_STOP,      /* end every flow (why=stopped), then end */
	/* carrier to keeper */
	CHANNEL_PONG,   /* value of the ping */
	CHANNEL_HEARD,  /* a sniffer answered; index: which one; value: when, by clock_ms() */
	CHANNEL_LISTED, /* value: how many records were written */
};

struct channel_message {
	uint32_t kind;
	uint32_t index;
	uint64_t value;
};

#endif
