#ifndef SHUNT_FLOW_SPAWN_H
#define SHUNT_FLOW_SPAWN_H

#include "flow/record.h"

/*
 * What carriers ask of shunt-spawn and what it answers: one message each over a
 * SOCK_SEQPACKET connection, which the keeper makes, one for each carrier. The two
 * programs need not be of the same build: all fields have fixed sizes and lie
 * where they would without padding, numbers are in the host's order, and every
 * message begins with its version and kind. Requests are answered in any order,
 * each by its own id; one that cannot be understood ends the connection.
 *
 * A carrier names a section of the configuration, never a command: what is run
 * stands in the file that shunt-spawn reads itself. Neither side believes the
 * other: see the two functions below.
 */
enum {
	SPAWN_VERSION = 1,
	SPAWN_MOST_BYTES =
		4096, /* of a flow's first ones: in one write to an empty pipe, as hex too */
	SPAWN_MOST_MS = 1000,  /* a program may take to answer */
	SPAWN_QUEUE_MS = 1000, /* a request may wait for its turn */
	SPAWN_ANSWER_MS =
		2500, /* after which a carrier waits no longer: the two, and a little more */
};

/* Further kinds, with a descriptor beside the message, are for programs that serve a connection. */
enum spawn_kind {
	SPAWN_PROBE =
		1, /* is it this probe's protocol? bytes: the stream's first ones, or the first datagram */
};

struct spawn_request {
	uint16_t version;                /* SPAWN_VERSION */
	uint8_t kind;                    /* enum spawn_kind */
	uint8_t transport;               /* enum question_transport */
	uint32_t size;                   /* bytes behind this header */
	uint64_t id;                     /* the carrier's, handed back */
	uint32_t within_ms;              /* an answer is of no use later */
	uint32_t unused;                 /* 0 */
	struct addr client;              /* from the kernel */
	struct addr to;                  /* original destination, from the kernel */
	char name[RECORD_SECTION_BYTES]; /* of the section: NUL-terminated, [A-Za-z0-9._-] */
};

enum spawn_word {
	SPAWN_NO = 1,
	SPAWN_YES,
	SPAWN_MORE,   /* ask again when there are more bytes; of a datagram: as good as no */
	SPAWN_FAILED, /* no, for want of an answer: not run, crashed, silent, too many */
	SPAWN_WORDS,
};

struct spawn_reply {
	uint16_t version; /* SPAWN_VERSION */
	uint8_t kind;     /* of the request */
	uint8_t word;     /* enum spawn_word */
	uint32_t unused;  /* 0 */
	uint64_t id;
};

/* Where shunt-spawn listens: `spawn.sock` beside the control socket. */
enum {
	SPAWN_PATH_BYTES = 128, /* the longest `control`, and this name */
};
void spawn_path(char out[static SPAWN_PATH_BYTES], const char *control);

_Static_assert(sizeof(struct addr) == 24, "no padding");
_Static_assert(sizeof(struct spawn_request) == 136, "no padding");
_Static_assert(sizeof(struct spawn_reply) == 16, "no padding");

/* Is this message of `size` bytes a request of our version whose fields are in range, whose name is one,
 * and whose length agrees with its header? */
bool spawn_request_is_sane(const struct spawn_request *r, size_t size);

/* Is this message of `size` bytes a reply of our version? */
bool spawn_reply_is_sane(const struct spawn_reply *r, size_t size);

#endif
