/* What the flows of one carrier share. */
#include "carry/gate.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <unistd.h>

#include "base/log.h"
#include "carry/tcp_listen.h"
#include "carry/tcp_session.h"
#include "kernel/evict.h"

enum {
	CARRIER_ID_SHIFT = 40, /* of flow ids: the carrier's number stands in the upper bits */
};

struct gate_table *gate_table_hold(struct gate_table *t)
{
	t->users++;
	return t;
}

void gate_table_drop(struct gate_table *t)
{
	if (!t || --t->users)
		return;
	table_unmap(t->t);
	free(t->servers);
	free(t);
}

int gate_set_table(struct gate *g, int fd)
{
	struct gate_table *t = calloc(1, sizeof *t);
	int err = t ? table_map(&t->t, fd) : -ENOMEM;

	(void)close(fd); /* the mapping stays */
	if (!err) {
		t->servers = calloc(t->t->server_count + 1, sizeof *t->servers);
		err = t->servers ? 0 : -ENOMEM;
	}
	if (err) {
		if (t)
			table_unmap(t->t);
		free(t);
		return err;
	}
	gate_table_drop(g->table);
	g->table = gate_table_hold(t);
	return 0;
}

/* Two descriptors a flow, and two a pipe; what is asked for if that is fewer. */
static void set_limits(struct gate *g)
{
	struct rlimit nofile = { .rlim_cur = 1024 };
	unsigned taken = g->other_fds + GATE_SPARE_FDS;
	rlim_t free_fds;

	(void)getrlimit(RLIMIT_NOFILE, &nofile); /* cannot fail for this one */
	free_fds = nofile.rlim_cur > taken + 8 ? nofile.rlim_cur - taken : 8;
	g->pool.most =
		free_fds / 16 < GATE_MOST_PIPES ? (unsigned)(free_fds / 16) : GATE_MOST_PIPES;
	free_fds = (free_fds - 2 * g->pool.most) / 2;
	if (!g->most_sessions || g->most_sessions > free_fds)
		g->most_sessions = (unsigned)free_fds;
	g->counters->most_flows = g->most_sessions;
}

static enum gate_relay relay_wish(void)
{
	const char *wish = getenv("SHUNT_RELAY"); /* for tests: documented in shuntd(8) */

	if (wish && strcmp(wish, "copy") == 0)
		return GATE_RELAY_COPY;
	if (wish && strcmp(wish, "splice") == 0)
		return GATE_RELAY_SPLICE;
	return GATE_RELAY_AUTO;
}

int gate_init(struct gate *g, struct loop *loop, struct counters *counters, unsigned number)
{
	g->loop = loop;
	g->counters = counters;
	g->next_id = ((uint64_t)number << CARRIER_ID_SHIFT) + 1;
	g->relay = relay_wish();
	LIST_INIT(&g->sessions);
	TAILQ_INIT(&g->mute);
	asker_init(&g->asker);
	set_limits(g);
	if (evict_open(&g->evict_fd)) {
		g->evict_fd = -1;
		log_warn(
			"no packet socket: a TIME_WAIT of ours may cost a client its port for a minute");
	}
	g->buffer = malloc(GATE_BUFFER_BYTES);
	return g->buffer ? 0 : -ENOMEM;
}

void gate_done(struct gate *g)
{
	struct tcp_session *s;
	struct tcp_session *next;

	for (s = LIST_FIRST(&g->sessions); s; s = next) {
		next = LIST_NEXT(s, entry);
		tcp_session_end(s, FLOW_WHY_stopped);
	}
	for (s = TAILQ_FIRST(&g->mute); s; s = next) {
		next = TAILQ_NEXT(s, line);
		tcp_session_end(s, FLOW_WHY_stopped);
	}
	tcp_listen_close(g);
	asker_done(&g->asker);
	splice_pool_done(&g->pool);
	gate_table_drop(g->table);
	free(g->buffer);
}
