/* How soon one repair may follow the other. */
#include "firewall_pace.h"

static void begin(struct firewall_pace *p, uint64_t now_ms)
{
	p->since_ms = now_ms;
	p->rounds = 0;
	p->pause_ms = 0;
}

static bool is_over(const struct firewall_pace *p, uint64_t now_ms)
{
	if (p->pause_ms)
		return now_ms > p->last_ms + p->pause_ms + FIREWALL_PACE_WINDOW_MS;
	return p->rounds == 0 || now_ms > p->since_ms + FIREWALL_PACE_WINDOW_MS;
}

void firewall_pace_note(struct firewall_pace *p, uint64_t now_ms)
{
	if (is_over(p, now_ms))
		begin(p, now_ms);
	p->rounds++;
	p->last_ms = now_ms;
	if (p->pause_ms)
		p->pause_ms *= 2;
	else if (p->rounds >= FIREWALL_PACE_ROUNDS)
		p->pause_ms = FIREWALL_PACE_FIRST_MS;
	if (p->pause_ms > FIREWALL_PACE_LONGEST_MS)
		p->pause_ms = FIREWALL_PACE_LONGEST_MS;
}

uint64_t firewall_pace_next(const struct firewall_pace *p, uint64_t want_ms)
{
	uint64_t soonest_ms = p->last_ms + p->pause_ms;

	return p->pause_ms && soonest_ms > want_ms ? soonest_ms : want_ms;
}
