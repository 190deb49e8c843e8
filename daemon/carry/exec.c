/* Questions to programs, by way of shunt-spawn, and their answers. */
#include "carry/exec.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "carry/gate.h"
#include "kernel/fd_pass.h"

void exec_init(struct gate *g)
{
	TAILQ_INIT(&g->exec.asked);
	g->exec.gate = g;
	g->exec.w.fd = -1;
}

/* --- places --- */

static uint16_t number_of(const struct exec *e, const struct exec_place *p)
{
	return (uint16_t)(p - e->places + 1);
}

static int make_places(struct exec *e)
{
	if (e->places)
		return 0;
	e->places = calloc(EXEC_MOST_ASKED, sizeof *e->places);
	if (!e->places)
		return -ENOMEM;
	for (uint16_t i = EXEC_MOST_ASKED; i > 0; i--) {
		e->places[i - 1].next = e->free;
		e->free = i;
	}
	return 0;
}

/* Out of its flow's, and free. */
static void free_place(struct exec *e, struct exec_place *p)
{
	uint16_t number = number_of(e, p);
	uint16_t *at = &p->asked->exec.first;

	while (*at != number)
		at = &e->places[*at - 1].next;
	*at = p->next;
	TAILQ_REMOVE(&e->asked, p, line);
	p->asked->exec.waits &= ~(UINT32_C(1) << p->probe);
	p->asked = NULL;
	p->generation++;
	p->next = e->free;
	e->free = number;
}

void exec_forget(struct gate *g, struct asked *asked)
{
	while (asked->exec.first)
		free_place(&g->exec, &g->exec.places[asked->exec.first - 1]);
	asked->exec = (struct exec_words){ 0 };
}

/* --- words --- */

/* Are there more bytes than it was shown, or may there be? */
static bool may_say_more(const struct exec_place *p)
{
	const struct exec_words *w = &p->asked->exec;

	return !p->is_datagram && w->rounds < EXEC_MOST_ROUNDS &&
	       (p->asked->size > p->size || !w->is_whole);
}

static void take_word(struct exec_place *p, enum spawn_word word, struct counters *c)
{
	struct exec_words *w = &p->asked->exec;
	uint32_t bit = UINT32_C(1) << p->probe;

	switch (word) {
	case SPAWN_YES:
		w->yes |= bit;
		c->probe_yes[p->counter]++;
		break;
	case SPAWN_MORE:
		if (may_say_more(p)) {
			w->rounds++;
			if (p->asked->size > p->size)
				w->is_again = true;
			else
				w->later |= bit;
			break;
		}
		__attribute__((fallthrough));
	case SPAWN_NO:
		w->no |= bit;
		c->probe_no[p->counter]++;
		break;
	case SPAWN_FAILED:
	case SPAWN_WORDS:
		w->no |= bit;
		c->probe_failed[p->counter]++;
		break;
	}
}

/* The flow has this word; it may be gone afterwards. */
static void hear(struct exec *e, struct exec_place *p, enum spawn_word word)
{
	struct asked *asked = p->asked;

	take_word(p, word, e->gate->counters);
	free_place(e, p);
	asked->kind->again(asked);
}

/* The other end is gone, or not to be believed. */
static void link_down(struct exec *e)
{
	struct exec_place *p;

	loop_forget(e->gate->loop, &e->w);
	(void)close(e->w.fd); /* nobody reads there what we said */
	e->w.fd = -1;
	while ((p = TAILQ_FIRST(&e->asked)) != NULL)
		hear(e, p, SPAWN_FAILED);
}

static void set_late(struct exec *e)
{
	const struct exec_place *oldest = TAILQ_FIRST(&e->asked);

	if (!oldest)
		timer_disarm(e->gate->loop, &e->late);
	else
		(void)timer_arm(e->gate->loop, &e->late,
				oldest->ends_ms); /* without it silence costs a flow its `wait` */
}

static void late_fires(struct timer *t)
{
	struct exec *e = container_of(t, struct exec, late);
	struct exec_place *p;

	for (p = TAILQ_FIRST(&e->asked); p && p->ends_ms <= loop_now_ms(e->gate->loop);
	     p = TAILQ_FIRST(&e->asked))
		hear(e, p, SPAWN_FAILED);
	set_late(e);
}

/* An answer to a question whose flow is gone, or that was given up, finds another generation there. */
static void take_reply(struct exec *e, const struct spawn_reply *reply)
{
	uint32_t index = (uint32_t)reply->id;
	struct exec_place *p;

	if (!e->places || index >= EXEC_MOST_ASKED)
		return;
	p = &e->places[index];
	if (p->asked && p->generation == (uint32_t)(reply->id >> 32))
		hear(e, p, (enum spawn_word)reply->word);
}

