/* Whom a server is to see. */
#include "carry/tcp_source.h"

#include "kernel/conntrack.h"
#include "kernel/dial.h"
#include "kernel/evict.h"

enum {
	CONFLICT_WAIT_MS = 10, /* a former flow of the same ports is in its last round trip */
	CONFLICT_MOST_WAITS = 4,
	/* a port for a client that it hardly uses itself: below what systems take by default */
	OWN_PORT_FIRST = 10240,
	OWN_PORTS = 20480,
	OWN_PORT_STEP = 6151,
	OWN_PORT_MOST_TRIES = 8,
};

struct addr tcp_source_address(const struct tcp_session *s)
{
	struct addr from = s->from;

	if (s->source == FLOW_SOURCE_router)
		return (struct addr){ 0 };
	if (s->source == FLOW_SOURCE_address)
		from.port = s->own_port;
	return from;
}

static void step_down(struct tcp_session *s, enum flow_source source, enum flow_fallback reason)
{
	s->gate->counters->fallbacks[reason]++;
	s->source = (uint8_t)source;
	tcp_side_close(s, &s->server, true); /* was prepared for more */
}

static void note(struct tcp_session *s, enum channel_note what)
{
	gate_note(s->gate, s->table, what, s->action == ANSWER_BACKEND ? s->backend : TABLE_NONE);
}

/* A port of the client's address with which no connection to that server is known here: its own may
 * well be, and a SYN of ours that meets one would end it. 0: none was found. */
static uint16_t own_port(const struct tcp_session *s, const struct addr *server)
{
	struct addr from = s->from;

	for (unsigned i = 0; i < OWN_PORT_MOST_TRIES; i++) {
		uint64_t any = s->id + s->from.port + s->own_port;

		from.port = (uint16_t)(OWN_PORT_FIRST + (any + i) * OWN_PORT_STEP % OWN_PORTS);
		if (!dial_is_known(server, &from))
			return from.port;
	}
	return 0;
}

/* On this very box. The client's connection with us has the same addresses as one with a server where
 * the client wanted to go: it needs another port. */
static void choose_on_host(struct tcp_session *s, const struct addr *server)
{
	bool is_deaf = addr_is_loopback(server) &&
		       (s->action != ANSWER_BACKEND ||
			!table_server(s->table->t, s->server_index)->is_answering);

	if (is_deaf || addr_equal(server, &s->to)) {
		note(s, NOTE_SAME_HOST);
		step_down(s, is_deaf ? FLOW_SOURCE_router : FLOW_SOURCE_address,
			  FLOW_FALLBACK_same_host);
		s->own_port = is_deaf ? 0 : own_port(s, server);
	}
	s->is_to_host = !is_deaf;
	if (s->is_to_host && s->server.w.fd >= 0)
		dial_mark(s->server.w.fd, marks_of(&s->table->t->marks, MARK_HOST));
}

/* Does another connection live, through this box, between that port of the client and this server? One
 * that was handed over has no socket here that would say so, and a SYN of ours that meets it ends it. */
static bool is_taken(struct tcp_session *s, const struct addr *server)
{
	struct handoff *h = &s->gate->handoff;
	struct conntrack_entry e;

	if (!h->is_there || (h->share && !handed_share_may_hold(h->share, &s->from, server)))
		return false;
	if (conntrack_get_by_answers(&h->ct, IPPROTO_TCP, server, &s->from, &e))
		return false;
	/* a former one with the same ends is over: the client has begun anew */
	return e.state < CONNTRACK_CLOSED &&
	       !(addr_equal(&e.client, &s->from) && addr_equal(&e.to, &s->to));
}

void tcp_source_choose(struct tcp_session *s, const struct addr *server)
{
	const struct place_map *map = s->gate->places;
	const struct place *at = map ? map->at : NULL;
	size_t count = map ? map->count : 0;

	if (s->source != FLOW_SOURCE_client)
		return;
	s->is_to_host = false;
	s->own_port = 0;
	if (addr_is_loopback(server) || place_is_ours(at, count, server)) {
		choose_on_host(s, server);
	} else if (place_is_bypass(at, count, &s->from, server)) {
		note(s, NOTE_SAME_LINK);
		step_down(s, FLOW_SOURCE_router, FLOW_FALLBACK_same_link);
	} else if (is_taken(s, server)) {
		step_down(s, FLOW_SOURCE_address, FLOW_FALLBACK_port_taken);
	}
}

static void evict(struct tcp_session *s, const struct addr *server)
{
	struct addr from = tcp_source_address(s);

	if (s->gate->evict_fd >= 0 && from.family) /* it is tried again anyway */
		(void)evict_time_wait(s->gate->evict_fd, &s->table->t->marks, &from, server);
}

/* End a TIME_WAIT of ours, wait for a last round trip, else let the port go, else the address. */
bool tcp_source_taken(struct tcp_session *s, const struct addr *server, uint32_t *in_ms)
{
	*in_ms = 0;
	s->conflicts++;
	if (s->source == FLOW_SOURCE_client && s->conflicts <= CONFLICT_MOST_WAITS) {
		evict(s, server);
		*in_ms = s->conflicts == 1 ? 0 : CONFLICT_WAIT_MS;
		return true;
	}
	if (s->own_port && s->conflicts <= OWN_PORT_MOST_TRIES) {
		evict(s, server); /* for those who come after us */
		s->own_port = own_port(s, server);
		return true;
	}
	if (s->source == FLOW_SOURCE_client) {
		step_down(s, FLOW_SOURCE_address, FLOW_FALLBACK_port_taken);
		return true;
	}
	if (s->source == FLOW_SOURCE_address) {
		step_down(s, FLOW_SOURCE_router, FLOW_FALLBACK_address_taken);
		s->is_to_host = false;
		return true;
	}
	return false;
}
