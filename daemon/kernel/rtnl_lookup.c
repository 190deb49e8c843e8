/* One question to the kernel's routing. Owns nothing. */
#include "kernel/rtnl_lookup.h"

#include <arpa/inet.h>
#include <errno.h>
#include <sys/socket.h>

#include <linux/rtnetlink.h>

#include <libmnl/libmnl.h>

enum {
	HOST_BITS_4 = 32,
	HOST_BITS_6 = 128,
};

static uint8_t host_bits(const struct addr *a)
{
	return a->family == AF_INET ? HOST_BITS_4 : HOST_BITS_6;
}

static void put_port(struct nlmsghdr *m, uint16_t which, const struct addr *a)
{
	if (a->port)
		mnl_attr_put_u16(m, which, htons(a->port));
}

static struct nlmsghdr *question(char *buf, const struct rtnl_packet *p)
{
	struct nlmsghdr *m = mnl_nlmsg_put_header(buf);
	struct rtmsg *head = mnl_nlmsg_put_extra_header(m, sizeof *head);

	m->nlmsg_type = RTM_GETROUTE;
	head->rtm_family = (unsigned char)p->to.family;
	/* the route, not the next hop of it that this packet has by its hash */
	head->rtm_flags = RTM_F_FIB_MATCH;
	if (p->to.family == AF_INET) /* IPv6 tells its table unasked, and refuses to be asked */
		head->rtm_flags |= RTM_F_LOOKUP_TABLE;
	head->rtm_dst_len = host_bits(&p->to);
	mnl_attr_put(m, RTA_DST, addr_size(&p->to), p->to.bytes);
	if (p->from.family) {
		head->rtm_src_len = host_bits(&p->from);
		mnl_attr_put(m, RTA_SRC, addr_size(&p->from), p->from.bytes);
	}
	mnl_attr_put_u8(m, RTA_IP_PROTO, IPPROTO_TCP);
	put_port(m, RTA_SPORT, &p->from);
	put_port(m, RTA_DPORT, &p->to);
	mnl_attr_put_u32(m, RTA_MARK, p->mark);
	if (p->link_in)
		mnl_attr_put_u32(m, RTA_IIF, p->link_in);
	return m;
}

static void take_address(const struct nlattr *attr, uint16_t family, struct addr *out)
{
	struct addr taken = { .family = family, .port = out->port };

	if (mnl_attr_get_payload_len(attr) != addr_size(&taken))
		return;
	memcpy(taken.bytes, mnl_attr_get_payload(attr), addr_size(&taken));
	*out = taken;
}

/* A next hop of the other family. */
static void take_via(const struct nlattr *attr, struct addr *out)
{
	const struct rtvia *via = mnl_attr_get_payload(attr);
	size_t size = mnl_attr_get_payload_len(attr);
	struct addr taken = { 0 };

	if (size < sizeof *via)
		return;
	taken.family = via->rtvia_family;
	if (addr_size(&taken) != size - sizeof *via)
		return;
	memcpy(taken.bytes, via->rtvia_addr, size - sizeof *via);
	*out = taken;
}

struct answer {
	struct rtnl_way way;
	uint8_t type;
	bool is_there;
};

static void take_word(const struct nlattr *attr, uint32_t *out)
{
	if (mnl_attr_get_payload_len(attr) >= sizeof *out)
		*out = mnl_attr_get_u32(attr);
}

static int take(const struct nlmsghdr *message, void *arg)
{
	const struct rtmsg *head = mnl_nlmsg_get_payload(message);
	struct answer *a = arg;
	struct rtnl_way way = { .table = 0 };
	const struct nlattr *attr;

	if (message->nlmsg_type != RTM_NEWROUTE ||
	    mnl_nlmsg_get_payload_len(message) < sizeof *head)
		return 0;
	way.table = head->rtm_table;
	way.destination = (struct addr){ .family = head->rtm_family, .port = head->rtm_dst_len };
	mnl_attr_for_each (attr, message, sizeof *head) {
		switch (mnl_attr_get_type(attr)) {
		case RTA_TABLE:
			take_word(attr, &way.table);
			break;
		case RTA_OIF:
			take_word(attr, &way.link);
			break;
		case RTA_PRIORITY:
			take_word(attr, &way.priority);
			break;
		case RTA_NH_ID:
			take_word(attr, &way.nexthop);
			break;
		case RTA_DST:
			take_address(attr, head->rtm_family, &way.destination);
			break;
		case RTA_GATEWAY:
			take_address(attr, head->rtm_family, &way.gateway);
			break;
		case RTA_VIA:
			take_via(attr, &way.gateway);
			break;
		}
	}
	*a = (struct answer){ .way = way, .type = head->rtm_type, .is_there = true };
	return 0;
}

int rtnl_lookup(struct netlink *nl, const struct rtnl_packet *packet, struct rtnl_way *out)
{
	_Alignas(struct nlmsghdr) char buf[NETLINK_MESSAGE_BYTES];
	struct answer answer = { .is_there = false };
	int err;

	if (!addr_size(&packet->to) ||
	    (packet->from.family && packet->from.family != packet->to.family))
		return -EINVAL;
	err = netlink_ask(nl, question(buf, packet), take, &answer);
	if (err)
		return err;
	if (!answer.is_there || answer.type != RTN_UNICAST)
		return -EHOSTUNREACH;
	*out = answer.way;
	return 0;
}

bool rtnl_way_equal(const struct rtnl_way *a, const struct rtnl_way *b)
{
	if (a->link && a->link == b->link && addr_equal(&a->gateway, &b->gateway))
		return true;
	if (a->nexthop && a->nexthop == b->nexthop)
		return true;
	return a->table && a->table == b->table && a->priority == b->priority &&
	       addr_equal(&a->destination, &b->destination);
}