static void link_ready(struct watch *w, uint32_t events)
{
	struct exec *e = container_of(w, struct exec, w);
	struct spawn_reply reply;
	ssize_t size;

	(void)events;
	for (;;) {
		size = fd_pass_hear(w->fd, &reply, sizeof reply);
		if (size == -EAGAIN)
			return;
		if (size <= 0 || !spawn_reply_is_sane(&reply, (size_t)size)) {
			link_down(e);
			if (e->lost)
				e->lost(e->gate);
			return;
		}
		take_reply(e, &reply);
		if (w->fd < 0)
			return;
	}
}

int exec_link_up(struct gate *g, int fd)
{
	struct exec *e = &g->exec;
	int err;

	if (e->w.fd >= 0)
		link_down(e);
	e->late.fire = late_fires;
	e->w = (struct watch){ .fd = fd, .events = EPOLLIN, .ready = link_ready };
	err = loop_watch(g->loop, &e->w);
	if (err) {
		(void)close(fd); /* nothing was asked over it */
		e->w.fd = -1;
	}
	return err;
}

void exec_done(struct gate *g)
{
	if (g->exec.w.fd >= 0) {
		loop_forget(g->loop, &g->exec.w);
		(void)close(g->exec.w.fd); /* nobody waits for an answer */
	}
	timer_disarm(g->loop, &g->exec.late);
	free(g->exec.places);
}

/* --- questions --- */

/* False: it does not take it. */
static bool send_request(struct exec *e, const struct exec_place *p, const struct exec_about *about)
{
	uint8_t message[sizeof(struct spawn_request) + SPAWN_MOST_BYTES];
	size_t size = about->bytes.size < SPAWN_MOST_BYTES ? about->bytes.size : SPAWN_MOST_BYTES;
	uint64_t ends_ms = about->ends_ms < p->ends_ms ? about->ends_ms : p->ends_ms;
	uint64_t now_ms = loop_now_ms(e->gate->loop);
	struct spawn_request q = {
		.version = SPAWN_VERSION,
		.kind = SPAWN_PROBE,
		.transport = about->transport,
		.size = (uint32_t)size,
		.id = (uint64_t)p->generation << 32 | (uint32_t)(p - e->places),
		.within_ms = ends_ms > now_ms ? (uint32_t)(ends_ms - now_ms) : 0,
		.client = *about->client,
		.to = *about->to,
	};

	memcpy(q.name, table_probe(e->gate->table->t, p->probe)->name, sizeof q.name);
	memcpy(message, &q, sizeof q);
	if (size > 0)
		memcpy(message + sizeof q, about->bytes.data, size);
	return send(e->w.fd, message, sizeof q + size, MSG_DONTWAIT | MSG_NOSIGNAL) > 0;
}

/* A place of this flow's, the last in line; NULL: there is none. */
static struct exec_place *take_place(struct exec *e, struct asked *asked,
				     const struct exec_about *about)
{
	uint64_t now_ms = loop_now_ms(e->gate->loop);
	struct exec_place *p;

	if (make_places(e) || !e->free)
		return NULL;
	p = &e->places[e->free - 1];
	e->free = p->next;
	p->next = asked->exec.first;
	asked->exec.first = number_of(e, p);
	p->asked = asked;
	/* all have the same time, so they are in order; the flow itself sees to its `wait` */
	p->ends_ms = now_ms + SPAWN_ANSWER_MS;
	p->is_datagram = about->transport == QUESTION_UDP;
	p->size = asked->size;
	TAILQ_INSERT_TAIL(&e->asked, p, line);
	return p;
}

static void ask_one(struct exec *e, struct asked *asked, unsigned probe,
		    const struct exec_about *about)
{
	uint16_t counter = table_probe(e->gate->table->t, probe)->counter;
	struct counters *c = e->gate->counters;
	struct exec_place *p = e->w.fd < 0 ? NULL : take_place(e, asked, about);

	c->probe_asked[counter]++;
	if (p) {
		p->probe = (uint8_t)probe;
		p->counter = counter;
		asked->exec.waits |= UINT32_C(1) << probe;
		if (send_request(e, p, about))
			return;
		free_place(e, p);
	}
	asked->exec.no |= UINT32_C(1) << probe;
	c->probe_failed[counter]++;
}

void exec_ask(struct gate *g, struct asked *asked, uint32_t probes, const struct exec_about *about)
{
	struct exec_words *w = &asked->exec;
	const struct table *t = g->table->t;

	probes &= ~(w->yes | w->no | w->waits | w->later);
	for (unsigned i = 0; i < t->probe_count; i++)
		if ((probes >> i & 1) && table_probe(t, i)->is_exec)
			ask_one(&g->exec, asked, i, about);
	set_late(&g->exec);
}
