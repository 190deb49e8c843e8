/* Handed-over flows, as conntrack knows them by their mark. */
#include "firewall_handed.h"

#include <errno.h>

#include <linux/netlink.h>

#include "kernel/conntrack.h"

static int take_live(const struct conntrack_entry *entry, void *arg)
{
	(void)arg;
	return entry->state < CONNTRACK_CLOSED; /* one is enough */
}

int firewall_handed_live(struct netlink *nl, const struct marks *marks)
{
	return conntrack_dump(nl, marks_of(marks, MARK_HANDED), marks_handed_mask(marks), take_live,
			      NULL);
}

static int forget_one(const struct conntrack_entry *entry, void *arg)
{
	int err = conntrack_forget(arg, 0, entry->transport, &entry->client, &entry->to);

	return err == -ENOENT ? 0 : err;
}

int firewall_handed_forget(struct netlink *nl, const struct marks *marks)
{
	struct netlink act = { .socket = NULL }; /* the other one is in the middle of a dump */
	int err = netlink_open(&act, NETLINK_NETFILTER);

	if (!err)
		err = conntrack_dump(nl, marks_of(marks, MARK_HANDED), marks_handed_mask(marks),
				     forget_one, &act);
	netlink_close(&act);
	return err;
}
