/* What becomes of a handed-over flow, as far as its conntrack entry tells. */
#include "handed_fate.h"

#include "base/stamp.h"

enum {
	ROUNDED_MS = 500,  /* remaining seconds are whole ones */
	SAME_EXPIRY_S = 1, /* two looks may see the same moment that far apart */
	LATE_MS = 1000,    /* an entry that would have gone within this may be gone already */
	FRESH_MS = 5000,   /* what was found so short ago is what we are told of now */
};

static bool is_counted(const struct conntrack_entry *e)
{
	return e->packets[0] || e->packets[1];
}

/* For how long an entry in this state is remembered: the shortest time that fits. 0: unknown. */
static uint32_t remembered_s(const struct conntrack_entry *e, const struct conntrack_timeouts *t)
{
	const uint32_t live[] = { t->unacknowledged, t->repeated, t->established };
	uint32_t best = 0;

	if (e->transport == IPPROTO_UDP) /* more than that is the keeper's doing */
		return e->timeout_s <= t->datagrams ? t->datagrams : 0;
	switch (e->state) {
	case CONNTRACK_CLOSED:
		return t->closed;
	case CONNTRACK_RESET:
		return t->reset;
	case CONNTRACK_CLOSING:
		return 0; /* three states with times of their own */
	case CONNTRACK_LIVE:
		break;
	}
	for (size_t i = 0; i < sizeof live / sizeof *live; i++) {
		if (live[i] >= e->timeout_s && (!best || live[i] < best))
			best = live[i];
	}
	return best;
}

uint64_t handed_fate_spoke_ms(const struct conntrack_entry *e, const struct handed_look *look)
{
	uint64_t whole_s = remembered_s(e, &look->timeouts);
	uint64_t quiet_ms =
		whole_s > e->timeout_s ? (whole_s - e->timeout_s) * 1000 - ROUNDED_MS : 0;

	return quiet_ms < look->now_ms ? look->now_ms - quiet_ms : 0;
}

static uint64_t later_of(uint64_t a, uint64_t b)
{
	return a > b ? a : b;
}

static bool has_moved(const struct handed_flow *f, const struct conntrack_entry *e,
		      const struct handed_fate *fate, uint32_t expires_s)
{
	/* a datagram may be empty */
	if (is_counted(e) && e->transport == IPPROTO_UDP)
		return (uint32_t)e->packets[0] != f->packets[0] ||
		       (uint32_t)e->packets[1] != f->packets[1];
	if (is_counted(e))
		return fate->arrived[0] || fate->arrived[1];
	return f->is_listed && (expires_s > f->expires_s + SAME_EXPIRY_S ||
				expires_s + SAME_EXPIRY_S < f->expires_s);
}

/* Which one sent the RST: the only one that sent anything, or the one that was sent data. */
static enum flow_why resetter(const struct handed_flow *f, const struct conntrack_entry *e,
			      const uint64_t arrived[2])
{
	bool client_spoke = (uint32_t)e->packets[0] != f->packets[0];
	bool server_spoke = (uint32_t)e->packets[1] != f->packets[1];
	bool is_server = client_spoke == server_spoke ? arrived[0] && !arrived[1] : server_spoke;

	return is_server ? FLOW_WHY_reset_server : FLOW_WHY_reset_client;
}

static void end(const struct handed_flow *f, const struct conntrack_entry *e,
		const struct handed_look *look, struct handed_fate *out)
{
	uint64_t end_ms = handed_fate_spoke_ms(e, look);

	out->is_over = true;
	out->why = e->state == CONNTRACK_CLOSED ? FLOW_WHY_closed : resetter(f, e, out->arrived);
	if (f->is_listed) /* it lived at the look before */
		end_ms = later_of(end_ms, look->before_ms);
	out->end_ms = later_of(end_ms, f->moved_ms); /* when it was handed over, at least */
}

