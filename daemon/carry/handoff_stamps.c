/* Seeing to the timestamps of a flow before it is handed over. */
#include "carry/handoff_stamps.h"

#include <errno.h>
#include <stdlib.h>

#include "carry/handoff.h"
#include "carry/handoff_route.h"
#include "carry/handoff_switch.h"
#include "carry/tcp_dial.h"
#include "kernel/dial.h"
#include "kernel/stamp_watch.h"
#include "kernel/tcp_repair.h"

enum {
	MOST_WATCHED = 96, /* flows: every segment for this box is compared with all of them */
	FDS_SHARE = 32,    /* one flow for so many free descriptors */
	STEP_FIRST_MS = 1,
	STEP_MOST_MS = 32,
	ASK_AFTER_MS = 5, /* of a flow in use: by itself it says as much in that time */
	MOST_MS = 3000,   /* for all of it: three round trips */
	KEEP_MS = 4000,   /* for a moment to come */
};

/* One of a flow's two connections. */
struct leg {
	struct stamp_watch watch;
	uint32_t since;  /* our clock after it jumped */
	bool is_jumping; /* and its peer has not said that it knows */
};

struct handoff_stamps {
	struct leg client;
	struct leg server;
	uint64_t since_ms;
	uint64_t ask_at_ms;
	uint32_t ask_again_ms;
	uint32_t step_ms;
	bool is_ready;
};

bool handoff_stamps_lack(const struct tcp_session *s)
{
	return s->has_stamps && !(s->stamps && s->stamps->is_ready);
}

static uint32_t mark_of(const struct tcp_session *s, enum mark_role role)
{
	return marks_of(&s->table->t->marks, role);
}

static int watch(const struct tcp_session *s, struct handoff_stamps *stamps)
{
	struct addr server = tcp_dial_server(s);
	int err = stamp_watch_open(&stamps->client.watch, &s->to, &s->from, mark_of(s, MARK_RELAY));

	if (!err)
		err = stamp_watch_open(&stamps->server.watch, &s->from, &server,
				       mark_of(s, handoff_server_role(s)));
	return err;
}

unsigned handoff_stamps_most(unsigned free_fds)
{
	unsigned most = free_fds / FDS_SHARE;

	return most > MOST_WATCHED ? MOST_WATCHED : most ? most : 1;
}

int handoff_stamps_open(struct tcp_session *s)
{
	struct handoff *h = &s->gate->handoff;
	struct handoff_stamps *new;
	int err;

	if (h->watched >= h->most_watched)
		return -EAGAIN;
	new = calloc(1, sizeof *new);
	if (!new)
		return -EAGAIN;
	new->client.watch.fd = -1;
	new->server.watch.fd = -1;
	new->since_ms = loop_now_ms(s->gate->loop);
	new->ask_at_ms = new->since_ms + ASK_AFTER_MS;
	new->ask_again_ms = ASK_AFTER_MS;
	new->step_ms = STEP_FIRST_MS;
	err = watch(s, new);
	if (err) {
		stamp_watch_close(&new->client.watch);
		stamp_watch_close(&new->server.watch);
		free(new);
		return err;
	}
	new->server.watch.is_by_ack = true;
	s->stamps = new;
	h->watched++;
	return 0;
}

void handoff_stamps_close(struct tcp_session *s)
{
	if (!s->stamps)
		return;
	stamp_watch_close(&s->stamps->client.watch);
	stamp_watch_close(&s->stamps->server.watch);
	free(s->stamps);
	s->stamps = NULL;
	s->gate->handoff.watched--;
}

static void note(struct leg *leg)
{
	if (leg->watch.is_seen && stamp_is_since(leg->watch.seen.echo, leg->since))
		leg->is_jumping = false;
}

/* Have our clock towards one end jump, should the other's look old there. 0 or -errno. */
static int tune(struct tcp_session *s, struct leg *leg, int fd, const struct leg *other)
{
	uint32_t now;
	uint32_t jump;
	int err;

	if (leg->is_jumping || !other->watch.is_seen)
		return 0;
	err = tcp_stamp_read(fd, &now);
	jump = err ? 0 : stamp_jump(other->watch.seen.value, now);
	if (!jump)
		return err;
	err = tcp_stamp_set(fd, now + jump);
	if (err)
		return err;
	leg->since = (now + jump) & ~1u;
	leg->is_jumping = true;
	s->gate->counters->clock_jumps++;
	return 0;
}

/*
 * Have an end speak that says nothing: an acknowledgement with our clock, which it takes, and the last byte
 * once more, or what stands in its place, which it has to acknowledge (RFC 9293 3.10.7.4).
 */
