/* Addresses, routes and links of this box as places, over rtnetlink. */
#include "kernel/rtnl_places.h"

#include <errno.h>
#include <net/if.h>
#include <stdlib.h>

#include <linux/rtnetlink.h>

#include <libmnl/libmnl.h>

/* One dump of routes: what is wanted of it, and where it goes. */
struct wish {
	struct place_list *out;
	uint8_t family;
	uint8_t table;
	uint8_t type;
	bool is_connected; /* only routes that the kernel made for an address; else only the others */
};

static int add(struct place_list *list, const struct place *p)
{
	if (list->count == PLACES_MOST)
		return -E2BIG;
	list->at[list->count++] = *p;
	return 0;
}

static void take_address(struct addr *out, uint8_t family, const void *bytes, size_t size)
{
	struct addr a = { .family = family };

	if (size != addr_size(&a))
		return;
	memcpy(a.bytes, bytes, size);
	*out = a;
}

/* RTA_VIA: a router of another family. */
static void take_via(struct addr *out, const struct nlattr *attr)
{
	const struct rtvia *via = mnl_attr_get_payload(attr);

	if (mnl_attr_get_payload_len(attr) >= sizeof *via)
		take_address(out, (uint8_t)via->rtvia_family, via->rtvia_addr,
			     mnl_attr_get_payload_len(attr) - sizeof *via);
}

/* The first of several ways. */
static void take_hop(struct place *p, uint8_t family, const struct nlattr *ways)
{
	const struct rtnexthop *hop = mnl_attr_get_payload(ways);
	const struct nlattr *attr;
	const void *first = hop + 1;

	if (mnl_attr_get_payload_len(ways) < sizeof *hop ||
	    hop->rtnh_len > mnl_attr_get_payload_len(ways) || hop->rtnh_len < sizeof *hop)
		return;
	p->device = (uint32_t)hop->rtnh_ifindex;
	mnl_attr_for_each_payload(first, hop->rtnh_len - sizeof *hop)
	{
		if (mnl_attr_get_type(attr) == RTA_GATEWAY)
			take_address(&p->gateway, family, mnl_attr_get_payload(attr),
				     mnl_attr_get_payload_len(attr));
		else if (mnl_attr_get_type(attr) == RTA_VIA)
			take_via(&p->gateway, attr);
	}
}

static void take_attribute(struct place *p, uint32_t *table, const struct nlattr *attr)
{
	struct addr net = { .family = 0 };
	uint8_t family = (uint8_t)p->net.family;

	switch (mnl_attr_get_type(attr)) {
	case RTA_TABLE:
		*table = mnl_attr_get_u32(attr);
		break;
	case RTA_DST:
		take_address(&net, family, mnl_attr_get_payload(attr),
			     mnl_attr_get_payload_len(attr));
		memcpy(p->net.bytes, net.bytes, sizeof net.bytes);
		break;
	case RTA_OIF:
		p->device = mnl_attr_get_u32(attr);
		break;
	case RTA_PRIORITY:
		p->metric = mnl_attr_get_u32(attr);
		break;
	case RTA_GATEWAY:
		take_address(&p->gateway, family, mnl_attr_get_payload(attr),
			     mnl_attr_get_payload_len(attr));
		break;
	case RTA_VIA:
		take_via(&p->gateway, attr);
		break;
	case RTA_MULTIPATH:
		take_hop(p, family, attr);
		break;
	}
}

static bool is_link_local(const struct prefix *net)
{
	const struct prefix link_local = { .bytes = { 0xfe, 0x80 },
					   .family = AF_INET6,
					   .bits = 10 };

	return prefix_covers(&link_local, net);
}

static int take_route(const struct nlmsghdr *message, void *arg)
{
	const struct rtmsg *head = mnl_nlmsg_get_payload(message);
	const struct wish *wish = arg;
	const struct nlattr *attr;
	uint32_t table = head->rtm_table;
	struct place p;

	/* a kernel that does not know strict checks sends all that it has */
	if (message->nlmsg_type != RTM_NEWROUTE || head->rtm_family != wish->family ||
	    head->rtm_type != wish->type ||
	    head->rtm_flags & (RTM_F_CLONED | RTNH_F_DEAD | RTNH_F_LINKDOWN))
		return 0;
	memset(&p, 0, sizeof p); /* compared as a whole */
	p.net.family = head->rtm_family;
	p.net.bits = head->rtm_dst_len;
	mnl_attr_for_each (attr, message, sizeof *head)
		take_attribute(&p, &table, attr);
	p.is_ours = wish->type == RTN_LOCAL;
	p.is_connected = !p.is_ours && head->rtm_protocol == RTPROT_KERNEL;
	if (table != wish->table || is_link_local(&p.net) ||
	    (!p.is_ours && p.is_connected != wish->is_connected))
		return 0;
	return add(wish->out, &p);
}

