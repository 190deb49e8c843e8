/* The way of a UDP flow to its server: which one, and what to do when it cannot be had. */
#include "carry/udp_dial.h"

#include <errno.h>
#include <unistd.h>

#include "carry/udp.h"
#include "carry/udp_handoff.h"
#include "carry/udp_refuse.h"
#include "carry/udp_relay.h"
#include "carry/udp_source.h"
#include "kernel/udp_socket.h"

struct addr udp_dial_server(const struct udp_flow *f)
{
	if (!f->has_server)
		return (struct addr){ 0 };
	return f->action == ANSWER_ORIGINAL ? f->to
					    : table_server(f->table->t, f->server_index)->at;
}

/* The number of the present server's counters. */
static unsigned counter_of(const struct udp_flow *f)
{
	return table_server(f->table->t, f->server_index)->counter;
}

static bool is_router_source(const struct udp_flow *f)
{
	return f->action == ANSWER_BACKEND && udp_flow_backend(f)->is_source_router;
}

/* The next server of that family (0: any) behind the present one, or TABLE_NONE. */
static uint32_t behind(const struct udp_flow *f, uint16_t family)
{
	const struct table_backend *b = udp_flow_backend(f);
	uint32_t i = f->has_server ? f->server_index + 1 : b->first_server;

	for (; i < b->first_server + b->server_count; i++)
		if (!family || table_server(f->table->t, i)->at.family == family)
			return i;
	return TABLE_NONE;
}

/* Candidates are the servers of the client's family; where there is none, and our own address is used
 * anyway, those of the other. */
static uint32_t next_server(const struct udp_flow *f)
{
	uint16_t family = f->from.family;
	uint32_t found;

	if (is_router_source(f) && f->has_server)
		family = udp_dial_server(f).family;
	found = behind(f, family);
	if (found == TABLE_NONE && !f->has_server && is_router_source(f))
		found = behind(f, 0);
	return found;
}

bool udp_dial_has_next(const struct udp_flow *f)
{
	return f->action == ANSWER_BACKEND && !f->is_led &&
	       f->tries <= udp_flow_backend(f)->retries && next_server(f) != TABLE_NONE;
}

static bool step(struct udp_flow *f)
{
	uint32_t next;

	if (f->action == ANSWER_ORIGINAL || f->is_led) {
		if (f->has_server)
			return false;
		f->has_server = true;
		return true;
	}
	next = next_server(f);
	if (next == TABLE_NONE)
		return false;
	f->server_index = next;
	f->has_server = true;
	return true;
}

static enum flow_why why_of(int err)
{
	switch (err) {
	case -ECONNREFUSED:
		return FLOW_WHY_connect_refused;
	case -EMFILE:
	case -ENFILE:
		return FLOW_WHY_limit;
	case -ENOMEM:
	case -ENOBUFS:
		return FLOW_WHY_memory;
	}
	return FLOW_WHY_no_server; /* no route, forbidden, unreachable */
}

/* Is it of no use to try another server? */
static bool is_final(int err)
{
	enum flow_why why = why_of(err);

	return why == FLOW_WHY_limit || why == FLOW_WHY_memory;
}

static void note_server(struct udp_flow *f)
{
	struct counters *c = f->gate->counters;

	if (f->action != ANSWER_BACKEND)
		return;
	c->server_total[counter_of(f)]++;
	c->server_active[counter_of(f)]++;
	f->is_counted_server = true;
}

/* Who counts it as active is the keeper. */
static void note_handed(const struct udp_flow *f)
{
	if (f->action == ANSWER_BACKEND)
		f->gate->counters->server_total[counter_of(f)]++;
}

void udp_dial_hang_up(struct udp_flow *f)
{
	if (f->server.fd >= 0) {
		loop_closing(f->gate->loop, &f->server);
		(void)close(f->server.fd); /* what it sent has left */
		f->server.fd = -1;
	}
	if (f->is_counted_server)
		f->gate->counters->server_active[counter_of(f)]--;
	f->is_counted_server = false;
	udp_source_leave(f);
}

/* Is there room for one more relayed flow, or is it one already? */
static bool has_place(const struct udp_flow *f)
{
	struct gate *g = f->gate;

	return f->state == UDP_RELAYED || g->session_count < g->most_sessions || udp_make_room(g);
}

/* Try the present server, and those behind it. err: of the one before. */
static void attempt(struct udp_flow *f, int err)
{
	uint32_t retries = f->action == ANSWER_BACKEND ? udp_flow_backend(f)->retries : 0;

	while (!is_final(err) && f->tries <= retries && step(f)) {
		f->tries++;
		udp_source_choose(f);
		if (udp_handoff_early(f)) {
			note_handed(f);
			return;
		}
		if (!has_place(f)) {
			udp_flow_end(f, FLOW_WHY_limit);
			return;
		}
		err = udp_source_open(f);
		if (err >= 0) {
			f->server.fd = err;
			note_server(f);
			udp_relay_start(f);
			return;
		}
		udp_source_leave(f);
		if (f->action == ANSWER_BACKEND)
			f->gate->counters->server_failed[counter_of(f)]++;
	}
	udp_flow_end(f, why_of(err));
}

void udp_dial_start(struct udp_flow *f)
{
	struct gate *g = f->gate;

	if (!is_router_source(f) && addr_is_link_local(&f->from)) {
		/* its address means nothing beyond its link (RFC 4291 2.5.6), nor to two servers on it */
		gate_note(g, f->table, NOTE_LINK_LOCAL,
			  f->action == ANSWER_BACKEND ? f->backend : TABLE_NONE);
		udp_flow_end(f, FLOW_WHY_no_family);
		return;
	}
	if (f->action == ANSWER_BACKEND && next_server(f) == TABLE_NONE) {
		udp_flow_end(f, udp_flow_backend(f)->server_count ? FLOW_WHY_no_family
								  : FLOW_WHY_no_server);
		return;
	}
	attempt(f, 0);
}

void udp_dial_refused(struct udp_flow *f, int err)
{
	if (f->held && !f->out_count && udp_dial_has_next(f)) {
		f->gate->counters->server_failed[counter_of(f)]++;
		udp_dial_hang_up(f);
		f->in_bytes = 0;
		f->in_count = 0;
		attempt(f, err);
		return;
	}
	udp_refuse_held(f);
	f->is_refused = true;
	if (!f->out_count && udp_relay_is_young(f)) {
		if (f->action == ANSWER_BACKEND)
			f->gate->counters->server_failed[counter_of(f)]++;
		udp_flow_end(f,
			     err == -ECONNREFUSED ? FLOW_WHY_connect_refused : FLOW_WHY_no_server);
	}
}
