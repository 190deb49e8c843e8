/* Where the packets of a flow would go if they were forwarded. */
#include "carry/handoff_route.h"

#include "carry/handoff.h"
#include "carry/handoff_switch.h"
#include "kernel/link_in.h"
#include "kernel/rtnl_lookup.h"

enum {
	HASH_STEP = 0x01000193, /* FNV-1a; whoever makes two fall together gains two questions */
};

/* To the server: by the interface and to the neighbour of what our own socket sends. */
static bool leads_there(struct netlink *nl, const struct handoff_route *f, uint32_t *link)
{
	const struct rtnl_packet relayed = { .to = f->server, .mark = f->server_mark };
	const struct rtnl_packet forwarded = {
		.from = f->client, .to = f->server, .mark = f->mark, .link_in = f->link_in
	};
	struct rtnl_way now;
	struct rtnl_way then;

	if (rtnl_lookup(nl, &relayed, &now) || rtnl_lookup(nl, &forwarded, &then))
		return false;
	*link = then.link;
	return rtnl_way_equal(&now, &then);
}

/* To the client: by where it came in, or as what our own socket sends. link: the server's; 0: one of several. */
static bool leads_back(struct netlink *nl, const struct handoff_route *f, uint32_t link)
{
	const struct rtnl_packet relayed = { .to = f->client, .mark = f->client_mark };
	struct rtnl_packet forwarded = { .to = f->client, .mark = f->mark, .link_in = link };
	struct rtnl_way now;
	struct rtnl_way then;

	if (link)
		forwarded.from = f->server;
	if (rtnl_lookup(nl, &forwarded, &then))
		return false;
	if (then.link && then.link == f->link_in)
		return true;
	return rtnl_lookup(nl, &relayed, &now) == 0 && rtnl_way_equal(&now, &then);
}

static uint32_t hash(uint32_t so_far, const void *bytes, size_t size)
{
	const uint8_t *b = bytes;

	while (size--)
		so_far = (so_far ^ *b++) * HASH_STEP;
	return so_far;
}

static unsigned slot_of(const struct handoff_route *f)
{
	uint32_t h = hash(f->mark ^ f->link_in, f->client.bytes, sizeof f->client.bytes);

	h = hash(h, f->server.bytes, sizeof f->server.bytes);
	h = hash(h, &f->server.port, sizeof f->server.port);
	return (h ^ h >> 16) % HANDOFF_ROUTES;
}

static bool is_same(const struct handoff_route *a, const struct handoff_route *b)
{
	return addr_equal(&a->client, &b->client) && addr_equal(&a->server, &b->server) &&
	       a->link_in == b->link_in && a->mark == b->mark && a->client_mark == b->client_mark &&
	       a->server_mark == b->server_mark;
}

bool handoff_route_ask(struct handoff_routes *routes, struct netlink *nl,
		       const struct handoff_route *flow, uint64_t now_ms)
{
	struct handoff_route asked = *flow;
	struct handoff_route_known *k;
	uint32_t link = 0;
	unsigned slot;

	asked.client.port = 0;
	slot = slot_of(&asked);
	k = &routes->known[slot];
	/* one of two places that are side by side; the older answer goes */
	for (int i = 0; i < 2; i++) {
		struct handoff_route_known *at = &routes->known[slot ^ (unsigned)i];

		if (now_ms < at->until_ms && is_same(&at->asked, &asked))
			return at->is_good;
		if (at->until_ms < k->until_ms)
			k = at;
	}
	*k = (struct handoff_route_known){
		.asked = asked,
		.until_ms = now_ms + HANDOFF_ROUTE_MS,
		.is_good = leads_there(nl, &asked, &link) && leads_back(nl, &asked, link),
	};
	return k->is_good;
}

uint32_t handoff_route_mark(struct tcp_session *s, uint16_t zone, const struct addr *to)
{
	uint32_t mark = 0;

	(void)conntrack_mark(&s->gate->handoff.ct, zone, IPPROTO_TCP, &s->from, to,
			     &mark); /* none where nobody tracks */
	return mark & ~s->table->t->marks.mask;
}

bool handoff_route_leads(struct tcp_session *s, const struct addr *server, uint32_t foreign)
{
	const struct marks *marks = &s->table->t->marks;
	struct handoff *h = &s->gate->handoff;
	const struct handoff_route flow = {
		.client = s->from,
		.server = *server,
		.link_in = link_in(s->client.w.fd, s->from.family),
		.mark = foreign,
		.client_mark = marks_of(marks, MARK_RELAY) | foreign,
		.server_mark = marks_of(marks, handoff_server_role(s)) |
			       handoff_route_mark(s, ZONE_SERVER, server),
	};

	return handoff_route_ask(&h->routes, &h->route, &flow, loop_now_ms(s->gate->loop));
}