void handed_fate_seen(struct handed_flow *f, const struct conntrack_entry *e,
		      const struct handed_look *look, struct handed_fate *out)
{
	uint32_t expires_s = (uint32_t)(look->now_ms / 1000 + e->timeout_s);

	*out = (struct handed_fate){ .is_over = false };
	for (int way = 0; way < 2; way++) {
		uint64_t now = conntrack_payload(e, way);

		out->arrived[way] = now > f->counted[way] ? now - f->counted[way] : 0;
	}
	if (e->state >= CONNTRACK_CLOSED)
		end(f, e, look, out);
	if (e->is_offloaded) /* which ends within seconds when nothing passes */
		f->moved_ms = look->now_ms;
	if (has_moved(f, e, out, expires_s)) {
		f->moved_ms = later_of(f->moved_ms, handed_fate_spoke_ms(e, look));
		/* whatever the entry's time says: a RST that nobody believes changes it as well */
		if (f->is_listed)
			f->moved_ms = later_of(f->moved_ms, look->before_ms);
	}
	for (int way = 0; way < 2; way++) {
		f->counted[way] += out->arrived[way];
		f->packets[way] = (uint32_t)e->packets[way];
	}
	f->expires_s = expires_s;
	f->state = (uint8_t)e->state;
	f->is_listed = true;
}

/* Has less passed than at the last look? */
static bool is_less(const struct handed_flow *f, const struct conntrack_entry *e, int way)
{
	int32_t since = (int32_t)((uint32_t)e->packets[way] - f->packets[way]);
	uint64_t most = conntrack_payload(e, way);

	/* packets are only kept modulo 2^32: a few less are fewer, many less are a full round more */
	if (since < 0)
		return true;
	if (e->has_stamps) /* each RST makes the bytes seem fewer */
		most += (uint64_t)since * STAMP_OPTION_BYTES;
	return most < f->counted[way];
}

bool handed_fate_is_other(const struct handed_flow *f, const struct conntrack_entry *e)
{
	if (!f->is_listed)
		return false;
	return is_less(f, e, 0) || is_less(f, e, 1) ||
	       (f->state == CONNTRACK_CLOSING && e->state == CONNTRACK_LIVE);
}

bool handed_fate_is_told_late(const struct handed_flow *f, const struct handed_look *look)
{
	/* the last look found it, or one before */
	uint64_t found_ms = look->before_ms && f->since_ms >= look->before_ms
				    ? later_of(look->over_ms, f->since_ms)
				    : f->since_ms;

	return f->is_found && found_ms + FRESH_MS > look->now_ms;
}

/* Was it forgotten because nothing passed? */
static bool has_expired(const struct handed_flow *f, const struct handed_look *look)
{
	uint64_t quiet_ms = look->now_ms - f->moved_ms;
	uint32_t least_s = look->timeouts.unanswered < look->timeouts.datagrams
				   ? look->timeouts.unanswered
				   : look->timeouts.datagrams;

	if (f->is_listed)
		return look->now_ms + LATE_MS >= f->expires_s * 1000ull;
	return quiet_ms + LATE_MS >= least_s * 1000ull;
}

void handed_fate_gone(const struct handed_flow *f, const struct handed_look *look,
		      struct handed_fate *out)
{
	uint64_t apart_ms = look->now_ms - later_of(look->before_ms, f->since_ms);

	*out = (struct handed_fate){ .is_over = true, .end_ms = look->now_ms };
	if (f->is_udp) {
		out->why = has_expired(f, look) ? FLOW_WHY_idle : FLOW_WHY_lost;
		return;
	}
	if (f->is_listed && f->state == CONNTRACK_CLOSING)
		out->why = FLOW_WHY_closed;
	else if (f->is_listed && apart_ms + LATE_MS >= look->timeouts.reset * 1000ull)
		out->why = FLOW_WHY_reset_client; /* nothing else makes it go within that time */
	else
		out->why = FLOW_WHY_lost;
}
