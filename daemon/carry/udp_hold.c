/*
 * The first look at a UDP flow: keep its datagrams, ask the sniffer, do as the
 * answer says. Nothing here looks into them.
 */
#include "carry/udp_hold.h"

#include <errno.h>
#include <stdlib.h>

#include "carry/answer.h"
#include "carry/udp.h"
#include "carry/udp_dial.h"
#include "carry/udp_ids.h"
#include "carry/udp_refuse.h"

enum {
	MOST_TIMES_LOST = 1,      /* a question over which more sniffers died is not asked again */
	MOST_FINAL_MS = 2 * 1000, /* how long the answer to a last question may take */
};

static void go(struct udp_flow *f, uint16_t route, uint16_t action, uint16_t backend)
{
	asker_forget(f->gate, &f->asked);
	f->route = route;
	f->action = (uint8_t)action;
	f->backend = backend;
	if (route < f->table->t->route_count)
		f->gate->counters->route_total[table_route(f->table->t, route)->counter]++;
	switch ((enum answer_action)action) {
	case ANSWER_REJECT:
		udp_refuse_held(f);
		udp_flow_end(f, FLOW_WHY_rejected);
		return;
	case ANSWER_DROP:
		udp_flow_mute(f);
		return;
	case ANSWER_ORIGINAL:
	case ANSWER_BACKEND:
		udp_dial_start(f);
		return;
	}
}

static void go_target(struct udp_flow *f, uint16_t route, const struct table_target *target)
{
	go(f, route, target->action, target->backend);
}

static void go_unknown(struct udp_flow *f)
{
	go_target(f, ANSWER_ROUTE_UNKNOWN, &udp_flow_divert(f)->unknown_udp);
}

static size_t memory_of(const struct udp_held *held)
{
	return held ? sizeof *held + held->size : 0;
}

void udp_hold_drop(struct udp_flow *f)
{
	f->gate->udp->held_bytes -= memory_of(f->held);
	f->gate->counters->udp_held = f->gate->udp->held_bytes;
	free(f->held);
	f->held = NULL;
	if (f->in == &f->gate->udp->kept)
		udp_flow_line(f, &f->gate->udp->brief);
}

static struct udp_flow *oldest_but(const struct udp_list *list, const struct udp_flow *f)
{
	struct udp_flow *oldest = TAILQ_FIRST(list);

	return oldest == f && f ? TAILQ_NEXT(oldest, line) : oldest;
}

/* The oldest undecided flow goes, other than f. False: there is none. */
static bool evict_one(struct udp *u, const struct udp_flow *f)
{
	struct udp_flow *oldest = oldest_but(&u->resting, f);

	if (!oldest)
		oldest = oldest_but(&u->asked, f);
	if (oldest)
		udp_flow_evict(oldest);
	return oldest;
}

/* What is kept for another server goes first. False: there is nothing. */
static bool make_room(struct udp *u, const struct udp_flow *f)
{
	struct udp_flow *kept = oldest_but(&u->kept, f);

	if (!kept)
		return evict_one(u, f);
	udp_hold_drop(kept);
	return true;
}

/* The first is taken whatever its size; then as many as the sniffer is shown. */
static bool has_place(const struct udp_held *held, size_t size)
{
	return !held || (held->count < DATAGRAMS_MOST && held->bytes < DATAGRAMS_MOST_BYTES &&
			 size <= DATAGRAMS_MOST_BYTES - held->bytes);
}

