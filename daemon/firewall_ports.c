/* The `force` key: no divert takes the box's own services away unasked. */
#include "firewall_ports.h"

#include <errno.h>
#include <string.h>

#include "firewall_hosts.h"
#include "kernel/links.h"
#include "kernel/local_ports.h"

static bool has_port(const struct divert *d, uint16_t port)
{
	size_t i;

	for (i = 0; i < d->tcp.count; i++)
		if (port >= d->tcp.at[i].first && port <= d->tcp.at[i].last)
			return true;
	return false;
}

static bool is_any(const struct addr *a)
{
	static const uint8_t zero[16];

	return memcmp(a->bytes, zero, sizeof zero) == 0;
}

static bool holds(const struct prefix_list *list, const struct addr *a)
{
	size_t i;

	for (i = 0; i < list->count; i++)
		if (prefix_holds(&list->at[i], a))
			return true;
	return false;
}

static bool is_at_interface(const struct divert *d, const struct host_list *hosts,
			    const struct addr *socket)
{
	size_t i;
	size_t a;

	for (i = 0; i < d->to_interface.count; i++) {
		const struct host_interface *at =
			firewall_hosts_find(hosts, 0, d->to_interface.at[i]);

		for (a = 0; at && a < at->addresses.count; a++)
			if (at->addresses.at[a].family == socket->family &&
			    !memcmp(at->addresses.at[a].bytes, socket->bytes, sizeof socket->bytes))
				return true;
	}
	return false;
}

/* Could a connection to that socket be for an address that the divert takes? An IPv6 any-address
 * mostly stands for IPv4 as well, and any-addresses for those that an interface may get. */
static bool has_target(const struct divert *d, const struct addr *socket,
		       const struct firewall_box *box)
{
	const struct addr_list *own = &box->own;
	size_t i;

	if (d->to_kind == TO_LOCAL || d->to_kind == TO_ANY)
		return true;
	if (d->to_kind == TO_TRANSIT)
		return false;
	if (!is_any(socket))
		return holds(&d->to, socket) || is_at_interface(d, &box->hosts, socket);
	if (d->to_interface.count > 0)
		return true;
	for (i = 0; i < own->count; i++)
		if ((own->at[i].family == socket->family || socket->family == AF_INET6) &&
		    holds(&d->to, &own->at[i]))
			return true;
	return false;
}

int firewall_ports_compare(const struct config *config, const struct firewall_box *box,
			   struct fault *fault)
{
	const struct addr_list *served = &box->served;
	char text[ADDR_TEXT_BYTES];
	size_t i;
	size_t s;

	for (i = 0; i < config->divert_count; i++) {
		const struct divert *d = &config->diverts[i];

		if (d->force || d->interface.count > 0)
			continue;
		for (s = 0; s < served->count; s++)
			if (has_port(d, served->at[s].port) && has_target(d, &served->at[s], box))
				return fault_set(fault, -EADDRINUSE,
						 "divert %s: this box itself serves port %u on "
						 "%s: name its `interface`, or set `force = yes`",
						 d->name, served->at[s].port,
						 addr_text_host(&served->at[s], text));
	}
	return 0;
}

void firewall_ports_shared(const struct config *config, const struct firewall_box *box,
			   struct fault *note)
{
	const struct addr_list *served = &box->served;
	char text[ADDR_TEXT_BYTES];
	unsigned more = 0;
	size_t i;
	size_t s;

	for (i = 0; i < config->divert_count; i++) {
		const struct divert *d = &config->diverts[i];

		if (d->force || d->interface.count == 0)
			continue;
		for (s = 0; s < served->count; s++) {
			if (!has_port(d, served->at[s].port) || !has_target(d, &served->at[s], box))
				continue;
			if (note->text[0])
				more++;
			else
				(void)fault_set(note, 0,
						"divert %s takes port %u on interface %s, which "
						"this box itself serves on %s",
						d->name, served->at[s].port, d->interface.at[0],
						addr_text_host(&served->at[s], text));
		}
	}
	if (more > 0) {
		const struct fault first = *note;

		(void)fault_set(note, 0, "%s, and %u more", first.text, more);
	}
}

int firewall_ports_check(struct netlink *route, const struct config *config, struct fault *fault)
{
	struct firewall_box box = { .served = { NULL, 0 } };
	int err = local_ports_read(&box.served);

	if (!err)
		err = links_read(&box.own, route);
	if (!err)
		err = firewall_hosts_read(&box.hosts, config, route);
	if (err)
		(void)fault_set(fault, err, "cannot read which ports this box serves: %s",
				strerror(-err));
	else
		err = firewall_ports_compare(config, &box, fault);
	if (!err && fault)
		firewall_ports_shared(config, &box, fault);
	addr_list_free(&box.served);
	addr_list_free(&box.own);
	firewall_hosts_free(&box.hosts);
	return err;
}
