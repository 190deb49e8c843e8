/* Entries of flows of datagrams that are relayed, or not decided yet. */
#include "firewall_held.h"

#include <errno.h>
#include <string.h>

#include <linux/netlink.h>

#include "kernel/conntrack.h"

bool firewall_held_has(const struct config *config)
{
	for (size_t i = 0; i < config->divert_count; i++)
		if (config->diverts[i].udp.count > 0)
			return true;
	return false;
}

int firewall_held_flush(struct netlink *nl, const struct marks *marks)
{
	int err = conntrack_flush(nl, marks_of(marks, MARK_HELD), marks->mask);
	int err_reply = conntrack_flush(nl, marks_of(marks, MARK_REPLY), marks->mask);

	return err ? err : err_reply;
}

/* Where addresses are not listed they may be any. */
static bool may_hold(const struct divert *d, const struct addr *to)
{
	if (d->to_kind != TO_PREFIXES || d->to_interface.count > 0)
		return true;
	return prefix_list_holds(&d->to, to);
}

/* Which divert takes such datagrams? divert_count: none. */
static size_t taker(const struct config *config, const struct addr *to)
{
	size_t i = 0;

	while (i < config->divert_count && !(port_list_has(&config->diverts[i].udp, to->port) &&
					     may_hold(&config->diverts[i], to)))
		i++;
	return i;
}

/* Has the configuration a divert of that name that takes datagrams? */
static bool has_divert(const struct config *config, const char *name)
{
	for (size_t i = 0; i < config->divert_count; i++)
		if (config->diverts[i].udp.count > 0 && !strcmp(config->diverts[i].name, name))
			return true;
	return false;
}

struct leaving {
	const struct config *config;
	const struct config *was;
	struct netlink act; /* the other one is in the middle of a dump */
	uint32_t reply;     /* mark of entries that one of our answers began */
};

static int look(const struct conntrack_entry *entry, void *arg)
{
	struct leaving *l = arg;
	bool is_turned = (entry->mark & l->config->shunt.mark.mask) == l->reply;
	const struct addr *to = is_turned ? &entry->client : &entry->to;
	size_t before = l->was ? taker(l->was, to) : 0;
	int err;

	if (taker(l->config, to) < l->config->divert_count)
		return 0;
	if (l->was && before < l->was->divert_count && entry->is_answered &&
	    !has_divert(l->config, l->was->diverts[before].name))
		return 0;
	err = conntrack_forget(&l->act, 0, entry->transport, &entry->client, &entry->to);
	return err == -ENOENT ? 0 : err;
}

int firewall_held_leave(struct netlink *nl, const struct config *config, const struct config *was)
{
	const struct marks *m = &config->shunt.mark;
	struct leaving l = { .config = config, .was = was, .reply = marks_of(m, MARK_REPLY) };
	int err;

	if (!was && !firewall_held_has(config))
		return firewall_held_flush(nl, m);
	err = netlink_open(&l.act, NETLINK_NETFILTER);
	if (!err)
		err = conntrack_dump(nl, marks_of(m, MARK_HELD), m->mask, look, &l);
	if (!err)
		err = conntrack_dump(nl, l.reply, m->mask, look, &l);
	netlink_close(&l.act);
	return err;
}