static bool hold_one(struct udp_flow *f, struct span datagram, uint8_t tos)
{
	struct udp *u = f->gate->udp;
	struct udp_held *held = f->held;
	size_t before = memory_of(held);
	size_t after = (held ? before : sizeof *held) + DATAGRAMS_HEAD_BYTES + datagram.size;
	uint8_t *at;

	if (!has_place(held, datagram.size))
		return false;
	while (u->held_bytes - before + after > UDP_MOST_HELD_BYTES)
		if (!make_room(u, f))
			return false;
	held = realloc(held, after);
	if (!held)
		return false;
	if (!f->held)
		memset(held, 0, sizeof *held);
	at = held->run + held->size;
	at[0] = (uint8_t)(datagram.size >> 8);
	at[1] = (uint8_t)datagram.size;
	if (datagram.size > 0)
		memcpy(at + DATAGRAMS_HEAD_BYTES, datagram.data, datagram.size);
	held->size += (uint32_t)(DATAGRAMS_HEAD_BYTES + datagram.size);
	held->bytes += (uint32_t)datagram.size;
	held->tos[held->count++] = tos;
	f->held = held;
	u->held_bytes += after - before;
	f->gate->counters->udp_held = u->held_bytes;
	return true;
}

bool udp_hold_keep(struct udp_flow *f, const struct udp_run *run)
{
	struct span datagram;
	size_t at = 0;

	while (udp_run_next(run, &at, &datagram))
		if (!hold_one(f, datagram, run->tos))
			return false;
	return true;
}

static bool is_full(const struct udp_held *held)
{
	return held->count == DATAGRAMS_MOST || held->bytes >= DATAGRAMS_MOST_BYTES;
}

/* Of a flow of which no more will be looked at, too, a program may still have a word. */
static bool is_last(const struct udp_flow *f)
{
	return f->is_final && exec_is_last(&f->asked.exec, f->table->t, f->is_late);
}

/* Could the sniffer say more about what is held than it did? */
static bool is_worth_asking(const struct udp_flow *f)
{
	if (is_last(f) || !f->asked.size || exec_has_news(&f->asked.exec))
		return true;
	return f->is_final ? !f->asked.exec.is_whole
			   : f->held->size > f->asked.size && f->held->size >= f->wanted;
}

static int ask_sniffer(struct udp_flow *f)
{
	struct question q = { .transport = QUESTION_UDP,
			      .divert = f->divert,
			      .is_final = is_last(f),
			      .size = f->held->size,
			      .client = f->from,
			      .to = f->to };

	if (f->known)
		return udp_ids_ask(f);
	/* a first datagram may be larger than any that is looked at: then it ends within */
	if (q.size > DATAGRAMS_ROOM)
		q.size = DATAGRAMS_ROOM;
	memcpy(f->gate->buffer + sizeof q, f->held->run, q.size);
	return asker_ask(f->gate, &f->asked, &q, f->gate->buffer);
}

static void ask(struct udp_flow *f)
{
	const struct table_divert *d = udp_flow_divert(f);

	if (f->state != UDP_HELD || !f->held || asked_is_pending(&f->asked))
		return;
	if (d->direct_udp_route != TABLE_NONE) {
		go_target(f, d->direct_udp_route, &d->direct_udp);
		return;
	}
	if (f->table != f->gate->table) { /* its divert is gone: there is nobody left to ask */
		go_unknown(f);
		return;
	}
	if (is_full(f->held))
		f->is_final = true;
	if (!is_worth_asking(f))
		return;
	switch (ask_sniffer(f)) {
	case 0:
		f->asked.size = f->held->size;
		f->is_asked_final = is_last(f);
		f->asked.exec.is_whole = f->is_final;
		udp_flow_line(f, &f->gate->udp->asked);
		break;
	case -ENOMEM:
		udp_flow_end(f, FLOW_WHY_memory);
		break;
	}
}

void udp_hold_take(struct udp_flow *f, const struct udp_run *run)
{
	struct udp *u = f->gate->udp;
	struct span datagram;
	size_t at = 0;

	while (u->undecided > UDP_MOST_UNDECIDED && evict_one(u, f))
		;
	while (udp_run_next(run, &at, &datagram)) {
		if (hold_one(f, datagram, run->tos))
			continue;
		f->gate->counters->udp_lost++;
		f->is_final = true; /* no further one would be looked at */
	}
	if (!f->held) {
		udp_flow_end(f, FLOW_WHY_memory);
		return;
	}
	if (!f->deadline_ms)
		udp_flow_deadline(f, udp_flow_divert(f)->wait_ms);
	ask(f);
}

