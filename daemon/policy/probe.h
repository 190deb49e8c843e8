#ifndef SHUNT_POLICY_PROBE_H
#define SHUNT_POLICY_PROBE_H

#include "policy/config_limits.h"
#include "policy/list.h"
#include "policy/regex.h"
#include "wire/wire.h"

/*
 * A recogniser of the user's own: a [probe NAME]. Its id is WIRE_IDS and its number
 * among the probes, so that a struct proto_set holds both kinds. It takes part
 * only where a route names it, and it tells nothing but yes or no.
 */
_Static_assert((int)WIRE_IDS + (int)CONFIG_MOST_PROBES <= 64 * (int)CONFIG_PROTO_WORDS,
	       "a set holds all recognisers and all probes");

enum {
	PROBE_NAME_BYTES = 16, /* as a flow's protocol it has no more room, its NUL included */
};

enum probe_kind {
	PROBE_NONE,    /* none of its keys was good: that is a fault */
	PROBE_PATTERN, /* bytes, regex, or both */
	PROBE_EXEC,    /* a program, asked by the hands */
	PROBE_PLUGIN,  /* a shared object */
};

/* What the first bytes must be. */
struct probe_bytes {
	uint16_t size;                     /* so many must be there */
	uint8_t value[CONFIG_PROBE_BYTES]; /* only bits of the mask */
	uint8_t mask[CONFIG_PROBE_BYTES];  /* which bits count */
};

/* Which file it is: another one, or one that was written since, is not the same. */
struct probe_file {
	uint64_t device, inode, size;
	int64_t changed_s, changed_ns;
};

struct probe {
	char name[CONFIG_NAME_BYTES];
	const char *file; /* where it stands: one of config.files */
	int line;
	bool is_udp;             /* of tcp else */
	bool is_before;          /* asked ahead of the built-in recognisers */
	uint32_t priority;       /* the higher the earlier */
	struct text_list items;  /* `bytes` as they are shown */
	struct probe_bytes *all; /* the same in one; NULL: there are none */
	struct regex *regex;     /* NULL: none */
	char *exec;              /* command line: policy/command.h; NULL: none */
	char *exec_user;         /* whom it is run as */
	char *plugin;            /* absolute path; NULL: none */
	struct probe_file file_of_plugin;
};

enum probe_kind probe_kind(const struct probe *probe);

/* WIRE_TCP or WIRE_UDP: by what it comes. */
static inline unsigned probe_transport(const struct probe *probe)
{
	return probe->is_udp ? WIRE_UDP : WIRE_TCP;
}

/*
 * Add an item such as `4:00ff??1?` to what must be there: from byte 4 on, in which a
 * `?` stands for any digit. Returns NULL, or what is wrong with it: a few words behind
 * "`ITEM` ", and *all may then hold a part of it.
 */
const char *probe_bytes_add(struct probe_bytes *all, const char *item);

/* Does it ask for anything but a number of bytes? */
bool probe_bytes_tell(const struct probe_bytes *all);

/* What a probe is asked about. */
struct probe_flow {
	struct span in;          /* first bytes of a stream, or a run of datagrams */
	bool is_final;           /* nothing will follow: a regex need not wait */
	struct regex_room *room; /* NULL: no probe has a regex */
	unsigned *cut;           /* NULL, or counts the regexes that were given up at a limit */
};

/*
 * Ask a PROBE_PATTERN, by the laws of wire.h, but that a regex which is given up
 * says NO for now. Of datagrams the first one tells. hints->wanted is set with WIRE_MORE.
 */
enum wire_verdict probe_ask(const struct probe *probe, const struct probe_flow *flow,
			    struct wire_hints *hints);

#endif
