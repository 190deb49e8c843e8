#ifndef SHUNT_RELOAD_H
#define SHUNT_RELOAD_H

#include <time.h>

#include "ctl/ctl.h"
#include "file_watch.h"
#include "generation.h"

/*
 * Reloads: a new configuration in a running daemon. No flow is touched by it.
 *
 * Asked for by SIGHUP, `shuntctl reload`, or a change of one of the files that
 * the configuration is made of (inotify on their folders; changes are one
 * until there was none for RELOAD_SETTLE_MS, or RELOAD_MOST_MS are over). One reload runs at a time; what is asked for
 * meanwhile is one more.
 *
 * Everything that can fail comes first, beside what is in force:
 *  1. the files are read and checked, as by `shuntd -t`. The same configuration
 *     as before, whatever the files' times say: nothing more happens;
 *  2. keys that only a restart can change are as they were, and no port of the
 *     box itself would be taken;
 *  3. a generation is made of it (generation.h): routes, table, listeners of new
 *     diverts, numbers of counters;
 *  4. it is staged in all carriers, with sniffers of its own, which must answer
 *     (children_stage(), carry/next.h);
 *  5. nft: one transaction.
 * Whatever fails up to there is taken back, and all is as before: said in the
 * log and in `status`, and not tried again before somebody asks.
 * What is left cannot fail:
 *  6. the carriers change over, each at one moment between two of its events;
 *     undecided flows are asked about again, decided ones keep what they have.
 * So rules lead to a listener at any moment: one of a new divert queues its
 * clients between 5 and 6, one of a divert that is gone serves for NEXT_LEAVE_MS
 * more. The old sniffers end when the carriers have hung up on them.
 *
 * Indexes: questions and answers carry indexes into one configuration. A carrier
 * asks only sniffers of its current table, and hangs up on the others before it
 * changes over, so no answer meets another table. Counters have numbers of their
 * own, which names keep (flow/ledger.h).
 */
enum {
	RELOAD_SETTLE_MS = 200,
	RELOAD_MOST_MS = 1000,
	RELOAD_FAULTS_SHOWN = 8, /* of a refused configuration, in `status` and by shuntctl */
	RELOAD_TEXT_BYTES = 256,
};

struct keeper;

enum reload_state {
	RELOAD_CLOSED, /* the daemon is not up yet, or stopping */
	RELOAD_IDLE,
	RELOAD_STAGING,   /* steps 4 and 5 */
	RELOAD_SWITCHING, /* step 6 */
};

enum reload_result { RELOAD_NONE, RELOAD_OK, RELOAD_UNCHANGED, RELOAD_REFUSED };

struct reload {
	struct keeper *keeper;
	const char *path;
	enum reload_state state;
	struct timer due;   /* when the next one begins */
	uint64_t latest_ms; /* at the latest; 0: it is due for another cause than files */
	struct file_watch files;
	struct ledger *ledger;
	struct generation *next; /* the one that is staged */
	uint64_t numbers;        /* of generations, given so far */
	uint64_t asked;          /* reloads that were asked for, by number */
	uint64_t begun;          /* up to which number the present one, or the last, answers */
	bool is_wanted;          /* some of them for more than a look at files that may be newer */
	bool is_asked;           /* the same of the present one */
	uint64_t began_ms;
	uint64_t loaded_ms; /* what is in force came into force */
	uint64_t count;
	uint64_t failed;
	enum reload_result last;
	size_t fault_count; /* of those shown */
	const char *faults[RELOAD_FAULTS_SHOWN];
	char texts[RELOAD_FAULTS_SHOWN][RELOAD_TEXT_BYTES];
};

/* The first generation, of a configuration that is owned from then on. 0, or -errno with a fault (and
 * the configuration is still the caller's). */
int reload_first(struct reload *r, struct keeper *k, struct config *config, struct generation **out,
		 struct fault *fault);

/* The daemon is up: follow these files, do what was asked for. read_at: before the files of the first
 * generation were read, by CLOCK_REALTIME_COARSE. */
void reload_open(struct reload *r, const struct text_list *files, const struct timespec *read_at);

/* A reload, soon. Its number. */
uint64_t reload_ask(struct reload *r);

/* What the children say. */
void reload_staged(struct reload *r);
void reload_unstaged(struct reload *r, const struct fault *fault);
void reload_switched(struct reload *r);

/* What `status` shows of it. The texts are borrowed until the next reload. */
struct ctl_reload reload_facts(const struct reload *r);

/* Take back what is under way; no more of it. */
void reload_close(struct reload *r);

/* Free the rest, when the children are gone. */
void reload_done(struct reload *r);

#endif
