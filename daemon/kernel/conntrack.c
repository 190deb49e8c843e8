/* Connection tracking entries: made, read, taken away. */
#include "kernel/conntrack.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdbool.h>

#include <linux/netfilter/nf_conntrack_common.h>
#include <linux/netfilter/nf_conntrack_tcp.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/netfilter/nfnetlink_conntrack.h>

#include <libmnl/libmnl.h>

#include "kernel/conntrack_read.h"

static struct nlmsghdr *begin(void *buf, unsigned type, unsigned flags, uint8_t family)
{
	struct nlmsghdr *m = mnl_nlmsg_put_header(buf);
	struct nfgenmsg *head;

	m->nlmsg_type = (uint16_t)(NFNL_SUBSYS_CTNETLINK << 8 | type);
	m->nlmsg_flags = (uint16_t)flags;
	head = mnl_nlmsg_put_extra_header(m, sizeof *head);
	head->nfgen_family = family;
	return m;
}

static void put_address(struct nlmsghdr *m, const struct addr *a, uint16_t v4, uint16_t v6)
{
	mnl_attr_put(m, a->family == AF_INET ? v4 : v6, addr_size(a), a->bytes);
}

static void put_tuple(struct nlmsghdr *m, uint16_t which, const struct addr *from,
		      const struct addr *to)
{
	struct nlattr *tuple = mnl_attr_nest_start(m, which);
	struct nlattr *part = mnl_attr_nest_start(m, CTA_TUPLE_IP);

	put_address(m, from, CTA_IP_V4_SRC, CTA_IP_V6_SRC);
	put_address(m, to, CTA_IP_V4_DST, CTA_IP_V6_DST);
	mnl_attr_nest_end(m, part);
	part = mnl_attr_nest_start(m, CTA_TUPLE_PROTO);
	mnl_attr_put_u8(m, CTA_PROTO_NUM, IPPROTO_TCP);
	mnl_attr_put_u16(m, CTA_PROTO_SRC_PORT, htons(from->port));
	mnl_attr_put_u16(m, CTA_PROTO_DST_PORT, htons(to->port));
	mnl_attr_nest_end(m, part);
	mnl_attr_nest_end(m, tuple);
}

/* To exactly this address and port. */
static void put_nat(struct nlmsghdr *m, uint16_t which, const struct addr *a)
{
	struct nlattr *nat = mnl_attr_nest_start(m, which);
	struct nlattr *proto;

	put_address(m, a, CTA_NAT_V4_MINIP, CTA_NAT_V6_MINIP);
	put_address(m, a, CTA_NAT_V4_MAXIP, CTA_NAT_V6_MAXIP);
	proto = mnl_attr_nest_start(m, CTA_NAT_PROTO);
	mnl_attr_put_u16(m, CTA_PROTONAT_PORT_MIN, htons(a->port));
	mnl_attr_put_u16(m, CTA_PROTONAT_PORT_MAX, htons(a->port));
	mnl_attr_nest_end(m, proto);
	mnl_attr_nest_end(m, nat);
}

static void put_shift(struct nlmsghdr *m, uint16_t which, uint32_t shift)
{
	struct nlattr *adjust = mnl_attr_nest_start(m, which);

	mnl_attr_put_u32(m, CTA_SEQADJ_CORRECTION_POS, 0);
	mnl_attr_put_u32(m, CTA_SEQADJ_OFFSET_BEFORE, htonl(shift));
	mnl_attr_put_u32(m, CTA_SEQADJ_OFFSET_AFTER, htonl(shift));
	mnl_attr_nest_end(m, adjust);
}

