#ifndef SHUNT_GENERATION_H
#define SHUNT_GENERATION_H

#include "firewall.h"
#include "flow/ledger.h"
#include "keeper_when.h"
#include "notes.h"
#include "plugin_watch.h"
#include "policy/route_index.h"

/*
 * One configuration and all that is made of it: the index of its routes, the
 * carriers' table, its listeners. One is in force; during a reload the next one
 * stands beside it, complete, before anything is changed. A divert of the same
 * name keeps its listeners, and so its ports: the next generation borrows them,
 * and owns them once it is in force.
 */
struct listeners {
	int *fds; /* one per carrier; NULL: none */
	uint16_t port;
	bool is_borrowed; /* of the generation in force */
};

/* The listeners of a divert. */
enum generation_listener {
	GENERATION_TCP4,
	GENERATION_TCP6,
	GENERATION_UDP4,
	GENERATION_UDP6,
	GENERATION_LISTENERS,
};

struct generation {
	uint64_t number;
	struct config *config;
	struct route_index *index;
	struct keeper_when *when;
	struct plugin_watch *plugins; /* NULL: it has none */
	struct ledger_numbers numbers;
	struct listeners *listeners; /* GENERATION_LISTENERS per divert */
	struct firewall_ports *ports;
	unsigned carriers;
	uint64_t listening; /* one bit per divert */
	int table_fd;
	struct notes notes; /* what was said of its backends */
};

enum {
	GENERATION_KEY_BYTES = CONFIG_NAME_BYTES + ADDR_TEXT_BYTES + 16,
};

/* What a server is called in the ledger: by its backend and address; one that stands there twice
 * counts twice, with `times` before it. Returns key. */
const char *generation_server_key(char key[static GENERATION_KEY_BYTES], const char *backend,
				  const struct addr *server, unsigned times);

/* How many carriers it wants. */
unsigned generation_carriers(const struct config *config);

/* What a generation comes from, beside its configuration. All is borrowed. */
struct generation_origin {
	uint64_t number;                 /* higher than that of any before */
	const struct generation *before; /* in force: its listeners are borrowed; NULL: none is */
	struct loop *loop;
	struct ledger *ledger;
	struct ledger_reader reader;
};

/*
 * Make all of a configuration, which the generation then owns (on failure it is
 * still the caller's). 0 and *out for generation_free(); or -errno with a fault,
 * and all is as it was.
 */
int generation_new(struct generation **out, struct config *config,
		   const struct generation_origin *from, struct fault *fault);

/* g is in force now: it owns what it has borrowed of `before`, which is freed with the rest. */
void generation_take_over(struct generation *g, struct generation *before);

/* Close and free what it owns, the configuration too. NULL is fine. */
void generation_free(struct generation *g);

/* Does a generation's listener of that number take datagrams? */
bool generation_is_udp(size_t listener);

/* The listeners of one divert, by enum generation_listener. */
static inline const struct listeners *generation_listeners(const struct generation *g,
							   size_t divert)
{
	return &g->listeners[divert * GENERATION_LISTENERS];
}

#endif
