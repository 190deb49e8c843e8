/* Policy routing rules over rtnetlink. Owns nothing. */
#include "kernel/rtnl_rule.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>

#include <linux/fib_rules.h>
#include <linux/rtnetlink.h>

#include <libmnl/libmnl.h>

/* Packets of one TCP endpoint. */
static void put_from(struct nlmsghdr *message, struct fib_rule_hdr *head, const struct addr *from)
{
	const struct fib_rule_port_range port = { from->port, from->port };

	head->src_len = (uint8_t)(8 * addr_size(from));
	mnl_attr_put(message, FRA_SRC, addr_size(from), from->bytes);
	mnl_attr_put_u8(message, FRA_IP_PROTO, IPPROTO_TCP);
	mnl_attr_put(message, FRA_SPORT_RANGE, sizeof port, &port);
}

static struct nlmsghdr *put_rule(char *buf, uint16_t type, const struct rtnl_rule *rule)
{
	struct nlmsghdr *message = mnl_nlmsg_put_header(buf);
	struct fib_rule_hdr *head = mnl_nlmsg_put_extra_header(message, sizeof *head);

	message->nlmsg_type = type;
	head->family = rule->family;
	head->action = rule->action;
	head->table = rule->table < 256 ? (uint8_t)rule->table : RT_TABLE_UNSPEC;
	mnl_attr_put_u32(message, FRA_PRIORITY, rule->pref);
	if (rule->mask) {
		mnl_attr_put_u32(message, FRA_FWMARK, rule->mark);
		mnl_attr_put_u32(message, FRA_FWMASK, rule->mask);
	}
	if (rule->is_from_lo)
		mnl_attr_put_strz(message, FRA_IIFNAME, "lo");
	if (rule->action == FR_ACT_TO_TBL)
		mnl_attr_put_u32(message, FRA_TABLE, rule->table);
	if (rule->action == FR_ACT_GOTO)
		mnl_attr_put_u32(message, FRA_GOTO, rule->jump);
	if (rule->from.family)
		put_from(message, head, &rule->from);
	return message;
}

int rtnl_rule_add(struct netlink *nl, const struct rtnl_rule *rule)
{
	_Alignas(struct nlmsghdr) char buf[NETLINK_MESSAGE_BYTES];
	struct nlmsghdr *request = put_rule(buf, RTM_NEWRULE, rule);
	int err;

	request->nlmsg_flags = NLM_F_CREATE | NLM_F_EXCL;
	err = netlink_request(nl, request);
	return err == -EEXIST ? 0 : err;
}

int rtnl_rule_delete(struct netlink *nl, const struct rtnl_rule *rule)
{
	_Alignas(struct nlmsghdr) char buf[NETLINK_MESSAGE_BYTES];
	int err = rtnl_rule_find(nl, rule);

	/* the kernel deletes the first rule that has what the request names, also one with more:
	 * it must not be somebody else's */
	if (err <= 0)
		return err == -EAFNOSUPPORT ? 0 : err;
	err = netlink_request(nl, put_rule(buf, RTM_DELRULE, rule));
	return err == -ENOENT ? 0 : err;
}

int rtnl_rule_delete_all(struct netlink *nl, uint8_t family, uint32_t pref, uint32_t table)
{
	_Alignas(struct nlmsghdr) char buf[NETLINK_MESSAGE_BYTES];
	const struct rtnl_rule any = {
		.family = family, .action = FR_ACT_TO_TBL, .pref = pref, .table = table
	};
	int err = 0;

	while (!err)
		err = netlink_request(nl, put_rule(buf, RTM_DELRULE, &any));
	return err == -ENOENT || err == -EOPNOTSUPP || err == -EAFNOSUPPORT ? 0 : err;
}

struct search {
	const struct rtnl_rule *rule;
	bool is_found;
};

