/* Handed-over flows, as conntrack knows them by their mark. */
#include "firewall_handed.h"

#include "kernel/conntrack.h"

static int take_live(const struct conntrack_entry *entry, void *arg)
{
	(void)arg;
	return entry->state < CONNTRACK_CLOSED; /* one is enough */
}

int firewall_handed_live(struct netlink *nl, const struct marks *marks)
{
	return conntrack_dump(nl, marks_of(marks, MARK_HANDED), marks->mask, take_live, NULL);
}
