/* The `force` key: no divert takes the box's own services away unasked. */
#include "firewall_ports.h"

#include <errno.h>
#include <string.h>

#include "firewall_hosts.h"
#include "kernel/links.h"

static bool names_port(const struct port_list *ports, uint16_t port)
{
	for (size_t i = 0; i < ports->count; i++)
		if (port == ports->at[i].first && port == ports->at[i].last)
			return true;
	return false;
}

static bool is_any(const struct addr *a)
{
	static const uint8_t zero[16];

	return memcmp(a->bytes, zero, sizeof zero) == 0;
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
		return prefix_list_holds(&d->to, socket) || is_at_interface(d, &box->hosts, socket);
	if (d->to_interface.count > 0)
		return true;
	for (i = 0; i < own->count; i++)
		if ((own->at[i].family == socket->family || socket->family == AF_INET6) &&
		    prefix_list_holds(&d->to, &own->at[i]))
			return true;
	return false;
}

static bool is_own(const struct firewall_box *box, const struct addr *a)
{
	for (size_t i = 0; i < box->own.count; i++)
		if (box->own.at[i].family == a->family &&
		    !memcmp(box->own.at[i].bytes, a->bytes, sizeof a->bytes))
			return true;
	return false;
}

/* One of TCP, or of UDP, where sockets of clients, and ours of flows, must be told from those that serve. */
static bool is_taken(const struct divert *d, const struct addr *socket,
		     const struct firewall_box *box, bool is_udp)
{
	if (!port_list_has(is_udp ? &d->udp : &d->tcp, socket->port) || !has_target(d, socket, box))
		return false;
	if (!is_udp)
		return true;
	if (socket->port >= box->chosen.first && socket->port <= box->chosen.last &&
	    !names_port(&d->udp, socket->port))
		return false;
	return is_any(socket) || is_own(box, socket);
}

/* Called for each port that a divert takes and the box serves; nonzero stops and is the result. */
typedef int taken_each(void *arg, const struct divert *d, const struct addr *socket, bool is_udp);

static int walk_taken(const struct divert *d, const struct firewall_box *box, taken_each *each,
		      void *arg)
{
	for (int is_udp = 0; is_udp < 2; is_udp++) {
		const struct addr_list *served = is_udp ? &box->served_udp : &box->served;

		for (size_t i = 0; i < served->count; i++) {
			int err = is_taken(d, &served->at[i], box, is_udp)
					  ? each(arg, d, &served->at[i], is_udp)
					  : 0;

			if (err)
				return err;
		}
	}
	return 0;
}

static int refuse(void *arg, const struct divert *d, const struct addr *socket, bool is_udp)
{
	char text[ADDR_TEXT_BYTES];

	return fault_set(arg, -EADDRINUSE,
			 "divert %s: this box itself serves %sport %u on %s: name its "
			 "`interface`, or set `force = yes`",
			 d->name, is_udp ? "UDP " : "", socket->port, addr_text_host(socket, text));
}

int firewall_ports_compare(const struct config *config, const struct firewall_box *box,
			   struct fault *fault)
{
	int err = 0;

	for (size_t i = 0; i < config->divert_count && !err; i++) {
		const struct divert *d = &config->diverts[i];

		if (!d->force && d->interface.count == 0)
			err = walk_taken(d, box, refuse, fault);
	}
	return err;
}

struct shared {
	struct fault *note;
	unsigned more;
};

static int share(void *arg, const struct divert *d, const struct addr *socket, bool is_udp)
{
	struct shared *shared = arg;
	char text[ADDR_TEXT_BYTES];

	if (shared->note->text[0])
		shared->more++;
	else
		(void)fault_set(shared->note, 0,
				"divert %s takes %sport %u on interface %s, which this box itself "
				"serves on %s",
				d->name, is_udp ? "UDP " : "", socket->port, d->interface.at[0],
				addr_text_host(socket, text));
	return 0;
}

void firewall_ports_shared(const struct config *config, const struct firewall_box *box,
			   struct fault *note)
{
	struct shared shared = { .note = note };

	for (size_t i = 0; i < config->divert_count; i++) {
		const struct divert *d = &config->diverts[i];

		if (!d->force && d->interface.count > 0)
			(void)walk_taken(d, box, share, &shared); /* it stops for nothing */
	}
	if (shared.more > 0) {
		const struct fault first = *note;

		(void)fault_set(note, 0, "%s, and %u more", first.text, shared.more);
	}
}

int firewall_ports_check(struct netlink *route, const struct config *config, struct fault *fault)
{
	struct firewall_box box = { .served = { NULL, 0 } };
	int err = local_ports_read(&box.served);

	if (!err)
		err = local_ports_read_udp(&box.served_udp, &box.chosen);
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
	addr_list_free(&box.served_udp);
	addr_list_free(&box.own);
	firewall_hosts_free(&box.hosts);
	return err;
}
