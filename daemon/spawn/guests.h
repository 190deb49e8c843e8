#ifndef SHUNT_SPAWN_GUESTS_H
#define SHUNT_SPAWN_GUESTS_H

#include "kernel/unix_listen.h"
#include "spawn/runner.h"

/*
 * Those who ask: the carriers of shuntd, each by a connection that its keeper made.
 * Only root may connect. A connection over which something else than a request
 * comes is closed.
 */
enum {
	GUESTS_MOST = 256, /* as many carriers as there may be, and those that only finish flows */
	GUESTS_LOOK_MS = 2000,      /* the file of the socket is made anew when it is gone */
	GUESTS_COMPLAIN_MS = 10000, /* one line of the log about bad requests in so long */
};

struct guest;

struct guests {
	struct runner *runner;
	struct unix_listen on;
	struct unix_listen_terms terms;
	struct watch listener; /* fd -1: not open, or as many as can be are connected */
	struct timer look;
	LIST_HEAD(, guest) all;
	unsigned count;
	uint64_t complained_ms;
	char path[sizeof(((struct sockaddr_un *)NULL)->sun_path)];
};

/*
 * Listen there. The runner's answers go to the guests from now on. Zeroed *g; ended by guests_close(), also
 * after a failure. 0, or -errno with a fault.
 */
int guests_open(struct guests *g, struct runner *runner, const char *path, struct fault *fault);

/* Hang up on all, and remove the file of the socket. */
void guests_close(struct guests *g);

#endif
