/* Which routes are open, by their `when`. */
#include "policy/open_routes.h"

bool open_routes_change(const struct config *config)
{
	for (size_t i = 0; i < config->route_count; i++) {
		if (config->routes[i].when.count)
			return true;
	}
	return false;
}

size_t open_routes_words(const struct config *config)
{
	return (config->route_count + 63) / 64;
}

time_t open_routes_at(uint64_t *open, const struct config *config, time_t now)
{
	time_t next = -1;
	struct tm local;
	bool is_known = localtime_r(&now, &local);

	for (size_t i = 0; i < config->route_count; i++) {
		const struct schedule *when = &config->routes[i].when;
		uint64_t bit = UINT64_C(1) << i % 64;
		time_t own = schedule_next(when, now);

		/* a year beyond what can be counted: nobody is let in by a clock like that */
		if (when->count == 0 || (is_known && schedule_is_open(when, &local)))
			open[i / 64] |= bit;
		else
			open[i / 64] &= ~bit;
		if (own >= 0 && (next < 0 || own < next))
			next = own;
	}
	return next;
}