/* Which attributes a rule may carry and still be one of ours. */
static bool is_foreign(uint16_t type)
{
	switch (type) {
	case FRA_DST:
	case FRA_OIFNAME:
	case FRA_TUN_ID:
	case FRA_L3MDEV:
	case FRA_UID_RANGE:
	case FRA_DPORT_RANGE:
		return true;
	default:
		return false;
	}
}

/* One attribute of those that say which TCP endpoint; false when it says something else. */
static bool take_from(struct addr *from, const struct addr *wanted, const struct nlattr *attr)
{
	struct fib_rule_port_range port;

	switch (mnl_attr_get_type(attr)) {
	case FRA_SRC:
		if (mnl_attr_get_payload_len(attr) != addr_size(wanted))
			return false;
		from->family = wanted->family;
		memcpy(from->bytes, mnl_attr_get_payload(attr), addr_size(from));
		return true;
	case FRA_IP_PROTO:
		return wanted->family && mnl_attr_get_u8(attr) == IPPROTO_TCP;
	case FRA_SPORT_RANGE:
		memcpy(&port, mnl_attr_get_payload(attr), sizeof port);
		from->port = port.start;
		return wanted->family && port.start == port.end;
	}
	return true;
}

static bool is_same(const struct rtnl_rule *a, const struct rtnl_rule *b)
{
	return a->family == b->family && a->action == b->action && a->pref == b->pref &&
	       a->mark == b->mark && a->mask == b->mask && a->table == b->table &&
	       a->jump == b->jump && a->is_from_lo == b->is_from_lo &&
	       addr_equal(&a->from, &b->from);
}

static int compare(const struct nlmsghdr *message, void *arg)
{
	const struct fib_rule_hdr *head = mnl_nlmsg_get_payload(message);
	struct search *search = arg;
	struct rtnl_rule found = { .family = head->family, .action = head->action };
	const struct nlattr *attr;
	bool is_ours = !head->dst_len && !head->tos && !(head->flags & FIB_RULE_INVERT) &&
		       (!head->src_len || head->src_len == 8 * addr_size(&search->rule->from));

	if (message->nlmsg_type != RTM_NEWRULE)
		return 0;
	mnl_attr_for_each (attr, message, sizeof *head) {
		uint16_t type = mnl_attr_get_type(attr);

		if (is_foreign(type) || !take_from(&found.from, &search->rule->from, attr))
			is_ours = false;
		else if (type == FRA_PRIORITY)
			found.pref = mnl_attr_get_u32(attr);
		else if (type == FRA_FWMARK)
			found.mark = mnl_attr_get_u32(attr);
		else if (type == FRA_FWMASK)
			found.mask = mnl_attr_get_u32(attr);
		else if (type == FRA_TABLE && head->action == FR_ACT_TO_TBL)
			found.table = mnl_attr_get_u32(attr);
		else if (type == FRA_GOTO)
			found.jump = mnl_attr_get_u32(attr);
		else if (type == FRA_IIFNAME && !strcmp(mnl_attr_get_str(attr), "lo"))
			found.is_from_lo = true;
		else if (type == FRA_IIFNAME)
			is_ours = false;
	}
	if (is_ours && is_same(&found, search->rule))
		search->is_found = true;
	return 0;
}

int rtnl_rule_find(struct netlink *nl, const struct rtnl_rule *rule)
{
	_Alignas(struct nlmsghdr) char buf[NETLINK_MESSAGE_BYTES];
	struct search search = { .rule = rule, .is_found = false };
	struct nlmsghdr *request = mnl_nlmsg_put_header(buf);
	struct fib_rule_hdr *head = mnl_nlmsg_put_extra_header(request, sizeof *head);
	int tries;
	int err;

	request->nlmsg_type = RTM_GETRULE;
	head->family = rule->family;
	for (tries = 0, err = -EINTR; err == -EINTR && tries < NETLINK_TRIES; tries++)
		err = netlink_dump(nl, request, compare, &search);
	if (err == -EOPNOTSUPP)
		return -EAFNOSUPPORT;
	return err ? err : search.is_found;
}
