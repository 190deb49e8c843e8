/* Where addresses are, seen from this box. */
#include "base/place.h"

#include <stdlib.h>

static int compare(const void *a_void, const void *b_void)
{
	const struct place *a = a_void;
	const struct place *b = b_void;

	if (a->net.bits != b->net.bits)
		return a->net.bits > b->net.bits ? -1 : 1;
	if (a->is_ours != b->is_ours)
		return a->is_ours ? -1 : 1;
	if (a->metric != b->metric)
		return a->metric < b->metric ? -1 : 1;
	/* any order will do, but always the same: two readings are compared */
	if (a->device != b->device)
		return a->device < b->device ? -1 : 1;
	return memcmp(a->net.bytes, b->net.bytes, sizeof a->net.bytes);
}

void place_sort(struct place *at, size_t count)
{
	if (count > 1)
		qsort(at, count, sizeof *at, compare);
}

const struct place *place_of(const struct place *at, size_t count, const struct addr *a)
{
	for (size_t i = 0; i < count; i++) {
		if (prefix_holds(&at[i].net, a))
			return &at[i];
	}
	return NULL;
}

bool place_is_ours(const struct place *at, size_t count, const struct addr *a)
{
	const struct place *p = place_of(at, count, a);

	return p && p->is_ours;
}

static bool is_same_host(const struct addr *a, const struct addr *b)
{
	return a->family == b->family && memcmp(a->bytes, b->bytes, sizeof a->bytes) == 0;
}

/* Is there a network of that device, not behind a router, that holds both? */
static bool have_one_network(const struct place *at, size_t count, uint32_t device,
			     const struct addr *a, const struct addr *b)
{
	for (size_t i = 0; i < count; i++) {
		if (at[i].device == device && !at[i].gateway.family && !at[i].is_ours &&
		    prefix_holds(&at[i].net, a) && prefix_holds(&at[i].net, b))
			return true;
	}
	return false;
}

/* One device without neighbours: what lies behind one and the same route may lie behind one and the
 * same host, but for our own network there. */
static bool is_beyond_one(const struct place *c, const struct place *s)
{
	return c == s && !c->is_connected;
}

bool place_is_bypass(const struct place *at, size_t count, const struct addr *client,
		     const struct addr *server)
{
	const struct place *c = place_of(at, count, client);
	const struct place *s = place_of(at, count, server);
	const struct addr *hop;

	if (!c || !s || c->net.family != s->net.family || c->is_ours || s->is_ours ||
	    c->device != s->device)
		return false;
	hop = s->gateway.family ? &s->gateway : server;
	if (c->gateway.family)
		return is_same_host(&c->gateway, hop);
	if (c->is_star)
		return is_beyond_one(c, s);
	return client->family != AF_INET || hop->family != AF_INET ||
	       have_one_network(at, count, c->device, client, hop);
}
