/* Servers that are themselves what a divert takes. */
#include <stdlib.h>

#include "policy/config_check.h"
#include "policy/route_cover.h"
#include "wire/wire.h"

static int compare(const void *a, const void *b)
{
	return prefix_compare(a, b);
}

/* Is this very address one of the list, which is sorted? A network that holds it is no matter: a flow
 * may well be sent from one of its hosts to another. */
static bool names(const struct prefix_list *list, const struct addr *a)
{
	struct prefix whole = { .family = a->family, .bits = (uint8_t)(8 * addr_size(a)) };

	memcpy(whole.bytes, a->bytes, sizeof whole.bytes);
	return list->count && bsearch(&whole, list->at, list->count, sizeof whole, compare);
}

static bool is_target(const struct target *t, size_t backend)
{
	return t->kind == TARGET_BACKEND && t->backend == backend;
}

/* Do flows of that transport come to the backend? */
static bool gets(const struct config *config, size_t backend, unsigned transport)
{
	for (size_t i = 0; i < config->route_count; i++) {
		const struct route *r = &config->routes[i];

		if (is_target(&r->target, backend) && route_reaches_transport(r, transport))
			return true;
	}
	for (size_t i = 0; i < config->divert_count; i++) {
		const struct divert *d = &config->diverts[i];
		bool is_stream = transport == WIRE_TCP && d->tcp.count > 0;

		if ((is_stream && is_target(&d->silent, backend)) ||
		    (is_stream && is_target(&d->unknown, backend)) ||
		    (transport == WIRE_UDP && d->udp.count > 0 &&
		     is_target(&d->unknown_udp, backend)))
			return true;
	}
	return false;
}

/* The divert that takes flows of one of these transports to the server. */
static const struct divert *taker(const struct config *config, const struct addr *server,
				  unsigned transports)
{
	for (size_t i = 0; i < config->divert_count; i++) {
		const struct divert *d = &config->diverts[i];

		if (((transports & WIRE_TCP && port_list_has(&d->tcp, server->port)) ||
		     (transports & WIRE_UDP && port_list_has(&d->udp, server->port))) &&
		    names(&d->to, server))
			return d;
	}
	return NULL;
}

void config_check_loops(const struct config *config, struct config_notes *notes)
{
	char text[ADDR_TEXT_BYTES];

	for (size_t i = 0; i < config->backend_count; i++) {
		const struct backend *b = &config->backends[i];
		unsigned transports = (gets(config, i, WIRE_TCP) ? WIRE_TCP : 0u) |
				      (gets(config, i, WIRE_UDP) ? WIRE_UDP : 0u);

		for (size_t k = 0; k < b->server_count; k++) {
			const struct divert *d = taker(config, &b->servers[k], transports);

			if (d)
				config_fault(notes, (struct config_place){ b->file, b->line },
					     "[backend %s] server %s is what [divert %s] takes: "
					     "`backend = original` leads there",
					     b->name, addr_text(&b->servers[k], text), d->name);
		}
	}
}
