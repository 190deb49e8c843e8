#ifndef SHUNT_CTL_CTL_H
#define SHUNT_CTL_CTL_H

#include <sys/types.h>

#include "base/fault.h"
#include "flow/ledger.h"
#include "loop/loop.h"
#include "policy/config.h"

/*
 * The control socket, in the keeper. A client connects, sends one request: a
 * JSON object and a newline, such as {"command":"status"}; gets one line with a
 * JSON object, {"error":"..."} when it failed; and the connection is closed.
 * Requests: status; flows; reload; config (with "text":true as a file); nft (with
 * "closed":true the boot file). The answers are described in shuntctl(8).
 *
 * What is answered comes from the keeper through struct ctl_source. All calls
 * in both directions are made in the one thread of the loop.
 */
enum {
	CTL_MOST_CLIENTS = 16,             /* more wait in the listen queue */
	CTL_MOST_REQUEST_BYTES = 4096,     /* with the newline */
	CTL_MOST_ANSWER_BYTES = 16 << 20,  /* of one answer */
	CTL_MOST_WAITING_BYTES = 32 << 20, /* of all answers that clients have not taken yet */
	CTL_MOST_FLOWS = 16384,            /* listed in one answer, others are left out */
	CTL_REQUEST_MS = 5000,             /* a client may take to send its request */
	CTL_FLOWS_MS = 3000,               /* the carriers may take to list their flows */
	CTL_RELOAD_MS = 14500,             /* a reload may take; shuntctl waits for 15 s */
	CTL_SEND_MS = 10000,               /* without progress in taking the answer */
	CTL_MOST_SNIFFERS = 16,            /* shown of one carrier */
};

struct ctl;

/* One carrier and its sniffers. A pid of 0 means: died, being replaced. One without a pid and
 * without sniffers is only counted: what is left of carriers that are gone. */
struct ctl_carrier {
	pid_t pid;
	size_t sniffer_count; /* at most CTL_MOST_SNIFFERS */
	pid_t sniffers[CTL_MOST_SNIFFERS];
	uint64_t restarts; /* of the carrier */
	uint64_t sniffer_restarts;
	const struct counters *counters; /* borrowed; NULL when there are none */
};

/* A limit beyond those that ctl knows by itself (flows, clients, sections). */
struct ctl_limit {
	const char *name;
	uint64_t limit;
	uint64_t use;
};

/* What became of reloads. */
struct ctl_reload {
	uint64_t count; /* that changed something */
	uint64_t failed;
	const char *last;          /* "ok", "unchanged", "refused"; NULL: there was none */
	const char *const *faults; /* of the last, the first ones; one line each */
	size_t fault_count;
};

/* How the daemon is doing. Every pointer is borrowed for the duration of the call that asked,
 * and may be NULL where nothing is to be said. */
struct ctl_facts {
	const struct config *config; /* in force; never NULL */
	const char *config_file;
	uint64_t loaded_ms;  /* clock_ms() when it came into force */
	uint64_t started_ms; /* clock_ms() at start */
	struct ctl_reload reload;
	const struct ledger *ledger; /* of the counters; NULL: numbered as in config, from 0 */
	struct ledger_numbers numbers;
	const struct ctl_carrier *carriers;
	size_t carrier_count;
	const struct counters *handed; /* of flows that were handed to the kernel; NULL: none are */
	const struct ctl_limit *limits;
	size_t limit_count;
	const volatile uint64_t *open; /* a bit for each route whose `when` holds; NULL: all do */
	uint64_t diverts_listening;    /* one bit per divert: all its listeners are open */
	bool is_alive_v4; /* the alive set of that family holds its element: new flows are taken */
	bool is_alive_v6;
	uint64_t nft_repairs;
	uint64_t plugins_off; /* a bit for each probe whose plugin is switched off */
	const unsigned
		*plugin_ends; /* sniffers that ended in each probe's; NULL: no probe has one */
	bool wants_spawn;     /* a probe names a program */
	bool has_spawn;       /* shunt-spawn is there to run it */
	const char *handoff;  /* "available", or why not */
	const char *problem;  /* what is wrong now or went wrong last, one line */
};

struct ctl_source {
	/* Fill *out, which is zeroed. */
	void (*facts)(void *owner, struct ctl_facts *out);

	/*
	 * Ask all carriers to list their flows, under this number, which is never 0 and never used
	 * twice. Answer, now or later, by any number of ctl_flows_add() and then one ctl_flows_end()
	 * or ctl_fail() with the same number. At most one request is open at a time: a new one means
	 * that the one before is over. Nothing need be remembered or cancelled beyond that: when the
	 * client went away, or CTL_FLOWS_MS passed, the number is void and what is said of it is
	 * ignored. Returns 0, or -errno: then nothing was asked.
	 */
	int (*flows)(void *owner, uint64_t request);

	/* Begin a reload soon. Its number, for ctl_reload_done(); reloads are numbered in order, and
	 * the end of one answers for all that were asked for before it began. */
	uint64_t (*reload)(void *owner);

	/* The text of our nft tables; closed: of the file that refuses the closed diverts from boot
	 * on. 0 and *text for free(); or -errno with the fault filled in. */
	int (*nft)(void *owner, bool closed, char **text, struct fault *fault);
};

/*
 * Listen on config->control, as set in the configuration. The parent directory is made when it is
 * missing, the socket of a dead daemon replaced. The source and the owner must outlive ctl; the
 * configuration need not. Returns 0 and a ctl for ctl_free(); or -errno with the fault filled in:
 * -EADDRINUSE when another daemon answers there.
 */
int ctl_new(struct ctl **out, struct loop *loop, const struct config_shunt *config,
	    const struct ctl_source *source, void *owner, struct fault *fault);

/* Close every client and the socket, and remove the socket file if it is still ours. NULL is fine. */
void ctl_free(struct ctl *ctl);

/* Some flows of the request, which are copied. Ignored when the number is void. */
void ctl_flows_add(struct ctl *ctl, uint64_t request, const struct flow_record *records,
		   size_t count);

/* All flows were added: send the answer. */
void ctl_flows_end(struct ctl *ctl, uint64_t request);

/* The reload of this number has ended, for good or ill: facts tell. */
void ctl_reload_done(struct ctl *ctl, uint64_t ticket);

/* The request cannot be answered: one line why. */
void ctl_fail(struct ctl *ctl, uint64_t request, const char *text);

#endif
