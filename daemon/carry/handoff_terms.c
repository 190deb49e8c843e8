/* The terms of two connections that are to become one: window scales, segments, options. */
#include "carry/handoff_terms.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/number.h"
#include "carry/handoff.h"
#include "carry/tcp_listen.h"
#include "kernel/tproxy_listen.h"

enum {
	IPV4 = 0, /* rows of handoff.most_segment */
	IPV6 = 1,
	ETHERNET_BYTES = 1500,
	HEADS4_BYTES = 40, /* IP and TCP, without options */
	HEADS6_BYTES = 60,
	UNSAID4_BYTES = 536, /* RFC 9293 3.7.1 */
	UNSAID6_BYTES = 1220,
	LEAST_TOLD_BYTES =
		1200, /* clients are told no less for a server's sake: no tunnel needs it */
	MOST_VOTES = 16,
	BARE_VOTES =
		2, /* connections whose server had no timestamps, beyond those whose server had */
	UNSCALED_BITS = 15, /* the kernel shifts windows of more than these */
	TEXT_BYTES = 96,
};

#define RMEM_FILE     "/proc/sys/net/ipv4/tcp_rmem"
#define RMEM_MAX_FILE "/proc/sys/net/core/rmem_max"

/* The nth number of a file of one line; 0 when it is not there. */
static uint64_t number_in(const char *path, unsigned nth)
{
	char text[TEXT_BYTES] = "";
	uint64_t value = 0;
	char *rest = text;
	char *word = NULL;
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		return 0;
	if (read(fd, text, sizeof text - 1) < 0)
		text[0] = '\0';
	(void)close(fd); /* only read */
	do
		word = strsep(&rest, "\t\n ");
	while (word && nth--);
	return word && number_parse(&value, word, 0, UINT32_MAX) == 0 ? value : 0;
}

/* As the kernel chooses it, by the largest window that there can be. */
static uint8_t scale_of(uint64_t window)
{
	uint8_t scale = 0;

	while (scale < SAVED_SYN_MOST_SCALE && window >> (UNSCALED_BITS + 1 + scale))
		scale++;
	return scale;
}

void handoff_terms_open(struct handoff *h)
{
	uint64_t window = number_in(RMEM_FILE, 2);
	uint64_t most = number_in(RMEM_MAX_FILE, 0); /* not in every network namespace */

	h->scale = scale_of(window > most ? window : most);
	h->most_segment[IPV4] = ETHERNET_BYTES - HEADS4_BYTES;
	h->most_segment[IPV6] = ETHERNET_BYTES - HEADS6_BYTES;
}

static unsigned row_of(const struct tcp_session *s)
{
	return s->from.family == AF_INET ? IPV4 : IPV6;
}

/* The most that the client takes in a segment. */
static uint16_t client_takes(const struct tcp_session *s)
{
	if (s->syn.most_segment)
		return s->syn.most_segment;
	return s->from.family == AF_INET ? UNSAID4_BYTES : UNSAID6_BYTES;
}

void handoff_terms_dial(const struct tcp_session *s, struct dial *d)
{
	const struct handoff *h = &s->gate->handoff;
	uint16_t takes = client_takes(s);

	if (!handoff_may_begin(s))
		return;
	if (s->syn.scale < h->scale)
		d->window_clamp = (uint32_t)UINT16_MAX << s->syn.scale;
	if (takes < h->most_segment[row_of(s)])
		d->most_segment = takes;
}

/* What the box says by itself can be seen where we did not ask for anything else. */
static void learn_own(struct tcp_session *s, const struct tcp_terms *server)
{
	struct handoff *h = &s->gate->handoff;
	unsigned row = row_of(s);

	if (server->has_scale && s->syn.scale >= h->scale)
		h->scale = server->our_scale;
	if (server->most_taken > h->most_segment[row])
		h->most_segment[row] = server->most_taken;
}

/* A majority: a vote for the scale that clients are told, or against it; with none left it changes. */
static void vote(struct tcp_listener *l, uint8_t told, uint8_t needed)
{
	if (told == needed)
		l->scale_votes += l->scale_votes < MOST_VOTES;
	else if (l->scale_votes > 0)
		l->scale_votes--;
	else
		(void)tproxy_listen_scale(l->w.fd, needed); /* else it stays as it is */
}

/* Clients to come lose their timestamps for an hour: the rule set keeps where they go to. */
static void tell_bare(struct tcp_session *s)
{
	const struct inject_segment segment = {
		.from = s->to,
		.to = s->from,
		.mark = marks_of(&s->table->t->marks, MARK_INJECT),
		.is_syn = true, /* of none that leave the box */
	};

	/* not told, it is told by the next one */
	(void)inject_send(&s->gate->handoff.inject, &segment, span_of(NULL, 0));
}

static void teach_stamps(struct tcp_session *s, struct tcp_listener *l,
			 const struct tcp_terms *client, const struct tcp_terms *server)
{
	if (!client->has_timestamps)
		return;
	if (server->has_timestamps)
		l->bare_votes -= l->bare_votes > 0;
	else if (s->action == ANSWER_ORIGINAL || ++l->bare_votes >= BARE_VOTES) {
		l->bare_votes = 0;
		tell_bare(s);
	}
}

/* Let clients to come be told what this server would have needed. */
static void teach(struct tcp_session *s, const struct tcp_terms *client,
		  const struct tcp_terms *server, bool is_segment)
{
	const struct handoff *h = &s->gate->handoff;
	struct tcp_listener *l;

	LIST_FOREACH (l, &s->gate->listeners, entry) {
		if (l->table != s->table || l->divert != s->divert || l->family != s->from.family)
			continue;
		teach_stamps(s, l, client, server);
		if (client->has_scale && server->has_scale && server->peer_scale <= h->scale)
			vote(l, client->our_scale, server->peer_scale);
		/* the servers of `original` are the client's choice */
		if (is_segment && s->action == ANSWER_BACKEND &&
		    server->most_sent >= LEAST_TOLD_BYTES)
			(void)tproxy_listen_segment(l->w.fd, server->most_sent);
	}
}

/*
 * May the client send segments that are larger than the server takes? It sends
 * none that are larger than those it takes itself. The other direction is as the
 * client's SYN says: where its way is narrower, the server is told by the one
 * who finds out (carry/mend.h), as with any router.
 */
static bool is_too_big(const struct tcp_session *s, const struct tcp_terms *client,
		       const struct tcp_terms *server)
{
	uint16_t takes = client_takes(s);
	uint16_t sends = client->most_taken < takes ? client->most_taken : takes;

	return sends > server->most_sent;
}

enum flow_fallback handoff_terms_refusal(struct tcp_session *s, const struct tcp_terms *client,
					 const struct tcp_terms *server)
{
	bool is_big = is_too_big(s, client, server);

	learn_own(s, server);
	teach(s, client, server, is_big);
	if (client->has_timestamps != server->has_timestamps)
		return FLOW_FALLBACK_timestamps;
	if (client->has_sack != server->has_sack)
		return FLOW_FALLBACK_sack;
	if (client->has_scale != server->has_scale || client->peer_scale != server->our_scale ||
	    client->our_scale != server->peer_scale)
		return FLOW_FALLBACK_scale;
	if (client->has_ecn != server->has_ecn)
		return FLOW_FALLBACK_ecn;
	if (is_big || server->most_taken > client_takes(s))
		return FLOW_FALLBACK_mss;
	return FLOW_FALLBACK_COUNT;
}
