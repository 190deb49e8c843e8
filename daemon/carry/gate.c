/* What the flows of one carrier share. */
#include "carry/gate.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "base/log.h"
#include "carry/drain.h"
#include "carry/handoff.h"
#include "carry/handoff_stamps.h"
#include "carry/tcp_listen.h"
#include "carry/tcp_session.h"
#include "carry/udp.h"
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
	LIST_REMOVE(t, entry);
	table_unmap(t->t);
	free(t->servers);
	free(t->noted);
	free(t->sorted);
	free(t);
}

int gate_compare_servers(const void *a, const void *b)
{
	const struct addr *l = a;
	const struct addr *r = b;

	if (l->port != r->port)
		return l->port < r->port ? -1 : 1;
	if (l->family != r->family)
		return l->family < r->family ? -1 : 1;
	if (l->scope != r->scope)
		return l->scope < r->scope ? -1 : 1;
	return memcmp(l->bytes, r->bytes, sizeof l->bytes);
}

static int list_servers(struct gate_table *t)
{
	uint32_t count = t->t->server_count;

	t->servers = calloc(count + 1, sizeof *t->servers);
	t->sorted = calloc(count + 1, sizeof *t->sorted);
	t->noted = calloc(t->t->backend_count + 1, sizeof *t->noted);
	if (!t->servers || !t->sorted || !t->noted)
		return -ENOMEM;
	for (uint32_t i = 0; i < count; i++)
		t->sorted[i] = table_server(t->t, i)->at;
	qsort(t->sorted, count, sizeof *t->sorted, gate_compare_servers);
	return 0;
}

int gate_table_map(struct gate_table **out, struct gate *g, int fd)
{
	struct gate_table *t = calloc(1, sizeof *t);
	int err = fd < 0 ? -EMFILE : t ? table_map(&t->t, fd) : -ENOMEM;

	if (fd >= 0)
		(void)close(fd); /* the mapping stays */
	if (err) {
		free(t);
		return err;
	}
	LIST_INSERT_HEAD(&g->tables, t, entry);
	(void)gate_table_hold(t);
	err = list_servers(t);
	if (err)
		gate_table_drop(t);
	else
		*out = t;
	return err;
}

int gate_set_places(struct gate *g, int fd)
{
	const struct place_map *map = NULL;
	int err = place_map_open(&map, fd);

	(void)close(fd); /* the mapping stays */
	if (err)
		return err;
	place_map_close(g->places);
	g->places = map;
	return 0;
}

void gate_note(struct gate *g, struct gate_table *t, enum channel_note note, unsigned backend)
{
	unsigned row = backend < t->t->backend_count ? backend : t->t->backend_count;

	/* the keeper knows the backends of the table in force by their numbers */
	if (t != g->table || t->noted[row] >> note & 1)
		return;
	t->noted[row] |= (uint8_t)(1 << note);
	if (g->note)
		g->note(g, note, backend);
}

bool gate_is_empty(const struct gate *g)
{
	return !g->session_count && !udp_is_busy(g);
}

void gate_left(struct gate *g)
{
	tcp_listen_unpark(g);
	if (g->is_retiring && gate_is_empty(g) && g->emptied)
		g->emptied(g);
}

static unsigned count_listeners(const struct gate *g)
{
	const struct tcp_listener *l;
	unsigned count = 0;

	LIST_FOREACH (l, &g->listeners, entry)
		count++;
	return count + udp_fds(g);
}

/* Two descriptors a flow, and two a pipe; what is asked for if that is fewer. */
void gate_limit(struct gate *g)
{
	unsigned taken = count_listeners(g) + 2 * g->sniffers + GATE_SPARE_FDS;
	unsigned free_fds = g->most_fds > taken + 8 ? g->most_fds - taken : 8;

	g->pool.most = free_fds / 16 < GATE_MOST_PIPES ? free_fds / 16 : GATE_MOST_PIPES;
	g->handoff.most_watched = handoff_stamps_most(free_fds);
	free_fds = (free_fds - 2 * g->pool.most - 2 * g->handoff.most_watched) / 2;
	g->most_sessions = g->table ? g->table->t->most_sessions : 0;
	if (!g->most_sessions || g->most_sessions > free_fds)
		g->most_sessions = free_fds;
	g->counters->most_flows = g->most_sessions;
}

static unsigned most_fds(void)
{
	struct rlimit nofile = { .rlim_cur = 1024 };

	(void)getrlimit(RLIMIT_NOFILE, &nofile); /* cannot fail for this one */
	return nofile.rlim_cur > INT_MAX ? INT_MAX : (unsigned)nofile.rlim_cur;
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
	LIST_INIT(&g->tables);
	LIST_INIT(&g->listeners);
	asker_init(&g->asker);
	exec_init(g);
	next_init(&g->next, g);
	g->most_fds = most_fds();
	gate_limit(g);
	if (evict_open(&g->evict_fd)) {
		g->evict_fd = -1;
		log_warn(
			"no packet socket: a TIME_WAIT of ours may cost a client its port for a minute");
	}
	handoff_open(&g->handoff, g->relay == GATE_RELAY_AUTO);
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
	next_forget(g);
	udp_done(g);
	drain_done(g);
	exec_done(g);
	asker_done(&g->asker);
	splice_pool_done(&g->pool);
	gate_table_drop(g->table);
	place_map_close(g->places);
	handoff_done(&g->handoff);
	free(g->buffer);
}
