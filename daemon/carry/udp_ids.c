/* Identifiers of flows of datagrams: learned of servers, found in what strays begin with. */
#include "carry/udp_ids.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/udp_packet.h"
#include "carry/answer.h"
#include "carry/udp.h"
#include "carry/udp_dial.h"

/* A server's datagram that is asked about; the flow itself may be gone meanwhile. */
struct udp_told {
	TAILQ_ENTRY(udp_told) line; /* in udp.told */
	struct asked asked;
	struct gate *gate;
	struct flow_id ends;
	struct known known;
	struct question q;
	uint8_t head[FLOW_ID_HEAD_BYTES];
};

static uint64_t now_ms(const struct gate *g)
{
	return loop_now_ms(g->loop);
}

/* --- what is known of a flow --- */

static const char *name_of(const struct udp_flow *f)
{
	return f->texts ? f->texts + strlen(f->texts) + 1 : ""; /* behind the protocol */
}

static struct known of_flow(const struct udp_flow *f)
{
	const struct table *t = f->table->t;
	struct known known = {
		.server = udp_dial_server(f),
		.divert = known_text(&f->gate->known, udp_flow_divert(f)->name),
		.route = known_text(&f->gate->known, table_route(t, f->route)->name),
		.route_index = f->route,
		.ids = f->watch.ids,
	};

	memcpy(known.name, name_of(f), strlen(name_of(f))); /* udp_ids_watch() */
	return known;
}

void udp_ids_watch(struct udp_flow *f, const struct answer *a)
{
	if (f->gate->known.file && a->route < f->table->t->route_count &&
	    strlen(a->name) < KNOWN_NAME_BYTES)
		f->watch = a->watch;
}

/* --- learning --- */

/* Of the several datagrams with which a QUIC server begins one is enough: the others are not asked about
 * meanwhile. */
static void note_ends(struct gate *g, const struct flow_id *ends, struct known *known, bool is_told)
{
	known->is_told = is_told;
	known_put(&g->known, ends, known, now_ms(g));
}

/* It told nothing, or not all. */
static void listen_on(struct udp_told *told)
{
	if (told->ends.size > 0)
		note_ends(told->gate, &told->ends, &told->known, false);
}

static void told_free(struct udp_told *told)
{
	struct udp *u = told->gate->udp;

	asker_forget(told->gate, &told->asked);
	TAILQ_REMOVE(&u->told, told, line);
	u->told_count--;
	free(told);
}

static void told_again(struct asked *a)
{
	struct udp_told *told = container_of(a, struct udp_told, asked);
	uint8_t *message = told->gate->buffer;

	memcpy(message + sizeof told->q, told->head, told->q.size);
	if (asker_ask(told->gate, a, &told->q, message) != -ENOMEM)
		return;
	listen_on(told);
	told_free(told);
}

static void told_lost(struct asked *a)
{
	struct udp_told *told = container_of(a, struct udp_told, asked);

	listen_on(told);
	told_free(told);
}

static void told_answer(struct asked *asked, const struct answer *a)
{
	struct udp_told *told = container_of(asked, struct udp_told, asked);
	struct gate *g = told->gate;
	bool is_told = a->verdict == ANSWER_TOLD && a->id.size > 0 && !a->id.is_open &&
		       a->id.kind == told->known.ids;

	if (is_told) {
		known_put(&g->known, &a->id, &told->known, now_ms(g));
		g->counters->udp_learned++;
	}
	if (!is_told || a->watch.first)
		listen_on(told);
	told_free(told);
}

static const struct asked_kind told_asked = { .again = told_again,
					      .answer = told_answer,
					      .lost = told_lost };

/* ends: of a flow that was handed over; NULL: it is relayed. False: it could not be asked. */
static bool ask(struct gate *g, const struct known *known, const struct flow_id *ends,
		struct span datagram, size_t whole)
{
	struct udp *u = g->udp;
	struct udp_told *told;
	size_t size = datagram.size < FLOW_ID_HEAD_BYTES ? datagram.size : FLOW_ID_HEAD_BYTES;

	if (size == 0 || u->told_count >= UDP_MOST_LEARNING)
		return false;
	told = calloc(1, sizeof *told);
	if (!told)
		return false;
	told->asked.kind = &told_asked;
	told->gate = g;
	told->known = *known;
	if (ends)
		told->ends = *ends;
	told->q = (struct question){ .kind = QUESTION_TOLD,
				     .transport = QUESTION_UDP,
				     .ids = known->ids,
				     .whole = (uint16_t)whole,
				     .size = (uint32_t)size };
	memcpy(told->head, datagram.data, size);
	TAILQ_INSERT_TAIL(&u->told, told, line);
	u->told_count++;
	told_again(&told->asked);
	return true;
}

/* Is this one of those that matter? */
static bool is_watched(struct answer_watch *watch, size_t size)
{
	if (watch->first > 0) {
		watch->first--;
		return true;
	}
	return size > 0 && (size == watch->sizes[0] || size == watch->sizes[1]);
}

void udp_ids_seen(struct udp_flow *f, const struct udp_run *run)
{
	struct span datagram;
	struct known known;
	size_t at = 0;

	while (udp_run_next(run, &at, &datagram)) {
		if (!is_watched(&f->watch, datagram.size))
			continue;
		known = of_flow(f);
		(void)ask(f->gate, &known, NULL, datagram,
			  datagram.size); /* there may be a next one */
	}
}

