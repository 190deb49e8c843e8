/* Whom a server is to see: of UDP flows. */
#include "carry/udp_source.h"

#include <errno.h>

#include "carry/handoff_switch.h"
#include "carry/udp.h"
#include "carry/udp_dial.h"
#include "kernel/udp_bound.h"
#include "kernel/udp_socket.h"

enum {
	/* a port for a client that it hardly uses itself: below what systems take by default */
	OWN_PORT_FIRST = 10240,
	OWN_PORTS = 20480,
	OWN_PORT_STEP = 6151,
	OWN_PORT_MOST_TRIES = 8,
};

static void step_down(struct udp_flow *f, enum flow_source source, enum flow_fallback reason)
{
	f->gate->counters->fallbacks[reason]++;
	f->source = (uint8_t)source;
}

static void note(struct udp_flow *f, enum channel_note what)
{
	gate_note(f->gate, f->table, what, f->action == ANSWER_BACKEND ? f->backend : TABLE_NONE);
}

/* What the server sees of a flow whose source is the client's address. */
static struct addr seen_of(const struct udp_flow *f)
{
	struct addr seen = f->from;

	if (f->source == FLOW_SOURCE_address)
		seen.port = f->own_port;
	return seen;
}

bool udp_source_is_ours(const struct gate *g, const struct addr *from, const struct addr *server)
{
	const struct udp_table *pairs = &g->udp->pairs;
	struct udp_node *node = udp_table_first(pairs, udp_table_hash(pairs, from, server));

	for (; node; node = udp_table_next(node)) {
		const struct udp_flow *f = container_of(node, struct udp_flow, pair);
		struct addr seen = seen_of(f);
		struct addr its = udp_dial_server(f);

		if (addr_equal(&seen, from) && addr_equal(&its, server))
			return true;
	}
	return false;
}

/* Is there another carrier's, or one that was handed over? */
static bool is_others(struct udp_flow *f, const struct addr *server)
{
	struct handoff *h = &f->gate->handoff;
	struct conntrack_entry e;
	uint32_t mark;

	if (!h->is_there || !h->share || !handed_share_may_hold(h->share, &f->from, server))
		return false;
	if (conntrack_get_by_answers(&h->ct, IPPROTO_UDP, server, &f->from, &e) == 0)
		return !(addr_equal(&e.client, &f->from) && addr_equal(&e.to, &f->to));
	/* what a carrier that died left there is no flow */
	return conntrack_mark(&h->ct, ZONE_SERVER, IPPROTO_UDP, &f->from, server, &mark) == 0 &&
	       udp_is_bound(&f->from);
}

static void hold_pair(struct udp_flow *f, const struct addr *server)
{
	struct udp_table *pairs = &f->gate->udp->pairs;
	struct addr seen = seen_of(f);

	udp_table_insert(pairs, &f->pair, udp_table_hash(pairs, &seen, server));
	if (f->gate->handoff.share)
		handed_share_hold(f->gate->handoff.share, &seen, server);
	f->is_pair_held = true;
}

void udp_source_keep(struct udp_flow *f)
{
	if (f->is_pair_held)
		udp_table_remove(&f->gate->udp->pairs, &f->pair);
	f->is_pair_held = false;
}

void udp_source_leave(struct udp_flow *f)
{
	struct addr server = udp_dial_server(f);
	struct addr seen = seen_of(f);

	if (f->is_pair_held && f->gate->handoff.share)
		handed_share_release(f->gate->handoff.share, &seen, &server);
	udp_source_keep(f);
}

/* On this very box. Answers to the client's very address and port come back to us by the mark of their
 * connection, but not from loopback addresses. The client's flow with us has these two ends already where
 * the server is what it has sent to. */
static void look_at_host(struct udp_flow *f, const struct addr *server)
{
	bool is_deaf = addr_is_loopback(server);

	f->is_to_host = !is_deaf;
	if (!is_deaf && !addr_equal(server, &f->to))
		return;
	note(f, NOTE_SAME_HOST);
	step_down(f, is_deaf ? FLOW_SOURCE_router : FLOW_SOURCE_address, FLOW_FALLBACK_same_host);
}

/* Step down if its answers would not come back to us otherwise. */
static void look_at_place(struct udp_flow *f, const struct addr *server)
{
	const struct place_map *map = f->gate->places;
	const struct place *at = map ? map->at : NULL;
	size_t count = map ? map->count : 0;

	if (addr_is_loopback(server) || place_is_ours(at, count, server)) {
		look_at_host(f, server);
	} else if (place_is_bypass(at, count, &f->from, server)) {
		note(f, NOTE_SAME_LINK);
		step_down(f, FLOW_SOURCE_router, FLOW_FALLBACK_same_link);
	} else if (udp_source_is_ours(f->gate, &f->from, server) || is_others(f, server)) {
		step_down(f, FLOW_SOURCE_address, FLOW_FALLBACK_port_taken);
	}
}

void udp_source_choose(struct udp_flow *f)
{
	struct addr server = udp_dial_server(f);

	f->source = FLOW_SOURCE_client;
	f->is_to_host = false;
	if (f->action == ANSWER_BACKEND && udp_flow_backend(f)->is_source_router)
		f->source = FLOW_SOURCE_router;
	else
		look_at_place(f, &server);
	if (f->source == FLOW_SOURCE_client)
		hold_pair(f, &server);
}

static int open_from(struct udp_flow *f, const struct addr *server, uint16_t port)
{
	struct addr from = f->from;
	uint32_t mark = marks_of(&f->table->t->marks, f->is_to_host ? MARK_HOST : MARK_BACKEND);

	from.port = port;
	if (f->source == FLOW_SOURCE_router)
		from = (struct addr){ 0 };
	return udp_socket_server(&from, server, mark, f->source == FLOW_SOURCE_address);
}

/* From another port of the client's address, which nothing else uses here. */
static int open_own_port(struct udp_flow *f, const struct addr *server)
{
	int fd = -EADDRINUSE;

	for (unsigned i = 0; i < OWN_PORT_MOST_TRIES && fd == -EADDRINUSE; i++) {
		uint64_t any = f->id + f->from.port;

		f->own_port = (uint16_t)(OWN_PORT_FIRST + (any + i) * OWN_PORT_STEP % OWN_PORTS);
		fd = open_from(f, server, f->own_port);
	}
	return fd;
}

int udp_source_open(struct udp_flow *f)
{
	struct addr server = udp_dial_server(f);
	int fd;

	fd = f->source == FLOW_SOURCE_address ? -EADDRINUSE : open_from(f, &server, f->from.port);
	if (fd == -EADDRINUSE && f->source == FLOW_SOURCE_client) {
		udp_source_leave(f);
		step_down(f, FLOW_SOURCE_address, FLOW_FALLBACK_port_taken);
	}
	if (fd == -EADDRINUSE && f->source == FLOW_SOURCE_address) {
		fd = open_own_port(f, &server);
		if (fd >= 0)
			hold_pair(f, &server);
	}
	if (fd == -EADDRINUSE && f->source == FLOW_SOURCE_address) {
		step_down(f, FLOW_SOURCE_router, FLOW_FALLBACK_address_taken);
		f->is_to_host = false;
		fd = open_from(f, &server, 0);
	}
	return fd;
}
