#ifndef SHUNT_FLOW_QUESTION_H
#define SHUNT_FLOW_QUESTION_H

#include "base/datagrams.h"
#include "base/flow_id.h"
#include "flow/record.h"

/*
 * What the hands ask and the eyes answer: one message each over a
 * SOCK_SEQPACKET pair. Both ends run the same binary, forked from one keeper,
 * so the headers are plain structs. The sniffer keeps no state: every question
 * carries the whole prefix so far. The carrier believes nothing: each answer
 * goes through answer_is_sane() and is checked against its own table.
 */
enum {
	QUESTION_MOST_BYTES = 65536, /* of a stream's prefix: the upper limit of sniff_bytes */
};
_Static_assert((int)DATAGRAMS_ROOM <= (int)QUESTION_MOST_BYTES, "datagrams have the same room");

enum question_kind {
	QUESTION_FLOW = 1, /* judge these bytes */
	QUESTION_PING = 2, /* are you there: answered at once with the same flow id */
	QUESTION_TOLD = 3, /* which identifier does the server tell in this datagram? */
	QUESTION_LED = 4,  /* judge a flow whose server knows it, though not by its first bytes */
};

enum question_transport { QUESTION_TCP, QUESTION_UDP };

struct question {
	uint64_t flow;     /* the carrier's id of the flow, handed back */
	uint8_t kind;      /* enum question_kind */
	uint8_t is_final;  /* no further byte will be asked about: decide on what is there */
	uint16_t divert;   /* index into the configuration */
	uint8_t transport; /* enum question_transport */
	uint8_t ids;       /* QUESTION_TOLD, QUESTION_LED: enum flow_id_kind */
	uint16_t route;    /* QUESTION_LED: index; the one that it had when it began */
	uint16_t whole;    /* QUESTION_TOLD: bytes of the datagram */
	uint32_t size;     /* bytes behind this header: the stream's first ones, or the flow's
			     * first datagrams as a run (base/datagrams.h), at least one; of the
			     * server's datagram the first FLOW_ID_HEAD_BYTES, or all; the name
			     * that the flow began with */
	uint32_t
		exec_yes; /* QUESTION_FLOW: what programs said of it, one bit for each probe of the */
	uint32_t exec_no;   /* configuration; neither: it is not known. Never both */
	struct addr client; /* from the kernel */
	struct addr to;     /* original destination, from the kernel */
};

enum answer_verdict { ANSWER_MORE = 1, ANSWER_DECIDED, ANSWER_PONG, ANSWER_TOLD };

enum answer_action { ANSWER_REJECT = 1, ANSWER_DROP, ANSWER_ORIGINAL, ANSWER_BACKEND };

enum {
	ANSWER_ROUTE_SILENT = 0xffff, /* the divert's `silent` decided */
	ANSWER_ROUTE_UNKNOWN = 0xfffe,
};

/* Which of a server's datagrams are to be asked about (QUESTION_TOLD), so that a flow can be found again. */
struct answer_watch {
	uint8_t ids;       /* enum flow_id_kind; FLOW_ID_NONE: none of them */
	uint8_t first;     /* so many of the first ones, */
	uint16_t sizes[2]; /* and those that have exactly one of these sizes; 0: unused */
};

struct answer {
	uint64_t flow;
	uint8_t verdict;  /* enum answer_verdict */
	uint8_t action;   /* enum answer_action, with ANSWER_DECIDED */
	uint16_t route;   /* index, or ANSWER_ROUTE_* */
	uint16_t backend; /* index, with ANSWER_BACKEND */
	uint16_t cut;     /* regexes given up at a limit, with ANSWER_DECIDED */
	uint32_t wanted;  /* with ANSWER_MORE: asking again with fewer bytes in all is of no use, */
	uint32_t exec_ask; /* unless it is with the word of any of these probes, one bit each */
	struct flow_id id; /* that the client's first datagram names, whose flow may be a known one;
			    * with ANSWER_TOLD, the server's. Size 0: none */
	struct answer_watch watch; /* with ANSWER_DECIDED; with ANSWER_TOLD `first` is 1 when there
				    * may be another to come */
	char proto[RECORD_PROTO_BYTES]; /* NUL-terminated; "" when none was recognised */
	char name[RECORD_NAME_BYTES];   /* NUL-terminated; "" when none was sent */
	char alpn[RECORD_ALPN_BYTES];   /* NUL-terminated, joined by commas */
};

/* Is this message of `size` bytes an answer whose enums are in range and whose texts are
 * NUL-terminated and hold only what a log may hold ([a-z0-9._:-], and commas in alpn)? */
bool answer_is_sane(const struct answer *a, size_t size);

/* Is it NUL-terminated within its room, and what a log may hold, as above? */
bool answer_is_text(const char *text, size_t room, bool commas);

/* Is this message of `size` bytes a question whose length agrees with its header, and no longer than
 * its transport allows? */
bool question_is_sane(const struct question *q, size_t size);

/*
 * Make the pair of sockets between a carrier and a sniffer: [0] for the carrier
 * (non-blocking), [1] for the sniffer (blocking), both with send buffers that
 * hold several of the largest questions. 0 or -errno.
 */
int question_pair(int fds[2]);

#endif
