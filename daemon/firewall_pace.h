#ifndef SHUNT_FIREWALL_PACE_H
#define SHUNT_FIREWALL_PACE_H

#include <stdbool.h>
#include <stdint.h>

enum {
	FIREWALL_PACE_ROUNDS = 5, /* repairs that are made at once ... */
	FIREWALL_PACE_WINDOW_MS =
		10000, /* ... within this; so long without one, and all is forgotten */
	FIREWALL_PACE_FIRST_MS = 1000, /* then the first pause, which doubles */
	FIREWALL_PACE_LONGEST_MS = 30000,
};

/*
 * How soon one repair may follow the other: somebody who keeps undoing what is
 * ours must not keep us, him and the log busy. Zeroed at first.
 */
struct firewall_pace {
	uint64_t since_ms; /* the first repair of this window */
	uint64_t last_ms;
	uint64_t pause_ms; /* 0: not spaced out */
	unsigned rounds;   /* of this window */
};

/* A repair was made now. */
void firewall_pace_note(struct firewall_pace *p, uint64_t now_ms);

/* When the next may be made that is wanted at want_ms. */
uint64_t firewall_pace_next(const struct firewall_pace *p, uint64_t want_ms);

#endif
