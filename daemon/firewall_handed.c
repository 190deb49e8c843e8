/* Handed-over flows, as conntrack knows them by their mark. */
#include "firewall_handed.h"

#include <arpa/inet.h>
#include <errno.h>
#include <sys/socket.h>

#include <linux/netfilter/nfnetlink.h>
#include <linux/netfilter/nfnetlink_conntrack.h>

#include <libmnl/libmnl.h>

static int take_any(const struct nlmsghdr *message, void *arg)
{
	(void)message;
	(void)arg;
	return 1; /* one is enough */
}

int firewall_handed_live(struct netlink *nl, const struct marks *marks)
{
	_Alignas(struct nlmsghdr) char buf[NETLINK_MESSAGE_BYTES];
	int tries;
	int found;

	for (tries = 0, found = -EINTR; found == -EINTR && tries < NETLINK_TRIES; tries++) {
		struct nlmsghdr *request = mnl_nlmsg_put_header(buf);
		struct nfgenmsg *head = mnl_nlmsg_put_extra_header(request, sizeof *head);

		request->nlmsg_type = NFNL_SUBSYS_CTNETLINK << 8 | IPCTNL_MSG_CT_GET;
		head->nfgen_family = AF_UNSPEC;
		mnl_attr_put_u32(request, CTA_MARK, htonl(marks_of(marks, MARK_HANDED)));
		mnl_attr_put_u32(request, CTA_MARK_MASK, htonl(marks->mask));
		found = netlink_dump(nl, request, take_any, NULL);
	}
	return found;
}