static int read_routes(struct netlink *nl, const struct wish *wish)
{
	_Alignas(struct nlmsghdr) char buf[NETLINK_MESSAGE_BYTES];
	struct nlmsghdr *request = mnl_nlmsg_put_header(buf);
	struct rtmsg *head = mnl_nlmsg_put_extra_header(request, sizeof *head);
	struct wish mutable = *wish;
	int err;

	request->nlmsg_type = RTM_GETROUTE;
	head->rtm_family = wish->family;
	head->rtm_type = wish->type;
	head->rtm_protocol = wish->is_connected ? RTPROT_KERNEL : RTPROT_UNSPEC;
	mnl_attr_put_u32(request, RTA_TABLE, wish->table);
	err = netlink_dump(nl, request, take_route, &mutable);
	/* no such table, or no such family */
	return err == -ENOENT || err == -EOPNOTSUPP || err == -EAFNOSUPPORT ? 0 : err;
}

static int take_link(const struct nlmsghdr *message, void *arg)
{
	const struct ifinfomsg *link = mnl_nlmsg_get_payload(message);
	struct place_list *list = arg;

	if (message->nlmsg_type != RTM_NEWLINK ||
	    !(link->ifi_flags & (IFF_NOARP | IFF_POINTOPOINT)))
		return 0;
	for (size_t i = 0; i < list->count; i++) {
		if (list->at[i].device == (uint32_t)link->ifi_index)
			list->at[i].is_star = true;
	}
	return 0;
}

static int read_links(struct netlink *nl, struct place_list *list)
{
	_Alignas(struct nlmsghdr) char buf[NETLINK_MESSAGE_BYTES];
	struct nlmsghdr *request = mnl_nlmsg_put_header(buf);

	request->nlmsg_type = RTM_GETLINK;
	mnl_nlmsg_put_extra_header(request, sizeof(struct ifinfomsg));
	return netlink_dump(nl, request, take_link, list);
}

/* Both families: our addresses, then our networks, then the rest, for which there may be no room. */
static int read_all(struct netlink *nl, struct place_list *list)
{
	static const struct wish wishes[] = {
		{ NULL, AF_INET, RT_TABLE_LOCAL, RTN_LOCAL, false },
		{ NULL, AF_INET6, RT_TABLE_LOCAL, RTN_LOCAL, false },
		{ NULL, AF_INET, RT_TABLE_MAIN, RTN_UNICAST, true },
		{ NULL, AF_INET6, RT_TABLE_MAIN, RTN_UNICAST, true },
		{ NULL, AF_INET, RT_TABLE_MAIN, RTN_UNICAST, false },
		{ NULL, AF_INET6, RT_TABLE_MAIN, RTN_UNICAST, false },
	};
	size_t near = 0;
	int err = 0;

	for (size_t i = 0; i < sizeof wishes / sizeof *wishes && !err; i++) {
		struct wish wish = wishes[i];

		wish.out = list;
		err = read_routes(nl, &wish);
		if (wish.is_connected)
			near = list->count;
	}
	if (err == -E2BIG) {
		/* half of the routes would mislead: an address would seem to be where it is not */
		list->count = near ? near : list->count;
		list->is_cut = true;
		err = 0;
	}
	return err ? err : read_links(nl, list);
}

int rtnl_places_read(struct place_list *out, struct netlink *nl)
{
	struct place_list *list = calloc(1, sizeof *list);
	int err = -EINTR;

	if (!list)
		return -ENOMEM;
	for (int tries = 0; err == -EINTR && tries < NETLINK_TRIES; tries++) {
		memset(list, 0, sizeof *list);
		err = read_all(nl, list);
	}
	if (!err) {
		place_sort(list->at, list->count);
		*out = *list;
	}
	free(list);
	return err;
}

int rtnl_places_join(struct netlink *nl)
{
	static const unsigned groups[] = { RTNLGRP_LINK, RTNLGRP_IPV4_ROUTE, RTNLGRP_IPV6_ROUTE,
					   RTNLGRP_IPV4_IFADDR, RTNLGRP_IPV6_IFADDR };
	int err = 0;

	for (size_t i = 0; i < sizeof groups / sizeof *groups && !err; i++)
		err = netlink_join(nl, groups[i]);
	return err;
}
