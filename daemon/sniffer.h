#ifndef SHUNT_SNIFFER_H
#define SHUNT_SNIFFER_H

#include "kernel/sandbox.h"
#include "sniff/judge.h"
#include "sniff/plugins.h"

/* What a sniffer is born with. All is borrowed from the keeper's memory. */
struct sniffer_birth {
	int fd; /* questions come here */
	struct judge *judge;
	const struct sandbox_user *user;
	struct plugins_shared *plugins; /* NULL: none are used */
	const volatile uint64_t *off;   /* plugins that are switched off */
	unsigned place;                 /* of plugins->running */
};

/* The eyes: judge what comes over this socket until its other end closes. Runs in a fresh child;
 * never returns. */
_Noreturn void sniffer_main(const struct sniffer_birth *birth);

#endif
