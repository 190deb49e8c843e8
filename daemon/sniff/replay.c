/* A flow told piece by piece. */
#include "sniff/replay.h"

void replay_begin(struct replay *r, const struct judge *judge, unsigned divert, bool is_udp,
		  const struct addr *client, const struct addr *to,
		  uint8_t bytes[static QUESTION_MOST_BYTES])
{
	r->judge = judge;
	r->q = (struct question){
		.kind = QUESTION_FLOW, .divert = (uint16_t)divert, .client = *client, .to = *to
	};
	r->is_udp = is_udp;
	r->bytes = bytes;
	r->size = 0;
	r->wanted = 1;
	r->pieces = 0;
	r->decided = 0;
}

static void weigh(struct replay *r)
{
	if (r->is_udp)
		judge_unseen(r->judge, &r->q, &r->is);
	else
		judge_weigh(r->judge, &r->q, span_of(r->bytes, r->size), &r->is);
}

void replay_add(struct replay *r, struct span piece)
{
	size_t most = r->judge->config->diverts[r->q.divert].sniff_bytes;
	size_t size = piece.size;

	r->pieces++;
	if (most > QUESTION_MOST_BYTES)
		most = QUESTION_MOST_BYTES;
	if (r->decided || (size == 0 && !r->is_udp))
		return;
	if (size > most - r->size)
		size = most - r->size;
	if (size > 0)
		memcpy(r->bytes + r->size, piece.data, size);
	r->size += size;
	r->q.is_final = r->size >= most;
	if (!r->q.is_final && r->size < r->wanted && !r->is_udp)
		return;
	weigh(r);
	if (r->is.is_more)
		r->wanted = r->is.wanted;
	else
		r->decided = r->pieces;
}

int replay_end(struct replay *r)
{
	if (r->pieces == 0 || (r->size == 0 && !r->is_udp)) {
		r->is = (struct judgement){ .protocol = -1, .named = -1, .route = -1 };
		return REPLAY_SILENT;
	}
	if (!r->decided) {
		r->q.is_final = true;
		weigh(r);
	}
	return r->is.route >= 0 ? r->is.route : REPLAY_UNKNOWN;
}

const struct target *replay_target(const struct replay *r, int route)
{
	const struct divert *d = &r->judge->config->diverts[r->q.divert];

	if (route >= 0)
		return &r->judge->config->routes[route].target;
	if (route == REPLAY_SILENT)
		return &d->silent;
	return r->is_udp ? &d->unknown_udp : &d->unknown;
}

const char *replay_verdict_text(const struct replay *r)
{
	if (!r->decided)
		return "more";
	return r->is.named >= 0 ? "yes" : "no";
}

const char *replay_route_text(const struct replay *r, int route)
{
	if (route == REPLAY_SILENT)
		return "silent";
	return route >= 0 ? r->judge->config->routes[route].name : "unknown";
}

const char *replay_action_text(const struct replay *r, int route)
{
	static const char *const texts[] = {
		[TARGET_REJECT] = "reject",
		[TARGET_DROP] = "drop",
		[TARGET_ORIGINAL] = "original",
		[TARGET_BACKEND] = "backend",
	};

	return texts[replay_target(r, route)->kind];
}

const char *replay_backend_text(const struct replay *r, int route)
{
	const struct target *target = replay_target(r, route);

	return target->kind == TARGET_BACKEND ? r->judge->config->backends[target->backend].name
					      : NULL;
}
