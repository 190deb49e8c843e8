/* From first bytes to a verdict and a route. The same code serves live flows and `explain`. */
#include "sniff/judge.h"

#include <stdio.h>

#include "base/reader.h"
#include "sniff/judge_ids.h"
#include "wire/wire.h"

/* What the recognisers of one divert say together. */
struct opinion {
	int protocol;  /* of the strongest yes, or -1 */
	bool is_more;  /* a stronger one, or any where there is no yes, is undecided */
	size_t wanted; /* the fewest bytes with which an undecided one can say more */
};

/* Whom to ask about bytes that came by one transport. */
struct jury {
	unsigned transport;       /* WIRE_TCP or WIRE_UDP */
	struct proto_set who;     /* of those who understand what comes by it */
	struct proto_set patient; /* whose names are waited for */
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

/* Ask them in the order of evidence: a yes stands when no stronger one is undecided. One who is sure
 * but for the name says yes, unless its name is waited for. */
static struct opinion consult(const struct judge *j, struct span bytes, const struct jury *jury,
			      struct wire_hints *hints)
{
	struct proto_set left =
		proto_set_both(&jury->who, first_bytes_leave(&j->first, jury->transport, bytes));
	enum wire_verdict verdict;
	struct opinion o = { .protocol = -1 };

	while (!proto_set_is_empty(&left)) {
		unsigned id = proto_set_first(&left);

		proto_set_remove(&left, id);
		wire_hints_clear(hints);
		verdict = wire_proto_way(wire_proto_at(id), jury->transport)->probe(bytes, hints);
		if (verdict == WIRE_MORE && hints->is_sure && !proto_set_has(&jury->patient, id))
			verdict = WIRE_YES;
		switch (verdict) {
		case WIRE_YES:
			o.protocol = (int)id;
			return o;
		case WIRE_MORE:
			if (!o.is_more || hints->wanted < o.wanted)
				o.wanted = hints->wanted;
			o.is_more = true;
			break;
		case WIRE_NO:
			break;
		}
	}
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

static void put_hints(struct answer *out, const struct judgement *is)
{
	(void)snprintf(out->proto, sizeof out->proto, "%s",
		       wire_proto_at((unsigned)is->named)->name); /* fits: tested */
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

/* A name for the log: any recogniser that can say yes at once, and whose word can be relied on. */
static void name_unrouted(const struct judge *j, const struct question *q, struct span bytes,
			  struct judgement *out)
{
	const struct jury all = { .transport = judge_transport(q), .who = j->definite };

	out->named = consult(j, bytes, &all, &out->hints).protocol;
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

	is->cut = 0;
	query.cut = &is->cut;
	is->route = route_index_find(j->index, &query);
}

void judge_weigh(const struct judge *j, const struct question *q, struct span bytes,
		 struct judgement *out)
{
	struct jury jury = { .transport = judge_transport(q),
			     .who = route_index_protocols(j->index, q->divert) };
	struct opinion o;

	if (!q->is_final)
		jury.patient = route_index_named(j->index, q->divert);
	o = consult(j, bytes, &jury, &out->hints);
	out->is_more = o.is_more && !q->is_final;
	out->wanted = o.wanted;
	out->protocol = out->named = out->is_more ? -1 : o.protocol;
	out->route = -1;
	out->cut = 0;
	if (out->is_more)
		return;
	find_route(j, q, out);
	if (o.protocol < 0)
		name_unrouted(j, q, bytes, out);
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
		return;
	}
	out->cut = (uint16_t)is.cut; /* no more than there are regexes */
	if (is.named >= 0)
		put_hints(out, &is);
	if (is.route >= 0)
		judge_put_target(out, (uint16_t)is.route, &config->routes[is.route].target);
	else
		judge_put_target(out, ANSWER_ROUTE_UNKNOWN,
				 q->transport == QUESTION_UDP ? &d->unknown_udp : &d->unknown);
}