/* Windows that it has not followed from the start must not be held against anybody. */
static void put_tcp(struct nlmsghdr *m)
{
	const struct nf_ct_tcp_flags flags = {
		.flags = IP_CT_TCP_FLAG_BE_LIBERAL | IP_CT_TCP_FLAG_SACK_PERM,
		.mask = IP_CT_TCP_FLAG_BE_LIBERAL | IP_CT_TCP_FLAG_SACK_PERM,
	};
	struct nlattr *info = mnl_attr_nest_start(m, CTA_PROTOINFO);
	struct nlattr *tcp = mnl_attr_nest_start(m, CTA_PROTOINFO_TCP);

	mnl_attr_put_u8(m, CTA_PROTOINFO_TCP_STATE, TCP_CONNTRACK_ESTABLISHED);
	mnl_attr_put(m, CTA_PROTOINFO_TCP_FLAGS_ORIGINAL, sizeof flags, &flags);
	mnl_attr_put(m, CTA_PROTOINFO_TCP_FLAGS_REPLY, sizeof flags, &flags);
	mnl_attr_nest_end(m, tcp);
	mnl_attr_nest_end(m, info);
}

int conntrack_hand_over(struct netlink *nl, const struct conntrack_hand *hand)
{
	_Alignas(struct nlmsghdr) char buf[NETLINK_MESSAGE_BYTES];
	struct nlmsghdr *m = begin(buf, IPCTNL_MSG_CT_NEW, NLM_F_CREATE | NLM_F_EXCL,
				   (uint8_t)hand->client.family);

	put_tuple(m, CTA_TUPLE_ORIG, &hand->client, &hand->to);
	/* the plain inverse: NAT is put upon it by the kernel, which else would not know of it */
	put_tuple(m, CTA_TUPLE_REPLY, &hand->to, &hand->client);
	if (!addr_equal(&hand->to, &hand->server))
		put_nat(m, CTA_NAT_DST, &hand->server);
	/* else a clash would quietly give the client another port */
	put_nat(m, CTA_NAT_SRC, &hand->client);
	mnl_attr_put_u32(m, CTA_STATUS, htonl(IPS_CONFIRMED | IPS_ASSURED | IPS_SEEN_REPLY));
	mnl_attr_put_u32(m, CTA_TIMEOUT, htonl(hand->timeout_s));
	mnl_attr_put_u32(m, CTA_MARK, htonl(hand->mark));
	put_shift(m, CTA_SEQ_ADJ_ORIG, 0);
	put_shift(m, CTA_SEQ_ADJ_REPLY, hand->answer_shift);
	put_tcp(m);
	return netlink_request(nl, m);
}

static struct nlmsghdr *of_connection(void *buf, unsigned type, uint16_t zone, uint16_t which,
				      const struct addr *from, const struct addr *to)
{
	struct nlmsghdr *m = begin(buf, type, 0, (uint8_t)from->family);

	if (zone)
		mnl_attr_put_u16(m, CTA_ZONE, htons(zone));
	put_tuple(m, which, from, to);
	return m;
}

int conntrack_forget(struct netlink *nl, uint16_t zone, const struct addr *from,
		     const struct addr *to)
{
	_Alignas(struct nlmsghdr) char buf[NETLINK_MESSAGE_BYTES];

	return netlink_request(
		nl, of_connection(buf, IPCTNL_MSG_CT_DELETE, zone, CTA_TUPLE_ORIG, from, to));
}

static int take_entry(const struct nlmsghdr *message, void *arg)
{
	return conntrack_read(message, arg);
}

static int get(struct netlink *nl, uint16_t zone, uint16_t which, const struct addr *from,
	       const struct addr *to, struct conntrack_entry *out)
{
	_Alignas(struct nlmsghdr) char buf[NETLINK_MESSAGE_BYTES];

	return netlink_ask(nl, of_connection(buf, IPCTNL_MSG_CT_GET, zone, which, from, to),
			   take_entry, out);
}

int conntrack_get(struct netlink *nl, const struct addr *from, const struct addr *to,
		  struct conntrack_entry *out)
{
	return get(nl, 0, CTA_TUPLE_ORIG, from, to, out);
}

int conntrack_get_by_answers(struct netlink *nl, const struct addr *server,
			     const struct addr *client, struct conntrack_entry *out)
{
	return get(nl, 0, CTA_TUPLE_REPLY, server, client, out);
}

static int set_timeout(struct netlink *nl, const struct addr *from, const struct addr *to,
		       uint32_t seconds)
{
	_Alignas(struct nlmsghdr) char buf[NETLINK_MESSAGE_BYTES];
	struct nlmsghdr *m = of_connection(buf, IPCTNL_MSG_CT_NEW, 0, CTA_TUPLE_ORIG, from, to);

	mnl_attr_put_u32(m, CTA_TIMEOUT, htonl(seconds));
	return netlink_request(nl, m);
}

