/* The ip rules of servers on loopback addresses that a reload took away. */
#include "base/clock.h"
#include "firewall_routing.h"
#include "firewall_state.h"
#include "policy/loopback.h"

/* Its rule goes; where that fails it is left for the end of the daemon. */
static void drop(struct firewall *fw, size_t index)
{
	struct firewall_leaving *left = &fw->leaving[index];

	(void)firewall_routing_forget(&fw->route, &left->server, fw->config->shunt.table);
	*left = fw->leaving[--fw->leaving_count];
}

static void add(struct firewall *fw, const struct addr *server, uint64_t until_ms)
{
	size_t first = 0;

	if (fw->leaving_count == FIREWALL_LEAVING_MOST) {
		for (size_t i = 1; i < fw->leaving_count; i++)
			if (fw->leaving[i].until_ms < fw->leaving[first].until_ms)
				first = i;
		drop(fw, first);
	}
	fw->leaving[fw->leaving_count++] = (struct firewall_leaving){ *server, until_ms };
}

void firewall_leaving_change(struct firewall *fw, const struct config *was)
{
	struct addr before[LOOPBACK_SERVERS_MOST];
	struct addr now[LOOPBACK_SERVERS_MOST];
	size_t before_count = loopback_servers(before, was);
	size_t now_count = loopback_servers(now, fw->config);
	uint64_t until_ms = clock_ms() + fw->config->shunt.drain_ms;

	for (size_t i = fw->leaving_count; i-- > 0;)
		if (loopback_holds(now, now_count, &fw->leaving[i].server))
			fw->leaving[i] = fw->leaving[--fw->leaving_count];
	for (size_t i = 0; i < before_count; i++)
		if (!loopback_holds(now, now_count, &before[i]))
			add(fw, &before[i], until_ms);
}

void firewall_leaving_look(struct firewall *fw)
{
	uint64_t now_ms = clock_ms();

	for (size_t i = fw->leaving_count; i-- > 0;)
		if (fw->leaving[i].until_ms <= now_ms)
			drop(fw, i);
}