void udp_ids_handed(struct udp_flow *f)
{
	struct known known;
	struct flow_id ends;

	if (f->watch.ids == FLOW_ID_NONE)
		return;
	known = of_flow(f);
	ends = known_ends(&f->gate->known, &f->from, &f->to);
	known_put(&f->gate->known, &ends, &known, now_ms(f->gate));
}

void udp_ids_shown(struct gate *g, struct span packet)
{
	struct udp_packet p;
	struct flow_id ends;
	struct known known;

	if (!g->udp || !g->known.file || !udp_packet_parse(packet, &p))
		return;
	ends = known_ends(&g->known, &p.to, &p.from); /* it is on its way to the client */
	if (!known_find(&g->known, &ends, 0, now_ms(g), &known) || known.is_told)
		return;
	/* remembered for longer, from now on */
	note_ends(g, &ends, &known, known.ids == FLOW_ID_QUIC);
	if (!ask(g, &known, &ends, p.head, p.whole))
		note_ends(g, &ends, &known, false);
}

void udp_ids_stop(struct gate *g)
{
	struct udp_told *told = g->udp ? TAILQ_FIRST(&g->udp->told) : NULL;
	struct udp_told *after;

	for (; told; told = after) {
		after = TAILQ_NEXT(told, line);
		told_free(told);
	}
}

/* --- finding --- */

void udp_ids_drop(struct udp_flow *f)
{
	free(f->known);
	f->known = NULL;
}

/* Where that route is today, or TABLE_NONE. */
static uint16_t route_of(const struct udp_flow *f, const struct known *known)
{
	const struct known_table *names = &f->gate->known;
	const struct table *t = f->table->t;

	if (known->route_index < t->route_count &&
	    known_text(names, table_route(t, known->route_index)->name) == known->route)
		return known->route_index;
	for (unsigned i = 0; i < t->route_count; i++)
		if (known_text(names, table_route(t, i)->name) == known->route)
			return (uint16_t)i;
	return TABLE_NONE;
}

bool udp_ids_find(struct udp_flow *f, const struct answer *a)
{
	struct gate *g = f->gate;
	struct known known;

	if (a->id.size == 0 || f->is_looked_up)
		return false;
	f->is_looked_up = true;
	if (!known_find(&g->known, &a->id, known_text(&g->known, udp_flow_divert(f)->name),
			now_ms(g), &known))
		return false;
	known.route_index = route_of(f, &known);
	if (known.route_index == TABLE_NONE)
		return false;
	f->known = malloc(sizeof *f->known);
	if (!f->known)
		return false;
	*f->known = known;
	return true;
}

int udp_ids_ask(struct udp_flow *f)
{
	const struct known *known = f->known;
	const struct question q = { .kind = QUESTION_LED,
				    .transport = QUESTION_UDP,
				    .ids = known->ids,
				    .divert = f->divert,
				    .route = known->route_index,
				    .size = (uint32_t)strlen(known->name),
				    .client = f->from,
				    .to = f->to };

	memcpy(f->gate->buffer + sizeof q, known->name, q.size);
	return asker_ask(f->gate, &f->asked, &q, f->gate->buffer);
}

/* Which of the servers of its family it is in its backend; TABLE_NONE: none of them. */
static uint32_t rank_of(const struct table *t, const struct table_backend *b,
			const struct addr *server)
{
	uint32_t place = 0;

	for (uint32_t i = b->first_server; i < b->first_server + b->server_count; i++) {
		const struct addr *at = &table_server(t, i)->at;

		if (addr_equal(at, server))
			return place;
		place += at->family == server->family;
	}
	return TABLE_NONE;
}

/* The server in that place of the family, or TABLE_NONE. */
static uint32_t server_at(const struct table *t, const struct table_backend *b, uint16_t family,
			  uint32_t place)
{
	for (uint32_t i = b->first_server; i < b->first_server + b->server_count; i++)
		if (table_server(t, i)->at.family == family && !place--)
			return i;
	return TABLE_NONE;
}

/*
 * The server that knows it, if it is one of the backend's; else the flow goes to
 * whichever is. A client that has moved to the other family is led to the server
 * in the same place there: of one host, where both are listed in the same order.
 */
static void lead(struct udp_flow *f, const struct answer *a)
{
	const struct table *t = f->table->t;
	const struct table_backend *b;
	uint16_t family;
	uint32_t place;
	uint32_t found;

	if (a->action != ANSWER_BACKEND)
		return;
	b = table_backend(t, a->backend);
	family = b->is_source_router ? f->known->server.family : f->from.family;
	place = rank_of(t, b, &f->known->server);
	found = place == TABLE_NONE ? TABLE_NONE : server_at(t, b, family, place);
	if (found == TABLE_NONE)
		return;
	f->server_index = found;
	f->is_led = true;
}

bool udp_ids_led(struct udp_flow *f, const struct answer *a)
{
	bool is_right = a->verdict == ANSWER_DECIDED && a->route == f->known->route_index &&
			answer_is_allowed(f->table->t, udp_flow_divert(f), a);

	if (is_right) {
		lead(f, a);
		f->gate->counters->udp_found++;
	}
	udp_ids_drop(f);
	return is_right;
}