int conntrack_linger(struct netlink *nl, const struct addr *from, const struct addr *to,
		     uint32_t seconds, uint32_t live_s)
{
	struct conntrack_entry entry = { 0 };
	int err = set_timeout(nl, from, to, seconds);

	if (!err)
		err = conntrack_get(nl, from, to, &entry);
	if (!err && entry.state < CONNTRACK_CLOSED)
		err = set_timeout(nl, from, to, live_s);
	return err;
}

int conntrack_mark(struct netlink *nl, uint16_t zone, const struct addr *from,
		   const struct addr *to, uint32_t *mark)
{
	struct conntrack_entry entry = { 0 };
	int err = get(nl, zone, CTA_TUPLE_ORIG, from, to, &entry);

	if (!err)
		*mark = entry.mark;
	return err;
}

/* Taking away what stands in the way. */
struct clearing {
	struct netlink *nl;
	const struct conntrack_hand *hand;
	uint32_t mask;
	conntrack_each *gone;
	void *arg;
};

/* The same client has begun the same connection anew: it knows nothing of the former one. */
static bool is_former(const struct conntrack_entry *entry, const struct conntrack_hand *hand)
{
	return addr_equal(&entry->client, &hand->client) && addr_equal(&entry->to, &hand->to);
}

/* Take one side's entry away, if there is one, and it may go. */
static int clear(const struct clearing *c, uint16_t which, const struct addr *from,
		 const struct addr *to)
{
	_Alignas(struct nlmsghdr) char buf[NETLINK_MESSAGE_BYTES];
	struct conntrack_entry entry = { 0 };
	int err = get(c->nl, 0, which, from, to, &entry);
	bool is_ours = ((entry.mark ^ c->hand->mark) & c->mask) == 0;
	struct nlmsghdr *m;

	if (err)
		return err == -ENOENT ? 0 : err;
	if (entry.state < CONNTRACK_CLOSED && !(is_ours && is_former(&entry, c->hand)))
		return -EBUSY;
	m = of_connection(buf, IPCTNL_MSG_CT_DELETE, 0, which, from, to);
	/* this one, and not another that took its place meanwhile */
	mnl_attr_put_u32(m, CTA_ID, htonl(entry.id));
	err = netlink_request(c->nl, m);
	if (err)
		return err == -ENOENT ? 0 : err;
	return is_ours ? c->gone(&entry, c->arg) : 0;
}

int conntrack_make_way(struct netlink *nl, const struct conntrack_hand *hand, uint32_t mask,
		       conntrack_each *gone, void *arg)
{
	const struct clearing c = { nl, hand, mask, gone, arg };
	int err = clear(&c, CTA_TUPLE_ORIG, &hand->client, &hand->to);

	return err ? err : clear(&c, CTA_TUPLE_REPLY, &hand->server, &hand->client);
}

struct walk {
	conntrack_each *each;
	void *arg;
};

static int walk_entry(const struct nlmsghdr *message, void *arg)
{
	const struct walk *walk = arg;
	struct conntrack_entry entry = { 0 };

	/* what is not TCP, or not of one family, is none of ours */
	return conntrack_read(message, &entry) ? 0 : walk->each(&entry, walk->arg);
}

int conntrack_dump(struct netlink *nl, uint32_t mark, uint32_t mask, conntrack_each *each,
		   void *arg)
{
	_Alignas(struct nlmsghdr) char buf[NETLINK_MESSAGE_BYTES];
	struct walk walk = { each, arg };
	int err = -EINTR;

	for (int tries = 0; err == -EINTR && tries < NETLINK_TRIES; tries++) {
		struct nlmsghdr *m = begin(buf, IPCTNL_MSG_CT_GET, 0, AF_UNSPEC);

		mnl_attr_put_u32(m, CTA_MARK, htonl(mark));
		mnl_attr_put_u32(m, CTA_MARK_MASK, htonl(mask));
		err = netlink_dump(nl, m, walk_entry, &walk);
	}
	return err;
}
