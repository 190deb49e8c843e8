/* Questions to the sniffers and their answers. */
#include "carry/asker.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "carry/gate.h"
#include "kernel/fd_pass.h"

enum {
	FIRST_SLOTS = 64,
	MOST_SLOTS = 1 << 20,
};

void asker_init(struct asker *a)
{
	TAILQ_INIT(&a->waiting);
	for (unsigned i = 0; i < ASKER_MOST_LINKS; i++)
		a->links[i].w.fd = -1;
}

void asker_done(struct asker *a)
{
	for (unsigned i = 0; i < a->link_count; i++) {
		if (a->links[i].w.fd >= 0)
			(void)close(a->links[i].w.fd); /* the sniffer sees the end and ends */
	}
	free(a->slots);
}

static int more_slots(struct asker *a)
{
	uint32_t count = a->slot_count ? 2 * a->slot_count : FIRST_SLOTS;
	struct asker_slot *slots;

	if (count > MOST_SLOTS)
		return -ENOMEM;
	slots = reallocarray(a->slots, count, sizeof *slots);
	if (!slots)
		return -ENOMEM;
	a->slots = slots;
	for (uint32_t i = count; i > a->slot_count; i--) {
		slots[i - 1] = (struct asker_slot){ .next_free = a->first_free };
		a->first_free = i;
	}
	a->slot_count = count;
	return 0;
}

static void free_slot(struct asker *a, struct asked *s)
{
	struct asker_slot *slot;

	if (!s->slot)
		return;
	slot = &a->slots[s->slot - 1];
	slot->asked = NULL;
	slot->generation++;
	slot->next_free = a->first_free;
	a->first_free = s->slot;
	s->slot = 0;
}

static void wait_in_line(struct asker *a, struct asked *s)
{
	if (s->is_in_line)
		return;
	TAILQ_INSERT_TAIL(&a->waiting, s, line);
	s->is_in_line = true;
}

void asker_forget(struct gate *g, struct asked *s)
{
	free_slot(&g->asker, s);
	if (s->is_in_line)
		TAILQ_REMOVE(&g->asker.waiting, s, line);
	s->is_in_line = false;
	exec_forget(g, s);
}

/* Ask those in line again, until one has to wait once more. */
static void serve_line(struct gate *g)
{
	struct asked *s;

	for (s = TAILQ_FIRST(&g->asker.waiting); s; s = TAILQ_FIRST(&g->asker.waiting)) {
		TAILQ_REMOVE(&g->asker.waiting, s, line);
		s->is_in_line = false;
		s->kind->again(s); /* it may be freed now */
		if (s == TAILQ_LAST(&g->asker.waiting, asked_line)) {
			TAILQ_REMOVE(&g->asker.waiting, s,
				     line); /* back to the head: it came first */
			TAILQ_INSERT_HEAD(&g->asker.waiting, s, line);
			return;
		}
	}
}

static struct asker_link *next_link(struct asker *a)
{
	for (unsigned i = 0; i < a->link_count; i++) {
		struct asker_link *link = &a->links[a->turn++ % a->link_count];

		if (link->w.fd >= 0)
			return link;
	}
	return NULL;
}

/* What this link had been asked waits in line again. Returns whose question was being judged, which
 * is last in the line; NULL: none's. */
static struct asked *back_in_line(struct asker *a, const struct asker_link *link)
{
	uint16_t index = (uint16_t)(link - a->links);
	struct asked *judged = NULL;

	for (uint32_t i = 0; i < a->slot_count; i++) {
		struct asked *s = a->slots[i].asked;

		if (!s || a->slots[i].link != index)
			continue;
		if (a->slots[i].order == link->asked - link->expected)
			judged = s;
		else
			wait_in_line(a, s);
		free_slot(a, s);
		s->size = 0;
	}
	if (judged)
		wait_in_line(a, judged);
	return judged;
}

/* Only the socket: what it had been asked is the caller's to see to. */
static void hang_up(struct asker_link *link)
{
	loop_forget(link->gate->loop, &link->w);
	(void)close(link->w.fd); /* the other end is gone, or not wanted any more */
	link->w.fd = -1;
	link->is_pinged = false;
	link->expected = 0;
	link->told_ms = 0;
}

static void link_down(struct asker_link *link, bool has_failed)
{
	struct gate *g = link->gate;
	struct asked *judged = back_in_line(&g->asker, link);
	bool is_to_blame = judged && has_failed && link->told_ms;

	hang_up(link);
	g->counters->sniffer_losses += has_failed;
	if (is_to_blame)
		judged->kind->lost(judged);
	if (next_link(&g->asker))
		serve_line(g); /* by another sniffer */
}

static void take_answer(struct asker_link *link, const struct answer *answer)
{
	struct gate *g = link->gate;
	struct asker *a = &g->asker;
	uint32_t index = (uint32_t)answer->flow;
	struct asker_slot *slot;
	struct asked *s;

	if (index >= a->slot_count)
		return;
	slot = &a->slots[index];
	if (!slot->asked || slot->link != (uint16_t)(link - a->links) ||
	    slot->generation != (uint32_t)(answer->flow >> 32))
		return; /* the flow ended while it was judged; or it was another's to judge */
	s = slot->asked;
	free_slot(a, s);
	s->kind->answer(s, answer);
}

