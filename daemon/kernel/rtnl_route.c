/* The local default route of a table, over rtnetlink. Owns nothing. */
#include "kernel/rtnl_route.h"

#include <errno.h>
#include <stdbool.h>
#include <sys/socket.h>

#include <linux/rtnetlink.h>

#include <libmnl/libmnl.h>

enum {
	LOOPBACK_INDEX = 1, /* lo is the first device of every network namespace */
};

static struct nlmsghdr *put_route(char *buf, uint16_t type, int family, uint32_t table)
{
	struct nlmsghdr *message = mnl_nlmsg_put_header(buf);
	struct rtmsg *head = mnl_nlmsg_put_extra_header(message, sizeof *head);

	message->nlmsg_type = type;
	head->rtm_family = (unsigned char)family;
	head->rtm_table = table < 256 ? (unsigned char)table : RT_TABLE_UNSPEC;
	head->rtm_protocol = RTPROT_STATIC;
	head->rtm_scope = RT_SCOPE_HOST;
	head->rtm_type = RTN_LOCAL;
	mnl_attr_put_u32(message, RTA_TABLE, table);
	mnl_attr_put_u32(message, RTA_OIF, LOOPBACK_INDEX);
	return message;
}

struct search {
	int family;
	uint32_t table;
	bool is_found;
};

static int compare(const struct nlmsghdr *message, void *arg)
{
	const struct rtmsg *head = mnl_nlmsg_get_payload(message);
	struct search *search = arg;
	const struct nlattr *attr;
	uint32_t table = head->rtm_table;
	uint32_t device = 0;

	if (message->nlmsg_type != RTM_NEWROUTE)
		return 0;
	mnl_attr_for_each (attr, message, sizeof *head) {
		if (mnl_attr_get_type(attr) == RTA_TABLE)
			table = mnl_attr_get_u32(attr);
		else if (mnl_attr_get_type(attr) == RTA_OIF)
			device = mnl_attr_get_u32(attr);
	}
	if (head->rtm_family == search->family && table == search->table &&
	    device == LOOPBACK_INDEX && head->rtm_type == RTN_LOCAL && head->rtm_dst_len == 0 &&
	    head->rtm_src_len == 0 && head->rtm_tos == 0)
		search->is_found = true;
	return 0;
}

int rtnl_route_find(struct netlink *nl, int family, uint32_t table)
{
	_Alignas(struct nlmsghdr) char buf[NETLINK_MESSAGE_BYTES];
	struct search search = { .family = family, .table = table, .is_found = false };
	struct nlmsghdr *request = mnl_nlmsg_put_header(buf);
	struct rtmsg *head = mnl_nlmsg_put_extra_header(request, sizeof *head);
	int tries;
	int err;

	request->nlmsg_type = RTM_GETROUTE;
	head->rtm_family = (unsigned char)family;
	/* only with strict checks does the kernel filter by it; else all routes come, and are sifted */
	mnl_attr_put_u32(request, RTA_TABLE, table);
	for (tries = 0, err = -EINTR; err == -EINTR && tries < NETLINK_TRIES; tries++)
		err = netlink_dump(nl, request, compare, &search);
	if (err == -ENOENT) /* no such table */
		return 0;
	if (err == -EOPNOTSUPP)
		return -EAFNOSUPPORT;
	return err ? err : search.is_found;
}

int rtnl_route_add(struct netlink *nl, int family, uint32_t table)
{
	_Alignas(struct nlmsghdr) char buf[NETLINK_MESSAGE_BYTES];
	struct nlmsghdr *request = put_route(buf, RTM_NEWROUTE, family, table);
	int err;

	request->nlmsg_flags = NLM_F_CREATE | NLM_F_EXCL;
	err = netlink_request(nl, request);
	if (err == -EEXIST && rtnl_route_find(nl, family, table) == 1)
		return 0;
	return err == -EOPNOTSUPP ? -EAFNOSUPPORT : err;
}

int rtnl_route_delete(struct netlink *nl, int family, uint32_t table)
{
	_Alignas(struct nlmsghdr) char buf[NETLINK_MESSAGE_BYTES];
	int err = netlink_request(nl, put_route(buf, RTM_DELROUTE, family, table));

	return err == -ESRCH || err == -ENOENT || err == -EOPNOTSUPP || err == -EAFNOSUPPORT ? 0
											     : err;
}
