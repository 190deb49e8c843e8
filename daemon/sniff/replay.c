/* A flow told piece by piece. */
#include "sniff/replay.h"

void replay_begin(struct replay *r, const struct judge *judge, struct replay_room *room,
		  const struct question *flow)
{
	r->judge = judge;
	r->room = room;
	r->q = *flow;
	r->q.kind = QUESTION_FLOW;
	r->size = 0;
	r->bytes = 0;
	r->is_full = false;
	r->ends = 0;
	r->pieces = 0;
	r->decided = 0;
	r->wanted = 1;
}

static size_t most_bytes(const struct replay *r)
{
	size_t most = r->judge->config->diverts[r->q.divert].sniff_bytes;

	return most < QUESTION_MOST_BYTES ? most : QUESTION_MOST_BYTES;
}

/* The prefix so far ends with the last piece. */
static void add_end(struct replay *r)
{
	r->room->ends[r->ends].size = (uint32_t)r->size;
	r->room->ends[r->ends].piece = r->pieces;
	r->ends++;
}

static void add_segment(struct replay *r, struct span piece)
{
	size_t room = most_bytes(r) - r->size;
	size_t size = piece.size < room ? piece.size : room;

	if (size == 0)
		return;
	memcpy(r->room->bytes + r->size, piece.data, size);
	r->size += size;
	r->bytes += size;
	add_end(r);
}

/* One without a place still ends the waiting, as it does where flows are held. */
static void add_datagram(struct replay *r, struct span piece)
{
	if (r->is_full)
		return;
	if (datagrams_put(r->room->bytes, &r->size, piece)) {
		r->bytes += piece.size;
	} else {
		datagrams_put_size(r->room->bytes, &r->size,
				   piece.size < UINT16_MAX ? piece.size : UINT16_MAX);
		r->is_full = true;
	}
	add_end(r);
	if (r->ends == DATAGRAMS_MOST)
		r->is_full = true;
}

void replay_add(struct replay *r, struct span piece)
{
	r->pieces++;
	if (replay_is_udp(r))
		add_datagram(r, piece);
	else
		add_segment(r, piece);
}

/* Is it decided with the pieces up to that end? */
static bool is_decided(struct replay *r, size_t end)
{
	size_t size = r->room->ends[end].size;

	r->q.is_final = replay_is_udp(r) ? r->is_full && end == r->ends - 1 : size >= most_bytes(r);
	judge_weigh(r->judge, &r->q, span_of(r->room->bytes, size), &r->is);
	return !r->is.is_more;
}

/* One datagram more each time, as the hands ask: there are few of them, and what costs is opening
 * them. True when they decide; r->is is as with the last that was needed. */
static bool find_datagram(struct replay *r)
{
	for (size_t end = 0; end < r->ends; end++) {
		if (is_decided(r, end)) {
			r->decided = r->room->ends[end].piece;
			return true;
		}
	}
	return false;
}

/*
 * What is decided stays decided, whatever comes (wire.h), so the piece that
 * decided is found by halving: that costs few questions, however many pieces
 * there are. r->is is left as it was with that piece.
 */
static void find_piece(struct replay *r)
{
	size_t least = 0;          /* nothing in front of this end decides */
	size_t most = r->ends - 1; /* this one does */
	size_t judged = most;

	while (least < most) {
		judged = least + (most - least) / 2;
		if (is_decided(r, judged))
			most = judged;
		else
			least = judged + 1;
	}
	if (judged != most)
		(void)is_decided(r, most); /* once more, for r->is */
	r->decided = r->room->ends[most].piece;
}

int replay_end(struct replay *r)
{
	if (r->ends == 0) {
		r->is = (struct judgement){ .protocol = -1, .named = -1, .route = -1 };
		return REPLAY_SILENT;
	}
	if (!replay_is_udp(r) && is_decided(r, r->ends - 1)) {
		find_piece(r);
	} else if (!replay_is_udp(r) || !find_datagram(r)) {
		r->wanted = r->is.wanted;
		r->q.is_final = true;
		judge_weigh(r->judge, &r->q, span_of(r->room->bytes, r->size), &r->is);
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
	return replay_is_udp(r) ? &d->unknown_udp : &d->unknown;
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
