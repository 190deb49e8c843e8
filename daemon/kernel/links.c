/* The box's own addresses and bridges, over rtnetlink. */
#include "kernel/links.h"

#include <errno.h>
#include <string.h>

#include <linux/if_addr.h>
#include <linux/rtnetlink.h>

#include <libmnl/libmnl.h>

enum {
	LOOPBACK_INDEX = 1,
};

struct walk {
	links_each *each;
	void *arg;
};

/* Not good yet, or taken by another: RFC 4862 5.4. An optimistic one is (RFC 4429). */
static bool is_in_doubt(uint32_t flags)
{
	return (flags & (IFA_F_TENTATIVE | IFA_F_DADFAILED)) && !(flags & IFA_F_OPTIMISTIC);
}

static int take(const struct nlmsghdr *message, void *arg)
{
	const struct ifaddrmsg *head = mnl_nlmsg_get_payload(message);
	const struct walk *walk = arg;
	struct addr a = { .family = head->ifa_family };
	uint32_t flags = head->ifa_flags;
	const struct nlattr *found = NULL;
	const struct nlattr *attr;

	if (message->nlmsg_type != RTM_NEWADDR)
		return 0;
	mnl_attr_for_each (attr, message, sizeof *head) {
		uint16_t type = mnl_attr_get_type(attr);

		/* on a point-to-point link IFA_ADDRESS is the other end's */
		if (type == IFA_LOCAL || (type == IFA_ADDRESS && !found))
			found = attr;
		else if (type == IFA_FLAGS)
			flags = mnl_attr_get_u32(attr);
	}
	if (!found || !addr_size(&a) || mnl_attr_get_payload_len(found) != addr_size(&a) ||
	    is_in_doubt(flags))
		return 0;
	memcpy(a.bytes, mnl_attr_get_payload(found), addr_size(&a));
	return walk->each(walk->arg, head->ifa_index, &a);
}

int links_walk(struct netlink *nl, links_each *each, void *arg)
{
	_Alignas(struct nlmsghdr) char buf[NETLINK_MESSAGE_BYTES];
	struct nlmsghdr *request = mnl_nlmsg_put_header(buf);
	struct walk walk = { each, arg };

	request->nlmsg_type = RTM_GETADDR;
	mnl_nlmsg_put_extra_header(request, sizeof(struct ifaddrmsg));
	return netlink_dump(nl, request, take, &walk);
}

static int add(void *arg, uint32_t index, const struct addr *a)
{
	return index == LOOPBACK_INDEX ? 0 : addr_list_add(arg, a);
}

static int is_kind(const struct nlattr *attr, void *arg)
{
	bool *is_bridge = arg;

	if (mnl_attr_get_type(attr) == IFLA_INFO_KIND &&
	    strcmp(mnl_attr_get_str(attr), "bridge") == 0)
		*is_bridge = true;
	return MNL_CB_OK;
}

static int find_bridge(const struct nlmsghdr *message, void *arg)
{
	const struct nlattr *attr;

	mnl_attr_for_each (attr, message, sizeof(struct ifinfomsg)) {
		if (mnl_attr_get_type(attr) == IFLA_LINKINFO)
			(void)mnl_attr_parse_nested(attr, is_kind, arg); /* it never fails */
	}
	return 0;
}

int links_have_bridge(struct netlink *nl)
{
	_Alignas(struct nlmsghdr) char buf[NETLINK_MESSAGE_BYTES];
	struct nlmsghdr *request = mnl_nlmsg_put_header(buf);
	bool is_found = false;
	int err = -EINTR;

	request->nlmsg_type = RTM_GETLINK;
	mnl_nlmsg_put_extra_header(request, sizeof(struct ifinfomsg));
	for (int tries = 0; err == -EINTR && tries < NETLINK_TRIES; tries++)
		err = netlink_dump(nl, request, find_bridge, &is_found);
	return err ? err : is_found;
}

int links_read(struct addr_list *out, struct netlink *nl)
{
	struct addr_list list = { NULL, 0 };
	int tries;
	int err;

	for (tries = 0, err = -EINTR; err == -EINTR && tries < NETLINK_TRIES; tries++) {
		addr_list_free(&list);
		err = links_walk(nl, add, &list);
	}
	if (err)
		addr_list_free(&list);
	else
		*out = list;
	return err;
}
