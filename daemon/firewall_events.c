/* Netlink events: has somebody touched what is ours? */
#include "firewall_events.h"

#include <errno.h>
#include <sys/epoll.h>
#include <unistd.h>

#include <linux/if_addr.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/rtnetlink.h>

#include <libmnl/libmnl.h>

#include "firewall_hosts.h"
#include "nft/readback.h"

enum {
	LOOPBACK_INDEX = 1,
};

struct drain {
	struct firewall_dirt *dirt;
	const struct firewall_own *own;
};

static bool is_our_table(const struct nlmsghdr *message)
{
	return readback_is_of(message, "shunt") || readback_is_of(message, "shunt_base");
}

/* Not of elements, which come and go with every address that somebody bans. */
static bool is_of_rules(const struct nlmsghdr *message)
{
	switch (message->nlmsg_type & 0xff) {
	case NFT_MSG_NEWTABLE:
	case NFT_MSG_DELTABLE:
	case NFT_MSG_NEWCHAIN:
	case NFT_MSG_DELCHAIN:
	case NFT_MSG_NEWRULE:
	case NFT_MSG_DELRULE:
		return true;
	default:
		return false;
	}
}

static int take_nft(const struct nlmsghdr *message, void *arg)
{
	struct drain *drain = arg;

	if (message->nlmsg_pid == drain->own->nft_port)
		return 0;
	if (is_our_table(message)) {
		drain->dirt->tables = true;
		drain->dirt->elements = true;
	} else if (is_of_rules(message)) {
		drain->dirt->others = true;
	}
	return 0;
}

/* Made by the kernel for an address. */
static bool is_of_link(const struct nlmsghdr *message)
{
	const struct rtmsg *head = mnl_nlmsg_get_payload(message);

	return head->rtm_protocol == RTPROT_KERNEL && head->rtm_type == RTN_UNICAST;
}

static bool is_our_route(const struct nlmsghdr *message, uint32_t table)
{
	const struct rtmsg *head = mnl_nlmsg_get_payload(message);
	const struct nlattr *attr;
	uint32_t found = head->rtm_table;

	mnl_attr_for_each (attr, message, sizeof *head) {
		if (mnl_attr_get_type(attr) == RTA_TABLE)
			found = mnl_attr_get_u32(attr);
	}
	return found == table;
}

/* A link's name; NULL when it is not told. */
static const char *name_of(const struct nlmsghdr *message)
{
	const struct nlattr *attr;

	mnl_attr_for_each (attr, message, sizeof(struct ifinfomsg)) {
		if (mnl_attr_get_type(attr) == IFLA_IFNAME &&
		    mnl_attr_validate(attr, MNL_TYPE_NUL_STRING) >= 0)
			return mnl_attr_get_str(attr);
	}
	return NULL;
}

/* By its name it is found when it comes, by its index when it got another name or goes. */
static bool is_followed(const struct host_list *hosts, uint32_t index, const char *name)
{
	return firewall_hosts_find(hosts, index, name) != NULL;
}

static int take_route(const struct nlmsghdr *message, void *arg)
{
	const struct ifinfomsg *link = mnl_nlmsg_get_payload(message);
	const struct ifaddrmsg *address = mnl_nlmsg_get_payload(message);
	struct drain *drain = arg;

	if (message->nlmsg_pid == drain->own->route_port)
		return 0;
	switch (message->nlmsg_type) {
	case RTM_NEWRULE:
	case RTM_DELRULE:
		drain->dirt->routing = true;
		break;
	case RTM_NEWROUTE:
	case RTM_DELROUTE:
		if (is_our_route(message, drain->own->table))
			drain->dirt->routing = true;
		if (is_of_link(message))
			drain->dirt->links = true;
		break;
	case RTM_NEWLINK:
	case RTM_DELLINK:
		drain->dirt->links = true;
		/* when lo goes down the IPv4 route goes without a word of its own */
		if (link->ifi_index == LOOPBACK_INDEX)
			drain->dirt->routing = true;
		if (is_followed(drain->own->hosts, (uint32_t)link->ifi_index, name_of(message)))
			drain->dirt->hosts = true;
		break;
	case RTM_NEWADDR:
	case RTM_DELADDR:
		/* when IPv6 is switched off the IPv6 route goes as silently */
		if (address->ifa_index == LOOPBACK_INDEX)
			drain->dirt->routing = true;
		if (is_followed(drain->own->hosts, address->ifa_index, NULL))
			drain->dirt->hosts = true;
		break;
	default:
		break;
	}
	return 0;
}

static int watch(int poll, struct netlink *nl)
{
	struct epoll_event event = { .events = EPOLLIN };

	return epoll_ctl(poll, EPOLL_CTL_ADD, netlink_fd(nl), &event) < 0 ? -errno : 0;
}

int firewall_events_open(struct firewall_events *e)
{
	struct firewall_events opened = { .poll = epoll_create1(EPOLL_CLOEXEC) };
	int err;

	if (opened.poll < 0)
		return -errno;
	err = netlink_open(&opened.nft, NETLINK_NETFILTER);
	if (!err)
		err = netlink_open(&opened.route, NETLINK_ROUTE);
	if (!err)
		err = watch(opened.poll, &opened.nft);
	if (!err)
		err = watch(opened.poll, &opened.route);
	if (err)
		firewall_events_close(&opened);
	else
		*e = opened;
	return err;
}

int firewall_events_join(struct firewall_events *e)
{
	static const unsigned groups[] = { RTNLGRP_LINK,       RTNLGRP_IPV4_ROUTE,
					   RTNLGRP_IPV4_RULE,  RTNLGRP_IPV6_ROUTE,
					   RTNLGRP_IPV6_RULE,  RTNLGRP_IPV6_IFADDR,
					   RTNLGRP_IPV4_IFADDR };
	int err = netlink_join(&e->nft, NFNLGRP_NFTABLES);
	size_t i;

	netlink_widen(&e->nft);
	netlink_widen(&e->route);
	for (i = 0; !err && i < sizeof groups / sizeof *groups; i++)
		err = netlink_join(&e->route, groups[i]);
	return err;
}

int firewall_events_hush(struct firewall_events *e)
{
	return netlink_leave(&e->nft, NFNLGRP_NFTABLES);
}

int firewall_events_listen(struct firewall_events *e)
{
	return netlink_join(&e->nft, NFNLGRP_NFTABLES);
}

void firewall_events_close(struct firewall_events *e)
{
	if (e->poll >= 0)
		(void)close(e->poll);
	e->poll = -1;
	netlink_close(&e->nft);
	netlink_close(&e->route);
}

void firewall_events_drain(struct firewall_events *e, const struct firewall_own *own,
			   struct firewall_dirt *dirt)
{
	struct drain drain = { .dirt = dirt, .own = own };

	/* an error means that events were lost: then all is looked at */
	if (netlink_events(&e->nft, take_nft, &drain)) {
		dirt->tables = true;
		dirt->lost = true;
		dirt->others = true;
	}
	if (netlink_events(&e->route, take_route, &drain)) {
		dirt->routing = true;
		dirt->hosts = true;
		dirt->links = true;
	}
}