static void asked_again(struct asked *a)
{
	ask(container_of(a, struct udp_flow, asked));
}

static void asked_lost(struct asked *a)
{
	struct udp_flow *f = container_of(a, struct udp_flow, asked);

	if (f->state == UDP_HELD && ++f->times_lost > MOST_TIMES_LOST)
		go_unknown(f);
}

/* Another question is to be answered, whether or not there is more to see. */
static void ask_anew(struct udp_flow *f)
{
	f->asked.size = 0;
	f->wanted = 0;
	udp_flow_line(f, &f->gate->udp->resting);
	ask(f);
}

/* Have these probes' programs asked about the first datagram. */
static void ask_programs(struct udp_flow *f, uint32_t probes)
{
	struct exec_about about = { .transport = QUESTION_UDP,
				    .client = &f->from,
				    .to = &f->to,
				    .ends_ms = f->deadline_ms };

	if (probes && f->held && !f->is_late) {
		const uint8_t *run = f->held->run;

		about.bytes = span_of(run + DATAGRAMS_HEAD_BYTES, (size_t)run[0] << 8 | run[1]);
		exec_ask(f->gate, &f->asked, probes, &about);
	}
	f->asked.exec.is_over = f->asked.exec.is_whole && !f->asked.exec.waits;
}

/* Checked already for its form, not yet for its sense. */
static void asked_answer(struct asked *asked, const struct answer *a)
{
	struct udp_flow *f = container_of(asked, struct udp_flow, asked);

	if (f->state != UDP_HELD)
		return;
	if (f->known ? !udp_ids_led(f, a) : udp_ids_find(f, a)) {
		ask_anew(f);
		return;
	}
	if (a->verdict == ANSWER_MORE && !f->is_asked_final) {
		f->wanted = a->wanted < DATAGRAMS_ROOM ? a->wanted : DATAGRAMS_ROOM;
		udp_flow_line(f, &f->gate->udp->resting);
		ask_programs(f, a->exec_ask);
		ask(f); /* more may have come while it was judged */
		return;
	}
	if (a->verdict != ANSWER_DECIDED ||
	    !answer_is_allowed(f->table->t, udp_flow_divert(f), a)) {
		go_unknown(f);
		return;
	}
	f->gate->counters->regex_cut += a->cut;
	udp_ids_watch(f, a);
	if (answer_keep_texts(a, &f->texts))
		udp_flow_end(f, FLOW_WHY_memory);
	else
		go(f, a->route, a->action, a->backend);
}

const struct asked_kind udp_hold_asked = { .again = asked_again,
					   .answer = asked_answer,
					   .lost = asked_lost };

void udp_hold_move(struct udp_flow *f, int divert)
{
	struct gate *g = f->gate;

	asker_forget(g, &f->asked);
	udp_ids_drop(f);
	f->is_looked_up = false;
	udp_flow_line(f, &g->udp->resting);
	f->asked.size = 0;
	f->wanted = 0;
	f->is_final = f->is_late;
	if (divert >= 0) {
		g->counters->divert_active[udp_flow_divert(f)->counter]--;
		gate_table_drop(f->table);
		f->table = gate_table_hold(g->table);
		f->divert = (uint16_t)divert;
		g->counters->divert_active[udp_flow_divert(f)->counter]++;
	}
	ask(f);
}

void udp_hold_late(struct udp_flow *f)
{
	if (f->is_late) { /* even the last question found no answer in time */
		go_unknown(f);
		return;
	}
	f->is_late = true;
	f->is_final = true;
	udp_flow_deadline(f, MOST_FINAL_MS);
	ask(f);
}
