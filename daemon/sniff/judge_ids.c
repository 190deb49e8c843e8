/* Which identifiers datagrams bear, and where a flow belongs that is known by one. */
#include "sniff/judge_ids.h"

#include <stdio.h>

#include "wire/ids.h"
#include "wire/wireguard.h"

enum {
	QUIC_FIRST =
		4, /* datagrams of a server, one of which has its id: the first, or behind a Retry */
};

static const struct {
	enum wire_id protocol;
	struct answer_watch watch;
} kind_table[] = {
	[FLOW_ID_QUIC] = { WIRE_ID_quic, { .ids = FLOW_ID_QUIC, .first = QUIC_FIRST } },
	[FLOW_ID_WIREGUARD] = { WIRE_ID_wireguard,
				{ .ids = FLOW_ID_WIREGUARD,
				  .sizes = { WIREGUARD_INITIATION_BYTES,
					     WIREGUARD_RESPONSE_BYTES } } },
};

static enum flow_id_kind kind_of(int protocol)
{
	if (protocol == WIRE_ID_quic)
		return FLOW_ID_QUIC;
	return protocol == WIRE_ID_wireguard ? FLOW_ID_WIREGUARD : FLOW_ID_NONE;
}

static const struct target *target_of(const struct judge *j, const struct question *q, int route)
{
	return route >= 0 ? &j->config->routes[route].target
			  : &j->config->diverts[q->divert].unknown_udp;
}

/* Is there no choice for clients of that family? */
static bool has_one_server(const struct backend *b, uint16_t family)
{
	unsigned count = 0;

	for (size_t i = 0; i < b->server_count; i++)
		count += b->servers[i].family == family;
	return count == 1 || b->server_count == 1;
}

/* Would a datagram from the middle of that flow come to the same server as its beginning? Nobody knows the
 * protocol of QUIC's. */
static bool is_found_again(const struct judge *j, const struct question *q,
			   const struct judgement *is)
{
	const struct target *target = target_of(j, q, is->route);
	const struct target *stray;
	struct route_query query = {
		.divert = q->divert,
		.protocol = is->protocol == WIRE_ID_quic ? -1 : is->protocol,
		.client = q->client,
		.to = q->to,
		.open = j->open,
	};

	stray = target_of(j, q, route_index_find(j->index, &query));
	if (stray->kind != target->kind)
		return false;
	return target->kind != TARGET_BACKEND ||
	       (stray->backend == target->backend &&
		has_one_server(&j->config->backends[target->backend], q->client.family));
}

/* Did the client say by itself what decides? */
static bool is_beginning(const struct judgement *is)
{
	return !is->is_more && is->protocol >= 0 &&
	       (is->hints.name_size > 0 || is->hints.mac1.size > 0 ||
		kind_of(is->protocol) == FLOW_ID_NONE);
}

static bool is_carried(const struct target *target)
{
	return target->kind == TARGET_BACKEND || target->kind == TARGET_ORIGINAL;
}

void judge_ids_put(const struct judge *j, const struct question *q, struct span bytes,
		   const struct judgement *is, struct answer *out)
{
	struct datagrams d = datagrams_of(bytes);
	enum flow_id_kind kind;
	struct span first;

	if (!is_beginning(is) && datagrams_next(&d, &first) == DATAGRAMS_ONE)
		out->id = ids_named(first);
	kind = is->is_more ? FLOW_ID_NONE : kind_of(is->protocol);
	if (kind != FLOW_ID_NONE && is->route >= 0 && is_carried(target_of(j, q, is->route)) &&
	    !is_found_again(j, q, is))
		out->watch = kind_table[kind].watch;
}

void judge_ids_told(const struct question *q, struct span head, struct answer *out)
{
	struct ids_told told = ids_told((enum flow_id_kind)q->ids, head, q->whole);

	*out = (struct answer){
		.flow = q->flow,
		.verdict = ANSWER_TOLD,
		.id = told.id,
		.watch = { .ids = q->ids, .first = !told.is_last },
	};
}

void judge_ids_led(const struct judge *j, const struct question *q, struct span name,
		   struct answer *out)
{
	const struct route *known =
		q->route < j->config->route_count ? &j->config->routes[q->route] : NULL;
	const struct route_query query = {
		.divert = q->divert,
		.protocol = kind_table[q->ids].protocol,
		.name = name,
		.known = known,
		.client = q->client,
		.to = q->to,
		.open = j->open,
	};
	int route = route_index_find(j->index, &query);

	*out = (struct answer){ .flow = q->flow, .watch = kind_table[q->ids].watch };
	judge_put_target(out, route >= 0 ? (uint16_t)route : (uint16_t)ANSWER_ROUTE_UNKNOWN,
			 target_of(j, q, route));
	(void)snprintf(out->proto, sizeof out->proto, "%s",
		       wire_proto_at((unsigned)query.protocol)->name); /* fits: tested */
	memcpy(out->name, name.data, name.size);                       /* question_is_sane() */
}
