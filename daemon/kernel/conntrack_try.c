/* Can this kernel's connection tracking be given a connection? */
#include "kernel/conntrack_try.h"

#include <errno.h>

#include <linux/netlink.h>

#include "kernel/conntrack.h"

/* An address of TEST-NET-1. */
static struct addr nobody(uint8_t host)
{
	return (struct addr){ .family = AF_INET, .bytes = { 192, 0, 2, host }, .port = host };
}

static int try_entry(struct netlink *nl)
{
	const struct conntrack_hand hand = { .transport = IPPROTO_TCP,
					     .client = nobody(1),
					     .to = nobody(2),
					     .server = nobody(3),
					     .answer_shift = 1,
					     .timeout_s = 1 };
	struct conntrack_entry entry = { .mark = 0 };
	int err = conntrack_hand_over(nl, &hand);

	if (err == -EEXIST) /* of one who tried at the same time: it can be done */
		return 0;
	if (err)
		return err;
	err = conntrack_get(nl, IPPROTO_TCP, &hand.client, &hand.to, &entry);
	(void)conntrack_forget(nl, 0, IPPROTO_TCP, &hand.client,
			       &hand.to); /* else it is over in a second */
	if (!err &&
	    (entry.answer_shift != hand.answer_shift || !addr_equal(&entry.server, &hand.server)))
		err = -EOPNOTSUPP;
	return err;
}

int conntrack_try(void)
{
	struct netlink nl;
	int err = netlink_open(&nl, NETLINK_NETFILTER);

	if (err)
		return err;
	err = try_entry(&nl);
	netlink_close(&nl);
	return err;
}
