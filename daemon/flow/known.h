#ifndef SHUNT_FLOW_KNOWN_H
#define SHUNT_FLOW_KNOWN_H

#include <stdatomic.h>

#include "base/addr.h"
#include "base/flow_id.h"
#include "base/siphash.h"

/*
 * Identifiers of flows of datagrams (base/flow_id.h), and which server knows them:
 * a memory file of the keeper's that all carriers map and write, for a stray may
 * come to any of them. It outlives carriers and configurations.
 *
 * There are no locks. An entry bears a keyed sum of itself: one that is just being
 * written, was left half written, or was written over by somebody who has no
 * business there, is none. What is found is a hint, no more: it names a route, and
 * the sniffer decides whether that takes the flow today; and a server, which
 * has to be one of that route's backend.
 *
 * Each identifier may be in one of KNOWN_WAYS places. When these are full the one
 * that was written first goes: so nobody can make the table grow, and who makes up a
 * million connections to a server pushes others' out, no more.
 */
enum {
	KNOWN_WAYS = 4,
	KNOWN_LEAST = 4096,     /* entries: 0.8 MiB */
	KNOWN_MOST = 65536,     /* 12 MiB; in between as many as 1/128 of the box's memory holds */
	KNOWN_NAME_BYTES = 100, /* flows with longer names are not remembered */
	KNOWN_WORDS = 24,       /* of an entry, 8 bytes each */
	/* how long they are good for */
	KNOWN_QUIC_S = 24 * 3600, /* unless the server is asked nobody knows whether it ended */
	KNOWN_WIREGUARD_S = 240,  /* keys: no datagram under one is taken after 180 s (6.1) */
	KNOWN_QUIC_ENDS_S = 60,   /* how long a server is listened to that begins to answer */
	KNOWN_WIREGUARD_ENDS_S = 3600, /* since the last handshake */
};

/* What is known of a flow. */
struct known {
	struct addr server;
	uint64_t divert;             /* known_text() of its name; */
	uint64_t route;              /* likewise */
	uint16_t route_index;        /* where that was: perhaps no longer */
	uint8_t ids;                 /* enum flow_id_kind of its identifiers */
	uint8_t is_told;             /* of FLOW_ID_ENDS: the last one was told, or may just be */
	char name[KNOWN_NAME_BYTES]; /* that it began with; "" when there was none */
};

struct known_entry {
	_Atomic uint64_t words[KNOWN_WORDS];
};

struct known_file {
	uint64_t form;        /* KNOWN_FORM */
	uint64_t entry_count; /* a power of two */
	struct siphash_key key;
	_Atomic uint32_t quic_sizes; /* bits: which sizes there are of QUIC's identifiers */
	struct known_entry entries[];
};

/* One process's view. file NULL: there is none, nothing is found, and what is put is lost. */
struct known_table {
	struct known_file *file;
	uint64_t mask; /* believed from here on, whatever the file says */
	struct siphash_key key;
};

/* What the words of a file mean: another number with each change of struct known and of the entries. */
#define KNOWN_FORM UINT64_C(0x73687574206b6e01)

/* How many entries a box with so much memory gets. */
uint64_t known_size(uint64_t memory_bytes);

/* Make an empty one of this file, for so many entries (known_size()). 0 or -errno. */
int known_make(int file, uint64_t entries, const struct siphash_key *key);

/* Is this file one, for so many entries? */
bool known_is_whole(int file, uint64_t entries);

/* Make one without a name. 0 and a descriptor, or -errno. */
int known_new(int *file, uint64_t entries, const struct siphash_key *key);

/* Map it. 0 or -errno. known_unmap() takes what is mapped, and what is not. */
int known_map(struct known_table *t, int file);
void known_unmap(struct known_table *t);

/* What stands for a name of the configuration. */
uint64_t known_text(const struct known_table *t, const char *text);

/* Both ends of a flow as an identifier of it, of kind FLOW_ID_ENDS. */
struct flow_id known_ends(const struct known_table *t, const struct addr *client,
			  const struct addr *to);

/* Remember what is known under that identifier, in the divert known->divert; FLOW_ID_ENDS in all. What
 * was known under it is replaced. */
void known_put(struct known_table *t, const struct flow_id *id, const struct known *known,
	       uint64_t now_ms);

/*
 * Who is known under it there? Of an open one (flow_id.is_open) the longest first part
 * that is known counts. divert: known_text(), or 0 with FLOW_ID_ENDS. False: nobody,
 * or it was too long ago.
 */
bool known_find(const struct known_table *t, const struct flow_id *id, uint64_t divert,
		uint64_t now_ms, struct known *out);

#endif
