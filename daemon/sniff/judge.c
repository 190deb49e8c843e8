/* From first bytes to a verdict and a route. The same code serves live flows and `explain`. */
#include "sniff/judge.h"

#include <stdio.h>

#include "base/reader.h"
#include "policy/protocol.h"
#include "sniff/judge_ids.h"
#include "sniff/judge_probe.h"
#include "wire/wire.h"

/* What the recognisers of one divert say together. */
struct opinion {
	int protocol;      /* of the strongest yes, or -1 */
	bool is_more;      /* a stronger one, or any where there is no yes, is undecided */
	size_t wanted;     /* the fewest bytes with which an undecided one can say more */
	bool wants_bytes;  /* one whom these may decide */
	uint32_t exec_ask; /* probes whose word is to be brought, one bit each */
};

/* Whom to ask about bytes that came by one transport. */
struct jury {
	const struct question *q; /* about which flow */
	unsigned transport;       /* WIRE_TCP or WIRE_UDP */
	struct proto_set who;     /* of those who understand what comes by it */
	struct proto_set patient; /* whose names are waited for */
	unsigned *cut;            /* NULL, or counts the regexes of probes that were given up */
};

void judge_init(struct judge *j, const struct config *config, const struct route_index *index,
		const volatile uint64_t *open)
{
	*j = (struct judge){ .config = config, .index = index, .open = open };
	for (unsigned id = 0; id < WIRE_IDS; id++) {
		if (!wire_proto_at(id)->is_weak)
			proto_set_add(&j->definite, id);
	}
	first_bytes_learn(&j->first);
}

/* Take one's verdict down. True when it is a yes: nobody weaker need be asked. */
static bool hear(struct opinion *o, unsigned id, enum wire_verdict verdict,
		 const struct wire_hints *hints)
{
	switch (verdict) {
	case WIRE_YES:
		o->protocol = (int)id;
		return true;
	case WIRE_MORE:
		if (!o->is_more || hints->wanted < o->wanted)
			o->wanted = hints->wanted;
		o->is_more = true;
		break;
	case WIRE_NO:
		break;
	}
	return false;
}

/* Ask those who understand the bytes, in the order of evidence. One who is sure but for the name says
 * yes, unless its name is waited for. */
static bool consult_wire(struct opinion *o, const struct judge *j, struct span bytes,
			 const struct jury *jury, struct wire_hints *hints)
{
	struct proto_set left =
		proto_set_both(&jury->who, first_bytes_leave(&j->first, jury->transport, bytes));
	enum wire_verdict verdict;

	while (!proto_set_is_empty(&left)) {
		unsigned id = proto_set_first(&left);

		proto_set_remove(&left, id);
		wire_hints_clear(hints);
		verdict = wire_proto_way(wire_proto_at(id), jury->transport)->probe(bytes, hints);
		if (verdict == WIRE_MORE && hints->is_sure && !proto_set_has(&jury->patient, id))
			verdict = WIRE_YES;
		o->wants_bytes |= verdict == WIRE_MORE;
		if (hear(o, id, verdict, hints))
			return true;
	}
	return false;
}

/* Ask probes, from this one to that in their order. A program is dear to ask: only where no
 * further bytes can make that unnecessary. */
static bool consult_probes(struct opinion *o, const struct judge *j, struct span bytes,
			   const struct jury *jury, struct wire_hints *hints, bool is_before)
{
	const struct config *config = j->config;
	size_t end = is_before ? config->probes_before : config->probe_count;

	for (size_t i = is_before ? 0 : config->probes_before; i < end; i++) {
		unsigned probe = config->probe_order[i];
		const struct probe *p = &config->probes[probe];
		enum wire_verdict verdict;

		if (!proto_set_has(&jury->who, WIRE_IDS + probe) ||
		    probe_transport(p) != jury->transport)
			continue;
		wire_hints_clear(hints);
		verdict = judge_probe_ask(j, jury->q, probe, bytes, hints, jury->cut);
		if (verdict == WIRE_MORE && !p->exec)
			o->wants_bytes = true;
		else if (verdict == WIRE_MORE && !o->wants_bytes)
			o->exec_ask |= UINT32_C(1) << probe;
		if (hear(o, WIRE_IDS + probe, verdict, hints))
			return true;
	}
	return false;
}

/* A yes stands when no stronger one is undecided. */
static struct opinion consult(const struct judge *j, struct span bytes, const struct jury *jury,
			      struct wire_hints *hints)
{
	struct opinion o = { .protocol = -1 };

	if (!consult_probes(&o, j, bytes, jury, hints, true) &&
	    !consult_wire(&o, j, bytes, jury, hints))
		(void)consult_probes(&o, j, bytes, jury, hints, false);
	return o;
}

