/* The time that flows to vanished servers still have. */
#include "carry/drain.h"

#include <stdlib.h>

#include "base/log.h"
#include "carry/tcp_listen.h"
#include "carry/tcp_session.h"
#include "carry/udp.h"
#include "carry/udp_flow.h"
#include "carry/udp_listen.h"

static bool is_listed(const struct gate_table *t, const struct addr *server)
{
	return bsearch(server, t->sorted, t->t->server_count, sizeof *t->sorted,
		       gate_compare_servers) != NULL;
}

/* Their time begins now, unless it has begun before; false when the table has no such server. */
static bool mark_gone(struct gate_table *t, const struct gate_table *now, uint64_t now_ms)
{
	bool is_any = false;

	for (uint32_t i = 0; i < t->t->server_count; i++) {
		struct gate_server *server = &t->servers[i];

		if (is_listed(now, &table_server(t->t, i)->at)) {
			server->gone_ms = 0;
			continue;
		}
		if (!server->gone_ms)
			server->gone_ms = now_ms;
		is_any = true;
	}
	return is_any;
}

enum {
	LOOK_AGAIN_MS = 1000, /* at flows of a former table that have no server yet */
};

/* When the time of flows to this server is over; 0: it is not gone. */
static uint64_t server_over_ms(const struct gate *g, const struct gate_table *t, uint32_t server)
{
	uint64_t gone_ms = t->servers[server].gone_ms;

	return gone_ms ? gone_ms + g->table->t->drain_ms : 0;
}

/* When the time of this flow is over; 0: it goes to a server that is not gone. */
static uint64_t over_ms(const struct tcp_session *s)
{
	if (s->table == s->gate->table)
		return 0;
	if (s->state == TCP_HELD)
		return loop_now_ms(s->gate->loop) + LOOK_AGAIN_MS;
	if (s->action != ANSWER_BACKEND || !s->has_server)
		return 0;
	return server_over_ms(s->gate, s->table, s->server_index);
}

/* The same of a relayed UDP flow. */
static uint64_t udp_over_ms(const struct udp_flow *f)
{
	if (f->table == f->gate->table || f->action != ANSWER_BACKEND)
		return 0;
	return server_over_ms(f->gate, f->table, f->server_index);
}

/* Listeners of a divert that is gone may still bring flows of a former table: when to look at those; 0:
 * there are none. */
static uint64_t more_ms(const struct gate *g)
{
	const struct tcp_listener *l;
	const struct udp_listener *udp;

	LIST_FOREACH (l, &g->listeners, entry)
		if (l->leave_ms)
			return loop_now_ms(g->loop) + LOOK_AGAIN_MS;
	if (!g->udp)
		return 0;
	LIST_FOREACH (udp, &g->udp->listeners, entry)
		if (udp->leave_ms)
			return loop_now_ms(g->loop) + LOOK_AGAIN_MS;
	return 0;
}

/* End those of that list whose time is over. When that of the next one is; next_ms: what is known so far. */
static uint64_t end_udp(const struct udp_list *list, uint64_t next_ms)
{
	struct udp_flow *f;
	struct udp_flow *after;

	for (f = TAILQ_FIRST(list); f; f = after) {
		uint64_t ms = udp_over_ms(f);

		after = TAILQ_NEXT(f, line); /* only f itself can end here */
		if (!ms)
			continue;
		if (ms <= loop_now_ms(f->gate->loop))
			udp_flow_end(f, FLOW_WHY_drained);
		else if (!next_ms || ms < next_ms)
			next_ms = ms;
	}
	return next_ms;
}

/* End those whose time is over; come back for the others. */
static void drain_fires(struct timer *t)
{
	struct gate *g = container_of(t, struct gate, drain);
	uint64_t next_ms = more_ms(g);
	struct tcp_session *s;
	struct tcp_session *after;

	for (s = LIST_FIRST(&g->sessions); s; s = after) {
		uint64_t ms = over_ms(s);

		after = LIST_NEXT(s, entry); /* only s itself can end here */
		if (!ms)
			continue;
		if (ms <= loop_now_ms(g->loop))
			tcp_session_end(s, FLOW_WHY_drained);
		else if (!next_ms || ms < next_ms)
			next_ms = ms;
	}
	if (g->udp) {
		next_ms = end_udp(&g->udp->kept, next_ms);
		next_ms = end_udp(&g->udp->brief, next_ms);
		next_ms = end_udp(&g->udp->relayed, next_ms);
	}
	if (next_ms && timer_arm(g->loop, t, next_ms))
		log_warn("out of memory: flows to servers that are gone are not ended in time");
}

void drain_look(struct gate *g)
{
	bool is_any = false;
	struct gate_table *t;

	LIST_FOREACH (t, &g->tables, entry)
		is_any |= t != g->table && mark_gone(t, g->table, loop_now_ms(g->loop));
	timer_disarm(g->loop, &g->drain);
	g->drain.fire = drain_fires;
	if (is_any)
		drain_fires(&g->drain);
}

void drain_done(struct gate *g)
{
	timer_disarm(g->loop, &g->drain);
}
