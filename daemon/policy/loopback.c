/* Which servers on loopback addresses see the client's address. */
#include "policy/loopback.h"

bool loopback_holds(const struct addr *list, size_t count, const struct addr *server)
{
	for (size_t i = 0; i < count; i++) {
		if (addr_equal(&list[i], server))
			return true;
	}
	return false;
}

size_t loopback_servers(struct addr out[static LOOPBACK_SERVERS_MOST], const struct config *config)
{
	size_t count = 0;

	for (size_t i = 0; i < config->backend_count; i++) {
		const struct backend *b = &config->backends[i];

		for (size_t k = 0; k < b->server_count && !b->is_source_router; k++) {
			const struct addr *server = &b->servers[k];

			if (!addr_is_loopback(server) || loopback_holds(out, count, server))
				continue;
			if (count == LOOPBACK_SERVERS_MOST)
				return count;
			out[count++] = *server;
		}
	}
	return count;
}
