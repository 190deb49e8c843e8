#ifndef SHUNT_FLOW_CHANNEL_H
#define SHUNT_FLOW_CHANNEL_H

#include "flow/record.h"

/*
 * What the keeper and a carrier say to each other over their SOCK_SEQPACKET
 * pair. Some messages bring a descriptor (kernel/fd_pass.h).
 */
enum channel_kind {
	/* keeper to carrier */
	/* a configuration to come (carry/next.h); value: its number */
	CHANNEL_TABLE = 1, /* with its sealed table (flow/table.h) */
	CHANNEL_SNIFFER, /* with the socket to a sniffer of it, or of the one in force; index: which one */
	CHANNEL_LISTENER, /* with a listener; index: of which divert of its table, | CHANNEL_LISTENER_UDP */
	CHANNEL_WHOLE,  /* that was all: answered by CHANNEL_READY */
	CHANNEL_SWITCH, /* change over: answered by CHANNEL_SWITCHED */
	CHANNEL_FORGET, /* it will not come */
	CHANNEL_PING,   /* value: clock_ms(), which CHANNEL_PONG hands back */
	CHANNEL_LIST,   /* with a file: write your flows into it as struct flow_record */
	CHANNEL_RETIRE, /* accept no more, end when the last flow has */
	CHANNEL_STOP,   /* end every flow (why=stopped), then end */
	CHANNEL_PLACES, /* with a sealed place map (flow/place_map.h) */
	CHANNEL_SPAWN,  /* with a connection to shunt-spawn (flow/spawn.h) */
	/* carrier to keeper */
	CHANNEL_READY,     /* all that may fail is done, the sniffers answer; index: or errno */
	CHANNEL_SWITCHED,  /* it is in force */
	CHANNEL_PONG,      /* value of the ping */
	CHANNEL_HEARD,     /* a sniffer answered; index: which one; value: when, by clock_ms() */
	CHANNEL_LISTED,    /* value: how many records were written */
	CHANNEL_UNSPAWNED, /* the connection to shunt-spawn is lost, or could not be used */
	/* index: backend, or TABLE_NONE; value: enum channel_note, and above 8 bits the configuration's
	 * number */
	CHANNEL_NOTE,
	/* flows were handed to the kernel: struct channel_handed; index: how many. Should the channel be full,
	 * the keeper finds them by itself, and only their names are lost */
	CHANNEL_HANDED,
	/* the entry of a flow that was handed over before stood in the way of another: client and port are
	 * the same. It was taken away; struct channel_handed */
	CHANNEL_REPLACED,
};

/* What is said once for each backend, whichever carrier meets it first. */
enum channel_note {
	NOTE_SAME_LINK = 1, /* its server would answer a client directly */
	NOTE_SAME_HOST,     /* a server on this box could not see the client's address and port */
	NOTE_LINK_LOCAL,    /* a link-local client was refused */
	NOTE_LOOP, /* a connection of this box came to a listener of ours, and was refused */
	NOTES_END,
};

struct channel_message {
	uint32_t kind;
	uint32_t index;
	uint64_t value;
};

/* An entry of conntrack: kernel/conntrack.h has the same and more. */
struct channel_entry {
	uint8_t transport; /* IPPROTO_TCP or IPPROTO_UDP */
	uint8_t has_stamps;
	struct addr client;
	struct addr to;
	uint32_t state;
	uint32_t timeout_s;
	uint64_t packets[2];
	uint64_t bytes[2];
};

enum {
	CHANNEL_FLOWS = 8,              /* told at once, at most */
	CHANNEL_LISTENER_UDP = 1 << 16, /* it takes datagrams */
	/* of a carrier's messages on their way, which the kernel doubles: 6,500 flows told one by one, 7,900
	 * told eight at a time (amd64, Linux 6.18) */
	CHANNEL_SEND_BYTES = 4 << 20,
};

/* CHANNEL_HANDED with the flows as they are now, no more of it than there are; or CHANNEL_REPLACED, whole.
 * Other messages are only the head. */
struct channel_handed {
	struct channel_message head;
	union {
		struct flow_record flows[CHANNEL_FLOWS];
		struct channel_entry entry;
	};
};

#endif
