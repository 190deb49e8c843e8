#ifndef SHUNT_CHILDREN_TALK_H
#define SHUNT_CHILDREN_TALK_H

#include "children.h"

/* Shared by the files of the children; not for others. */

/* What a carrier says. */
void children_channel_ready(struct watch *w, uint32_t events);

/* Ask a carrier whether it is there. */
void children_ping(struct carrier_child *cc);

/* Begin to ping every second, and to kill what does not answer. */
void children_tick_start(struct children *c);

/* This carrier's part of a list has come, or never will. */
void children_list_over(struct carrier_child *cc, uint64_t count);

/* Start one carrier with its sniffers, or one sniffer. 0 or -errno. */
int children_carrier_start(struct carrier_child *cc);
int children_sniffer_start(struct carrier_child *cc, unsigned index);

/* The restart timer: start what is missing. */
void children_restart(struct timer *t);

#endif
