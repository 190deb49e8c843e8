#ifndef SHUNT_UNIT_KERNEL_CTNETLINK_H
#define SHUNT_UNIT_KERNEL_CTNETLINK_H

#include <arpa/inet.h>

#include <linux/netfilter/nf_conntrack_tcp.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/netfilter/nfnetlink_conntrack.h>

#include <libmnl/libmnl.h>

#include "base/addr.h"
#include "unit.h"

/* Messages of ctnetlink, part by part, as the kernel and its users write them. */

static inline struct addr at(const char *text)
{
	struct addr a = { 0 };

	assert_int_equal(addr_parse(&a, text, true), 0);
	return a;
}

static inline struct nlmsghdr *begin(void *buf, uint16_t family)
{
	struct nlmsghdr *m = mnl_nlmsg_put_header(buf);
	struct nfgenmsg *head;

	m->nlmsg_type = NFNL_SUBSYS_CTNETLINK << 8 | IPCTNL_MSG_CT_NEW;
	head = mnl_nlmsg_put_extra_header(m, sizeof *head);
	head->nfgen_family = (uint8_t)family;
	return m;
}

static inline void put_address(struct nlmsghdr *m, const struct addr *a, uint16_t v4, uint16_t v6)
{
	if (a->family)
		mnl_attr_put(m, a->family == AF_INET ? v4 : v6, addr_size(a), a->bytes);
}

static inline void put_tuple(struct nlmsghdr *m, uint16_t which, const struct addr *from,
			     const struct addr *to, uint8_t protocol)
{
	struct nlattr *tuple = mnl_attr_nest_start(m, which);
	struct nlattr *part = mnl_attr_nest_start(m, CTA_TUPLE_IP);

	put_address(m, from, CTA_IP_V4_SRC, CTA_IP_V6_SRC);
	put_address(m, to, CTA_IP_V4_DST, CTA_IP_V6_DST);
	mnl_attr_nest_end(m, part);
	part = mnl_attr_nest_start(m, CTA_TUPLE_PROTO);
	mnl_attr_put_u8(m, CTA_PROTO_NUM, protocol);
	mnl_attr_put_u16(m, CTA_PROTO_SRC_PORT, htons(from->port));
	mnl_attr_put_u16(m, CTA_PROTO_DST_PORT, htons(to->port));
	mnl_attr_nest_end(m, part);
	mnl_attr_nest_end(m, tuple);
}

static inline void put_state(struct nlmsghdr *m, uint8_t state)
{
	struct nlattr *info = mnl_attr_nest_start(m, CTA_PROTOINFO);
	struct nlattr *tcp = mnl_attr_nest_start(m, CTA_PROTOINFO_TCP);

	mnl_attr_put_u8(m, CTA_PROTOINFO_TCP_STATE, state);
	mnl_attr_nest_end(m, tcp);
	mnl_attr_nest_end(m, info);
}

#endif
