/* The box's own addresses, over rtnetlink. */
#include "kernel/links.h"

#include <errno.h>
#include <string.h>

#include <linux/if_addr.h>
#include <linux/rtnetlink.h>

#include <libmnl/libmnl.h>

enum {
	LOOPBACK_INDEX = 1,
};

static int take(const struct nlmsghdr *message, void *arg)
{
	const struct ifaddrmsg *head = mnl_nlmsg_get_payload(message);
	struct addr a = { .family = head->ifa_family };
	const struct nlattr *found = NULL;
	const struct nlattr *attr;

	if (message->nlmsg_type != RTM_NEWADDR || head->ifa_index == LOOPBACK_INDEX)
		return 0;
	mnl_attr_for_each (attr, message, sizeof *head) {
		/* on a point-to-point link IFA_ADDRESS is the other end's */
		if (mnl_attr_get_type(attr) == IFA_LOCAL ||
		    (mnl_attr_get_type(attr) == IFA_ADDRESS && !found))
			found = attr;
	}
	if (!found || !addr_size(&a) || mnl_attr_get_payload_len(found) != addr_size(&a))
		return 0;
	memcpy(a.bytes, mnl_attr_get_payload(found), addr_size(&a));
	return addr_list_add(arg, &a);
}

int links_read(struct addr_list *out, struct netlink *nl)
{
	_Alignas(struct nlmsghdr) char buf[NETLINK_MESSAGE_BYTES];
	struct addr_list list = { NULL, 0 };
	struct nlmsghdr *request = mnl_nlmsg_put_header(buf);
	int tries;
	int err;

	request->nlmsg_type = RTM_GETADDR;
	mnl_nlmsg_put_extra_header(request, sizeof(struct ifaddrmsg));
	for (tries = 0, err = -EINTR; err == -EINTR && tries < NETLINK_TRIES; tries++) {
		addr_list_free(&list);
		err = netlink_dump(nl, request, take, &list);
	}
	if (err)
		addr_list_free(&list);
	else
		*out = list;
	return err;
}