static void note_heard(struct asker_link *link)
{
	struct gate *g = link->gate;
	uint64_t now_ms = loop_now_ms(g->loop);

	if (link->told_ms && now_ms < link->told_ms + ASKER_TELL_MS)
		return;
	link->told_ms = now_ms;
	if (g->heard)
		g->heard(g, (unsigned)(link - g->asker.links));
}

static void link_ready(struct watch *w, uint32_t events)
{
	struct asker_link *link = container_of(w, struct asker_link, w);
	struct answer answer;
	ssize_t size;

	for (;;) {
		size = fd_pass_hear(w->fd, &answer, sizeof answer);
		if (size == -EAGAIN)
			break;
		if (size <= 0 || !answer_is_sane(&answer, (size_t)size)) {
			link_down(link, true); /* ended, or not to be believed: it is replaced */
			return;
		}
		if (!link->expected) {
			link_down(link, true); /* nobody asked: not to be believed */
			return;
		}
		link->expected--;
		note_heard(link);
		if (answer.verdict == ANSWER_PONG)
			link->is_pinged = false;
		else
			take_answer(link, &answer);
		if (w->fd < 0)
			return;
		if (!link->expected)
			break; /* nothing more to read: no need to ask the kernel */
	}
	if (events & EPOLLOUT) {
		(void)loop_change(link->gate->loop, w, EPOLLIN); /* at worst woken once too often */
		serve_line(link->gate);
	}
}

void asker_hang_up(struct gate *g)
{
	for (unsigned i = 0; i < g->asker.link_count; i++)
		if (g->asker.links[i].w.fd >= 0)
			hang_up(&g->asker.links[i]);
}

static void ping(struct asker_link *link)
{
	struct question q = { .kind = QUESTION_PING };

	if (send(link->w.fd, &q, sizeof q, MSG_DONTWAIT | MSG_NOSIGNAL) != sizeof q)
		return; /* its socket is full of questions: their answers tell as much */
	link->is_pinged = true;
	link->asked++;
	link->expected++;
}

static int set_link(struct gate *g, unsigned index, int fd)
{
	struct asker *a = &g->asker;
	struct asker_link *link;
	int err;

	if (index >= ASKER_MOST_LINKS) {
		(void)close(fd); /* not ours to use */
		return -EINVAL;
	}
	link = &a->links[index];
	link->gate = g;
	if (link->w.fd >= 0)
		link_down(link, false);
	link->w = (struct watch){ .fd = fd, .events = EPOLLIN, .ready = link_ready };
	err = loop_watch(g->loop, &link->w);
	if (err) {
		link->w.fd = -1;
		(void)close(fd); /* the sniffer sees the end */
		return err;
	}
	if (index >= a->link_count)
		a->link_count = index + 1;
	return 0;
}

int asker_link_up(struct gate *g, unsigned index, int fd)
{
	int err = set_link(g, index, fd);

	if (err)
		return err;
	ping(&g->asker.links[index]);
	serve_line(g);
	return 0;
}

int asker_link_take(struct gate *g, unsigned index, int fd, bool has_answered)
{
	int err = set_link(g, index, fd);
	struct asker_link *link;

	if (err)
		return err;
	link = &g->asker.links[index];
	link->asked = 1;
	link->is_pinged = !has_answered;
	link->expected = has_answered ? 0 : 1;
	if (has_answered)
		note_heard(link);
	return 0;
}

/* Only a fresh look at the bytes has use for them. */
static void put_words(struct question *q, const struct exec_words *w)
{
	q->exec_yes = q->kind == QUESTION_FLOW ? w->yes : 0;
	q->exec_no = q->kind == QUESTION_FLOW ? w->no : 0;
}

int asker_ask(struct gate *g, struct asked *s, const struct question *q, uint8_t *message)
{
	struct asker *a = &g->asker;
	struct asker_link *link = next_link(a);
	struct question whole = *q;
	uint32_t index;

	if (!link) {
		wait_in_line(a, s);
		return -EAGAIN;
	}
	if (!a->first_free && more_slots(a))
		return -ENOMEM;
	index = a->first_free - 1;
	if (!whole.kind)
		whole.kind = QUESTION_FLOW;
	put_words(&whole, &s->exec);
	whole.flow = (uint64_t)a->slots[index].generation << 32 | index;
	memcpy(message, &whole, sizeof whole);
	if (send(link->w.fd, message, sizeof whole + q->size, MSG_DONTWAIT | MSG_NOSIGNAL) < 0) {
		wait_in_line(a, s);
		if (errno == EAGAIN || errno == ENOBUFS)
			(void)loop_change(g->loop, &link->w,
					  EPOLLIN | EPOLLOUT); /* else its end shows as EPOLLIN */
		return -EAGAIN;
	}
	a->first_free = a->slots[index].next_free;
	a->slots[index].asked = s;
	a->slots[index].order = link->asked++;
	link->expected++;
	a->slots[index].link = (uint16_t)(link - a->links);
	s->slot = index + 1;
	s->exec.told = whole.exec_yes | whole.exec_no;
	s->exec.is_again = false;
	if (q->size > s->size)
		s->exec.later = 0;
	return 0;
}

void asker_ping(struct gate *g)
{
	for (unsigned i = 0; i < g->asker.link_count; i++) {
		struct asker_link *link = &g->asker.links[i];

		if (link->w.fd >= 0 && !link->is_pinged)
			ping(link);
	}
}
