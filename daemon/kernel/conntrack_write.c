/* Messages to ctnetlink. */
#include "kernel/conntrack_write.h"

#include <arpa/inet.h>

#include <linux/netfilter/nf_conntrack_common.h>
#include <linux/netfilter/nf_conntrack_tcp.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/netfilter/nfnetlink_conntrack.h>

#include <libmnl/libmnl.h>

struct nlmsghdr *conntrack_write(void *buf, unsigned type, uint16_t family)
{
	struct nlmsghdr *m = mnl_nlmsg_put_header(buf);
	struct nfgenmsg *head;

	m->nlmsg_type = (uint16_t)(NFNL_SUBSYS_CTNETLINK << 8 | type);
	head = mnl_nlmsg_put_extra_header(m, sizeof *head);
	head->nfgen_family = (uint8_t)family;
	return m;
}

static void put_address(struct nlmsghdr *m, const struct addr *a, uint16_t v4, uint16_t v6)
{
	mnl_attr_put(m, a->family == AF_INET ? v4 : v6, addr_size(a), a->bytes);
}

static void put_side(struct nlmsghdr *m, const struct conntrack_side *side)
{
	struct nlattr *tuple = mnl_attr_nest_start(m, side->which);
	struct nlattr *part = mnl_attr_nest_start(m, CTA_TUPLE_IP);

	put_address(m, side->from, CTA_IP_V4_SRC, CTA_IP_V6_SRC);
	put_address(m, side->to, CTA_IP_V4_DST, CTA_IP_V6_DST);
	mnl_attr_nest_end(m, part);
	part = mnl_attr_nest_start(m, CTA_TUPLE_PROTO);
	mnl_attr_put_u8(m, CTA_PROTO_NUM, side->transport);
	mnl_attr_put_u16(m, CTA_PROTO_SRC_PORT, htons(side->from->port));
	mnl_attr_put_u16(m, CTA_PROTO_DST_PORT, htons(side->to->port));
	mnl_attr_nest_end(m, part);
	mnl_attr_nest_end(m, tuple);
}

struct nlmsghdr *conntrack_write_side(void *buf, unsigned type, const struct conntrack_side *side,
				      uint32_t id)
{
	struct nlmsghdr *m = conntrack_write(buf, type, side->from->family);

	if (side->zone)
		mnl_attr_put_u16(m, CTA_ZONE, htons(side->zone));
	put_side(m, side);
	if (id)
		mnl_attr_put_u32(m, CTA_ID, htonl(id));
	return m;
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

/* place: behind which the second offset is the right one, which is all the same when they agree. */
static void put_shift(struct nlmsghdr *m, uint16_t which, uint32_t shift, uint32_t place)
{
	struct nlattr *adjust = mnl_attr_nest_start(m, which);

	mnl_attr_put_u32(m, CTA_SEQADJ_CORRECTION_POS, htonl(place));
	mnl_attr_put_u32(m, CTA_SEQADJ_OFFSET_BEFORE, htonl(shift));
	mnl_attr_put_u32(m, CTA_SEQADJ_OFFSET_AFTER, htonl(shift));
	mnl_attr_nest_end(m, adjust);
}

/* It follows windows from the first packet of each side on, and takes no FIN or RST without. */
static void put_tcp(struct nlmsghdr *m, const struct conntrack_hand *hand)
{
	const uint8_t wanted =
		IP_CT_TCP_FLAG_SACK_PERM | (hand->has_scale ? IP_CT_TCP_FLAG_WINDOW_SCALE : 0);
	const struct nf_ct_tcp_flags flags = { .flags = wanted, .mask = UINT8_MAX };
	struct nlattr *info = mnl_attr_nest_start(m, CTA_PROTOINFO);
	struct nlattr *tcp = mnl_attr_nest_start(m, CTA_PROTOINFO_TCP);

	mnl_attr_put_u8(m, CTA_PROTOINFO_TCP_STATE, TCP_CONNTRACK_ESTABLISHED);
	mnl_attr_put(m, CTA_PROTOINFO_TCP_FLAGS_ORIGINAL, sizeof flags, &flags);
	mnl_attr_put(m, CTA_PROTOINFO_TCP_FLAGS_REPLY, sizeof flags, &flags);
	if (hand->has_scale) {
		mnl_attr_put_u8(m, CTA_PROTOINFO_TCP_WSCALE_ORIGINAL, hand->client_scale);
		mnl_attr_put_u8(m, CTA_PROTOINFO_TCP_WSCALE_REPLY, hand->server_scale);
	}
	mnl_attr_nest_end(m, tcp);
	mnl_attr_nest_end(m, info);
}

struct nlmsghdr *conntrack_write_hand(void *buf, const struct conntrack_hand *hand)
{
	/* the plain inverse: NAT is put upon it by the kernel, which else would not know of it */
	const struct conntrack_side reply = { hand->transport, 0, CTA_TUPLE_REPLY, &hand->to,
					      &hand->client };
	struct nlmsghdr *m =
		conntrack_write_side(buf, IPCTNL_MSG_CT_NEW,
				     &(struct conntrack_side){ hand->transport, 0, CTA_TUPLE_ORIG,
							       &hand->client, &hand->to },
				     0);

	m->nlmsg_flags = NLM_F_CREATE | NLM_F_EXCL;
	put_side(m, &reply);
	if (!addr_equal(&hand->to, &hand->server))
		put_nat(m, CTA_NAT_DST, &hand->server);
	/* else a clash would quietly give the client another port */
	put_nat(m, CTA_NAT_SRC, &hand->client);
	/* for others' rules it is established in any case */
	mnl_attr_put_u32(
		m, CTA_STATUS,
		htonl(IPS_CONFIRMED | IPS_SEEN_REPLY | (hand->is_unsure ? 0 : IPS_ASSURED)));
	mnl_attr_put_u32(m, CTA_TIMEOUT, htonl(hand->timeout_s));
	mnl_attr_put_u32(m, CTA_MARK, htonl(hand->mark));
	if (hand->transport != IPPROTO_TCP)
		return m;
	put_shift(m, CTA_SEQ_ADJ_ORIG, 0, hand->has_stamps ? CONNTRACK_HAS_STAMPS : 0);
	put_shift(m, CTA_SEQ_ADJ_REPLY, hand->answer_shift, 0);
	put_tcp(m, hand);
	return m;
}
