#ifndef SHUNT_KEEPER_H
#define SHUNT_KEEPER_H

#include "children.h"
#include "ctl/ctl.h"
#include "firewall_pace.h"
#include "keeper_handed.h"
#include "loop/signals.h"
#include "places.h"
#include "reload.h"

/*
 * The keeper: the only process with power over tables, rules and listeners. It
 * reads no byte of a flow. Public are keeper_run(), for main; the rest is
 * shared by the keeper's own files.
 */
enum {
	KEEPER_MORE_SHOWN =
		9, /* rows of counters beside the carriers': retired ones, and those that are gone */
};

/* What the daemon begins with. */
struct keeper_start {
	struct config *config; /* the keeper's from then on */
	const char *path;
	struct text_list files;  /* that it was read from, and globs; borrowed */
	struct timespec read_at; /* before that, by CLOCK_REALTIME_COARSE */
};

struct keeper {
	struct loop *loop;
	struct firewall *firewall;
	struct ctl *ctl;
	struct children children; /* own the configuration in force */
	struct places places;     /* for the children */
	struct reload reload;
	struct keeper_handed handed; /* flows that the kernel carries */
	const struct keeper_start *start;
	struct signals signals;
	struct watch events; /* netlink says that something changed */
	struct timer follow; /* take over new addresses of interfaces, very soon */
	struct timer tend;   /* look after all, a moment later */
	struct timer alive;  /* tell the kernel that we live */
	uint64_t started_ms;
	uint64_t alive_until_ms; /* as the kernel knows it */
	uint64_t repairs;
	struct firewall_pace pace; /* of repairs */
	unsigned beats;
	bool must_renew;            /* `alive`, which failed last time */
	bool is_unrenewed;          /* it has run out, which was said */
	bool is_unrepaired;         /* a repair failed, which was said */
	bool is_unfollowed;         /* addresses could not be taken over, which was said */
	uint64_t flows_request;     /* of the control socket */
	int flows_waited;           /* carriers that have not answered it */
	struct ctl_carrier *shown;  /* scratch for the control socket */
	struct ctl_limit limits[1]; /* likewise */
	char problem[FAULT_TEXT_BYTES];
	char handoff
		[KEEPER_HANDED_TEXT_BYTES]; /* whether flows are handed over: filled for `status` */
	bool is_up;                         /* tables and rules are in the kernel */
	bool has_failed;                    /* the start failed: exit status 1 */
};

/* Run the daemon until it is told to stop. 0, or -errno after an error that was logged. */
int keeper_run(const struct keeper_start *start);

/* keeper_ctl.c: what the control socket asks. */
extern const struct ctl_source keeper_ctl_source;
void keeper_flows_listed(struct children *c, int file, uint64_t count);

/* keeper_tend.c: our tables and rules in the kernel. */
int keeper_tend_start(struct keeper *k, struct fault *fault);
void keeper_tend_stop(struct keeper *k);
void keeper_tend_renew(struct keeper *k); /* `alive`, when all answer */

#endif