static void ask(struct tcp_session *s, const struct leg *leg, struct inject_segment segment, int fd)
{
	static const uint8_t again[1];
	struct tcp_place place;
	struct tcp_terms terms;
	uint32_t now;

	/* what is under way is answered anyway */
	if (dial_unsent(fd) || tcp_terms_read(fd, &terms) || tcp_stamp_read(fd, &now) ||
	    tcp_place_read(fd, &place))
		return;
	tcp_repair_leave(fd);
	segment.seq = place.sent;
	segment.ack = place.acked;
	segment.window = (uint16_t)(place.open >> terms.our_scale);
	segment.has_stamp = true;
	segment.stamp = (struct stamp){ now, leg->watch.seen.value };
	/* lost, it is asked again */
	(void)inject_send(&s->gate->handoff.inject, &segment, span_of(NULL, 0));
	segment.seq--;
	(void)inject_send(&s->gate->handoff.inject, &segment, span_of(again, sizeof again));
}

static bool is_silent(const struct leg *leg)
{
	return leg->is_jumping || !leg->watch.is_seen;
}

static void ask_both(struct tcp_session *s)
{
	struct addr server = tcp_dial_server(s);
	const struct inject_segment to_client = {
		.from = s->to,
		.to = s->from,
		.mark = mark_of(s, MARK_INJECT) | handoff_route_mark(s, ZONE_CLIENT, &s->to),
	};
	const struct inject_segment to_server = {
		.from = s->from,
		.to = server,
		.mark = mark_of(s, MARK_INJECT) | handoff_route_mark(s, ZONE_SERVER, &server),
		.tos = s->syn.tos,
	};

	if (is_silent(&s->stamps->client))
		ask(s, &s->stamps->client, to_client, s->client.w.fd);
	if (is_silent(&s->stamps->server))
		ask(s, &s->stamps->server, to_server, s->server.w.fd);
}

enum stamps_state handoff_stamps_look(struct tcp_session *s, bool is_quiet, uint64_t *in_ms)
{
	struct handoff_stamps *stamps = s->stamps;
	uint64_t now_ms = loop_now_ms(s->gate->loop);
	uint64_t jumps = s->gate->counters->clock_jumps;

	handoff_stamps_watch(s);
	note(&stamps->client);
	note(&stamps->server);
	if (tune(s, &stamps->client, s->client.w.fd, &stamps->server) ||
	    tune(s, &stamps->server, s->server.w.fd, &stamps->client))
		return STAMPS_FAILED;
	if (!is_silent(&stamps->client) && !is_silent(&stamps->server)) {
		stamps->is_ready = true;
		stamps->since_ms = now_ms;
		return STAMPS_READY;
	}
	if (now_ms - stamps->since_ms >= MOST_MS)
		return STAMPS_FAILED;
	if (jumps != s->gate->counters->clock_jumps) {
		stamps->step_ms = STEP_FIRST_MS;
		stamps->ask_at_ms = now_ms + ASK_AFTER_MS;
	}
	if (now_ms >= stamps->ask_at_ms || (is_quiet && stamps->step_ms == STEP_FIRST_MS)) {
		ask_both(s);
		stamps->ask_again_ms *= 2;
		stamps->ask_at_ms = now_ms + stamps->ask_again_ms;
	}
	*in_ms = stamps->step_ms;
	if (stamps->step_ms < STEP_MOST_MS)
		stamps->step_ms *= 2;
	return STAMPS_WAIT;
}

/* Both legs began with the client's number: so its own are known, and those that its server acknowledges. */
void handoff_stamps_watch(struct tcp_session *s)
{
	uint32_t received;
	uint32_t acked;

	if (!s->stamps)
		return;
	if (tcp_moved_read(s->client.w.fd, &received, &acked) == 0)
		s->stamps->client.watch.near = s->syn.isn + received;
	if (tcp_moved_read(s->server.w.fd, &received, &acked) == 0)
		s->stamps->server.watch.near = s->syn.isn + acked;
	/* one that cannot be read stays where it was */
	(void)tcp_stamp_read(s->client.w.fd, &s->stamps->client.watch.clock);
	(void)tcp_stamp_read(s->server.w.fd, &s->stamps->server.watch.clock);
	stamp_watch_read(&s->stamps->client.watch);
	stamp_watch_read(&s->stamps->server.watch);
}

bool handoff_stamps_keep(struct tcp_session *s)
{
	if (s->stamps && loop_now_ms(s->gate->loop) - s->stamps->since_ms >= KEEP_MS)
		handoff_stamps_close(s);
	return s->stamps != NULL;
}

int handoff_stamps_take(struct tcp_session *s, uint32_t *client, uint32_t *server)
{
	struct handoff_stamps *stamps = s->stamps;
	uint32_t to_client;
	uint32_t to_server;
	int err;

	*client = 0;
	*server = 0;
	if (!s->has_stamps)
		return 0;
	if (handoff_stamps_lack(s))
		return -EAGAIN;
	handoff_stamps_watch(s);
	err = tcp_stamp_read(s->client.w.fd, &to_client);
	if (!err)
		err = tcp_stamp_read(s->server.w.fd, &to_server);
	if (err)
		return err;
	if (!stamp_is_ahead(stamps->server.watch.seen.value, to_client) ||
	    !stamp_is_ahead(stamps->client.watch.seen.value, to_server)) {
		handoff_stamps_close(s);
		return -EAGAIN;
	}
	*client = stamps->client.watch.seen.value;
	*server = stamps->server.watch.seen.value;
	return 0;
}
