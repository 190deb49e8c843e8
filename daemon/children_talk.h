#ifndef SHUNT_CHILDREN_TALK_H
#define SHUNT_CHILDREN_TALK_H

#include "children.h"
#include "flow/channel.h"

/* Shared by the files of the children; not for others. */

/* What a carrier says. */
void children_channel_ready(struct watch *w, uint32_t events);

/* Read one message; *m is one of a carrier's, whole. 1; 0: none waits; -EPIPE: there will be no more. */
int children_receive(int channel, struct channel_handed *m);

/* A carrier has ended: only flows that it handed over are still of interest. */
void children_last_words(struct children *c, int channel);

/* Ask a carrier whether it is there. */
void children_ping(int channel);

/* Alive but deaf for too long: kill it. Its end is noticed, and it is replaced, like any other's. */
void children_kill_hung(struct child *child, const char *what);

/* Begin to ping every second, and to kill what does not answer. */
void children_tick_start(struct children *c);

/* A carrier's part of a list, which it wrote into *file, has come, or never will; *file is -1 then. */
void children_list_over(struct children *c, int *file, uint64_t count);

/* Ask a carrier for its flows, unless an answer is on its way: that one is good too. Was it asked? */
bool children_list_ask(int channel, int *file);

/* Start one carrier with its sniffers, or one sniffer. 0 or -errno. */
int children_carrier_start(struct carrier_child *cc);
int children_sniffer_start(struct carrier_child *cc, unsigned index);

/* Fork a sniffer of that generation, and send its socket to the carrier. Its pid, or -errno. */
pid_t children_fork_sniffer(struct carrier_child *cc, const struct generation *g, unsigned index);

/* The restart timer: start what is missing and due. */
void children_restart(struct timer *t);

/* Let the restart timer fire when the first of those that are missing is due. */
void children_restart_due(struct carrier_child *cc);

/* What had been counted goes on counting; flows that died with the carrier are lost. NULL is fine. */
void children_bury_counters(struct children *c, struct counters *counters);

/* children_change.c: from one generation to the next. */

/* A carrier was born while another generation is staged. */
void children_stage_newborn(struct carrier_child *cc);

/* CHANNEL_READY and CHANNEL_SWITCHED. */
void children_staged_said(struct carrier_child *cc, uint64_t number, int err);
void children_switched_said(struct carrier_child *cc, uint64_t number);

/* A carrier is gone from its place: so are the sniffers that it had beside those in force. */
void children_stage_lost(struct carrier_child *cc);

/* Was this one of those? It has ended. */
bool children_stage_ended(struct carrier_child *cc, pid_t pid, int status);

/* children_retired.c: carriers that only finish their flows. */

/* Make one of a carrier that was stopped: its place is free then. 0, or -errno and nothing has changed. */
int children_retire(struct carrier_child *cc);

/* NULL: it is none of them. */
struct retired_child *children_retired_find(struct children *c, pid_t pid);
void children_retired_ended(struct retired_child *r);

/* Ping them all, and kill who is hung. */
void children_retired_tick(struct children *c);

/* How many were asked for their flows. */
int children_retired_list(struct children *c);

/* Tell them all to end (why=stopped), or end them. */
void children_retired_stop(struct children *c);
void children_retired_kill(struct children *c);

#endif
