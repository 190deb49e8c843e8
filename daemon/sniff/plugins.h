#ifndef SHUNT_SNIFF_PLUGINS_H
#define SHUNT_SNIFF_PLUGINS_H

#include "policy/config.h"
#include "shunt-probe.h"

struct fault;

/*
 * Probes that are shared objects (shunt-probe.h). What one does wrong costs the
 * process in which it runs, which is made for that: a sniffer. So that this does not go on
 * forever, the keeper can tell afterwards which of them it was, and switches it off.
 */

/* Shared by the keeper and all its sniffers of one configuration. */
struct plugins_shared {
	volatile uint8_t running[CONFIG_MOST_WORKERS * CONFIG_MOST_SNIFFERS]; /* of each sniffer:
						* probe and 1, while its plugin runs */
	volatile uint8_t is_told[CONFIG_MOST_PROBES]; /* that it cannot be loaded */
};

enum {
	PLUGINS_LOADING = 0x80,  /* in `running`: not asked, but being loaded */
	PLUGINS_HUNG = 70,       /* exit status of a process in which one did not return */
	PLUGINS_TICK_MS = 100,   /* of CPU time: a call that a second one finds ends it */
	PLUGINS_LOAD_TICKS = 10, /* to load one may take longer */
};

struct plugins {
	const struct shunt_probe *at[CONFIG_MOST_PROBES]; /* NULL: it could not be loaded */
	const volatile uint64_t *off; /* keeper's: one bit for each that is switched off, or NULL */
	volatile uint8_t *running;    /* this sniffer's */
	volatile uint32_t calls;
	uint32_t calls_before; /* the timer's: at its last tick, */
	uint32_t ticks;        /* and for how many of them it was that call */
	bool is_quiet;         /* nothing can be written any more */
};

/* Does any probe of it need one? */
bool plugins_are_used(const struct config *config);

/* Load one object. 0, or -errno with a fault. */
int plugins_open(const struct shunt_probe **out, const char *path, struct fault *fault);

/*
 * Load all that a configuration has, and guard them by a timer. `running` and `off`,
 * if not NULL, must outlive *p, which must stay where it is. `failed` is called for each that cannot be
 * loaded. Once in the life of a process, before its system calls are taken away.
 */
void plugins_load(struct plugins *p, const struct config *config, volatile uint8_t *running,
		  const volatile uint64_t *off,
		  void (*failed)(void *arg, unsigned probe, const struct fault *fault), void *arg);

/* Ask a probe's plugin. One that is not there, or switched off, says NO. */
enum wire_verdict plugins_ask(struct plugins *p, unsigned probe, const struct probe_flow *flow,
			      bool is_udp, struct wire_hints *hints);

#endif