/* ALPN names joined by commas, each reduced to what a log may hold; cut at a whole name. */
static void put_alpn(struct answer *out, struct span list)
{
	struct reader r = reader_of(list);
	size_t used = 0;

	while (reader_left(&r) > 1) {
		struct span name = reader_take(&r, reader_u8(&r));

		if (r.short_read || used + name.size + 2 > sizeof out->alpn)
			break;
		if (used)
			out->alpn[used++] = ',';
		for (size_t i = 0; i < name.size; i++) {
			uint8_t c = name.data[i];

			if (c >= 'A' && c <= 'Z')
				c = (uint8_t)(c + 'a' - 'A');
			out->alpn[used++] = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ||
							    c == '.' || c == '-'
						    ? (char)c
						    : '_';
		}
	}
	out->alpn[used] = '\0';
}

static void put_hints(struct answer *out, const struct judge *j, const struct judgement *is)
{
	_Static_assert((int)PROBE_NAME_BYTES <= (int)RECORD_PROTO_BYTES, "a probe's name fits");
	(void)snprintf(out->proto, sizeof out->proto, "%s",
		       protocol_name(j->config, (unsigned)is->named)); /* fits: tested */
	memcpy(out->name, is->hints.name, is->hints.name_size);
	out->name[is->hints.name_size] = '\0';
	put_alpn(out, span_of(is->hints.alpn, is->hints.alpn_size));
}

void judge_put_target(struct answer *out, uint16_t route, const struct target *target)
{
	static const uint8_t actions[] = {
		[TARGET_REJECT] = ANSWER_REJECT,
		[TARGET_DROP] = ANSWER_DROP,
		[TARGET_ORIGINAL] = ANSWER_ORIGINAL,
		[TARGET_BACKEND] = ANSWER_BACKEND,
	};

	out->verdict = ANSWER_DECIDED;
	out->route = route;
	out->action = actions[target->kind];
	out->backend = target->kind == TARGET_BACKEND ? target->backend : 0;
}

/* A name for the log: any recogniser that can say yes at once, and whose word can be relied on, of
 * those who have not been `heard`. */
static void name_unrouted(const struct judge *j, const struct question *q, struct span bytes,
			  const struct proto_set *heard, struct judgement *out)
{
	const struct jury others = { .q = q,
				     .transport = judge_transport(q),
				     .who = proto_set_without(&j->definite, heard) };

	out->named = consult(j, bytes, &others, &out->hints).protocol;
}

struct route_query judge_query(const struct judge *j, const struct question *q,
			       const struct judgement *is)
{
	struct route_query query = {
		.divert = q->divert,
		.protocol = is->protocol,
		.client = q->client,
		.to = q->to,
		.open = j->open,
	};

	if (is->protocol >= 0) {
		query.name = span_of(is->hints.name, is->hints.name_size);
		query.alpn = span_of(is->hints.alpn, is->hints.alpn_size);
		query.method = is->hints.method;
		query.path = is->hints.path;
		query.mac1 = is->hints.mac1;
	}
	return query;
}

static void find_route(const struct judge *j, const struct question *q, struct judgement *is)
{
	struct route_query query = judge_query(j, q, is);

	query.cut = &is->cut;
	is->route = route_index_find(j->index, &query);
}

void judge_weigh(const struct judge *j, const struct question *q, struct span bytes,
		 struct judgement *out)
{
	struct jury jury = { .q = q,
			     .cut = &out->cut,
			     .transport = judge_transport(q),
			     .who = route_index_protocols(j->index, q->divert) };
	struct opinion o;

	if (!q->is_final)
		jury.patient = route_index_named(j->index, q->divert);
	out->cut = 0;
	o = consult(j, bytes, &jury, &out->hints);
	out->is_more = o.is_more && !q->is_final;
	out->wanted = o.wanted;
	out->exec_ask = out->is_more ? o.exec_ask : 0;
	out->protocol = out->named = out->is_more ? -1 : o.protocol;
	out->route = -1;
	if (out->is_more)
		return;
	find_route(j, q, out);
	if (o.protocol < 0)
		name_unrouted(j, q, bytes, &jury.who, out);
}

void judge_answer(const struct judge *j, const struct question *q, struct span bytes,
		  struct answer *out)
{
	const struct config *config = j->config;
	const struct divert *d = &config->diverts[q->divert];
	struct judgement is;

	judge_weigh(j, q, bytes, &is);
	*out = (struct answer){ .flow = q->flow };
	if (q->transport == QUESTION_UDP)
		judge_ids_put(j, q, bytes, &is, out);
	if (is.is_more) {
		out->verdict = ANSWER_MORE;
		out->wanted = (uint32_t)is.wanted;
		out->exec_ask = is.exec_ask;
		return;
	}
	out->cut = (uint16_t)is.cut; /* no more than there are regexes */
	if (is.named >= 0)
		put_hints(out, j, &is);
	if (is.route >= 0)
		judge_put_target(out, (uint16_t)is.route, &config->routes[is.route].target);
	else
		judge_put_target(out, ANSWER_ROUTE_UNKNOWN,
				 q->transport == QUESTION_UDP ? &d->unknown_udp : &d->unknown);
}
