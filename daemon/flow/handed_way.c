/* Does this box let through what was handed over? */
#include "flow/handed_way.h"

unsigned handed_way_of(const struct handed_share *s, const struct addr *server, const char *divert)
{
	struct addr end = *server;

	if (divert) {
		memset(end.bytes, 0, sizeof end.bytes);
		end.port = 0;
	}
	return (unsigned)(handed_share_hash(s, &end, divert) & (HANDED_SHARE_WAYS - 1));
}

unsigned handed_way_of_udp(const struct handed_share *s, const struct addr *server,
			   const char *divert)
{
	return HANDED_SHARE_WAYS + handed_way_of(s, server, divert);
}

static _Atomic uint8_t *first(struct handed_share *s, unsigned way)
{
	return &s->first_ways[way / HANDED_SHARE_WAYS];
}

/* From one state to another, unless it is in a third by now. */
static bool change(_Atomic uint8_t *state, enum handed_way from, enum handed_way to)
{
	uint8_t expected = (uint8_t)from;

	return atomic_compare_exchange_strong(state, &expected, (uint8_t)to);
}

enum handed_way handed_way_own(const struct handed_share *s, unsigned way)
{
	return (enum handed_way)atomic_load(&s->ways[way]);
}

enum handed_way handed_way_first(const struct handed_share *s, unsigned way)
{
	return (enum handed_way)atomic_load(&s->first_ways[way / HANDED_SHARE_WAYS]);
}

enum handed_way handed_way_state(const struct handed_share *s, unsigned way)
{
	enum handed_way own = handed_way_own(s, way);
	enum handed_way of_all = handed_way_first(s, way);

	return own != HANDED_WAY_UNKNOWN || of_all == HANDED_WAY_OPEN ? own : of_all;
}

bool handed_way_try(struct handed_share *s, unsigned way)
{
	if (!change(&s->ways[way], HANDED_WAY_UNKNOWN, HANDED_WAY_TRIED))
		return false;
	if (handed_way_first(s, way) == HANDED_WAY_OPEN ||
	    change(first(s, way), HANDED_WAY_UNKNOWN, HANDED_WAY_TRIED))
		return true;
	(void)change(&s->ways[way], HANDED_WAY_TRIED, HANDED_WAY_UNKNOWN); /* nobody else does */
	return false;
}

/* In this order: as long as the first of all is tried, no other can be. */
static void settle(struct handed_share *s, unsigned way, enum handed_way found)
{
	atomic_store(&s->ways[way], (uint8_t)found);
	if (found == HANDED_WAY_OPEN)
		atomic_store(first(s, way), (uint8_t)found);
	else
		(void)change(first(s, way), HANDED_WAY_TRIED, found); /* or others are known */
}

void handed_way_untry(struct handed_share *s, unsigned way)
{
	if (handed_way_own(s, way) == HANDED_WAY_TRIED)
		settle(s, way, HANDED_WAY_UNKNOWN);
}

void handed_way_found(struct handed_share *s, unsigned way, bool is_open)
{
	settle(s, way, is_open ? HANDED_WAY_OPEN : HANDED_WAY_CLOSED);
}

void handed_way_reopen(struct handed_share *s)
{
	for (unsigned i = 0; i < 2 * HANDED_SHARE_WAYS; i++)
		(void)change(&s->ways[i], HANDED_WAY_CLOSED, HANDED_WAY_UNKNOWN); /* if it was */
	for (unsigned i = 0; i < 2; i++)
		(void)change(&s->first_ways[i], HANDED_WAY_CLOSED, HANDED_WAY_UNKNOWN);
}
