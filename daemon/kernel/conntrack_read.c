/* A conntrack entry out of the kernel's message. */
#include "kernel/conntrack_read.h"

#include <arpa/inet.h>
#include <endian.h>
#include <errno.h>

#include <linux/netfilter/nf_conntrack_common.h>
#include <linux/netfilter/nf_conntrack_tcp.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/netfilter/nfnetlink_conntrack.h>

#include <libmnl/libmnl.h>

#include "base/stamp.h"
#include "kernel/conntrack_write.h"

enum {
	IP4_BYTES = 20, /* of headers without options */
	IP6_BYTES = 40,
	TCP_BYTES = 20,
	UDP_BYTES = 8,
};

struct tuple {
	struct addr from;
	struct addr to;
	uint8_t protocol;
};

static void take_address(const struct nlattr *attr, uint16_t family, struct addr *out)
{
	size_t size = family == AF_INET ? 4 : 16;

	if (mnl_attr_get_payload_len(attr) != size)
		return;
	*out = (struct addr){ .family = family, .port = out->port };
	memcpy(out->bytes, mnl_attr_get_payload(attr), size);
}

static int take_ip(const struct nlattr *attr, void *arg)
{
	struct tuple *t = arg;

	switch (mnl_attr_get_type(attr)) {
	case CTA_IP_V4_SRC:
		take_address(attr, AF_INET, &t->from);
		break;
	case CTA_IP_V4_DST:
		take_address(attr, AF_INET, &t->to);
		break;
	case CTA_IP_V6_SRC:
		take_address(attr, AF_INET6, &t->from);
		break;
	case CTA_IP_V6_DST:
		take_address(attr, AF_INET6, &t->to);
		break;
	}
	return MNL_CB_OK;
}

static uint16_t port_of(const struct nlattr *attr)
{
	return mnl_attr_get_payload_len(attr) < 2 ? 0 : ntohs(mnl_attr_get_u16(attr));
}

static int take_proto(const struct nlattr *attr, void *arg)
{
	struct tuple *t = arg;

	switch (mnl_attr_get_type(attr)) {
	case CTA_PROTO_NUM:
		if (mnl_attr_get_payload_len(attr) >= 1)
			t->protocol = mnl_attr_get_u8(attr);
		break;
	case CTA_PROTO_SRC_PORT:
		t->from.port = port_of(attr);
		break;
	case CTA_PROTO_DST_PORT:
		t->to.port = port_of(attr);
		break;
	}
	return MNL_CB_OK;
}

static int take_tuple(const struct nlattr *attr, void *arg)
{
	if (mnl_attr_get_type(attr) == CTA_TUPLE_IP)
		(void)mnl_attr_parse_nested(attr, take_ip, arg); /* what is missing shows later */
	if (mnl_attr_get_type(attr) == CTA_TUPLE_PROTO)
		(void)mnl_attr_parse_nested(attr, take_proto, arg);
	return MNL_CB_OK;
}

static enum conntrack_state state_of(uint8_t tcp)
{
	switch (tcp) {
	case TCP_CONNTRACK_FIN_WAIT:
	case TCP_CONNTRACK_CLOSE_WAIT:
	case TCP_CONNTRACK_LAST_ACK:
		return CONNTRACK_CLOSING;
	case TCP_CONNTRACK_TIME_WAIT:
		return CONNTRACK_CLOSED;
	case TCP_CONNTRACK_CLOSE:
		return CONNTRACK_RESET;
	default:
		return CONNTRACK_LIVE;
	}
}

static int take_tcp(const struct nlattr *attr, void *arg)
{
	struct conntrack_entry *e = arg;

	if (mnl_attr_get_type(attr) == CTA_PROTOINFO_TCP_STATE &&
	    mnl_attr_get_payload_len(attr) >= 1)
		e->state = state_of(mnl_attr_get_u8(attr));
	return MNL_CB_OK;
}

static int take_protocol(const struct nlattr *attr, void *arg)
{
	if (mnl_attr_get_type(attr) == CTA_PROTOINFO_TCP)
		(void)mnl_attr_parse_nested(attr, take_tcp, arg); /* without it, it lives */
	return MNL_CB_OK;
}

struct count {
	uint64_t *packets;
	uint64_t *bytes;
};

static uint64_t number_of(const struct nlattr *attr)
{
	return mnl_attr_get_payload_len(attr) < 8 ? 0 : be64toh(mnl_attr_get_u64(attr));
}

static int take_count(const struct nlattr *attr, void *arg)
{
	const struct count *c = arg;

	if (mnl_attr_get_type(attr) == CTA_COUNTERS_PACKETS)
		*c->packets = number_of(attr);
	if (mnl_attr_get_type(attr) == CTA_COUNTERS_BYTES)
		*c->bytes = number_of(attr);
	return MNL_CB_OK;
}

static uint32_t word_of(const struct nlattr *attr)
{
	return mnl_attr_get_payload_len(attr) < 4 ? 0 : ntohl(mnl_attr_get_u32(attr));
}

static int take_shift(const struct nlattr *attr, void *arg)
{
	struct conntrack_entry *e = arg;

	if (mnl_attr_get_type(attr) == CTA_SEQADJ_OFFSET_AFTER)
		e->answer_shift = word_of(attr);
	return MNL_CB_OK;
}

static int take_note(const struct nlattr *attr, void *arg)
{
	struct conntrack_entry *e = arg;

	if (mnl_attr_get_type(attr) == CTA_SEQADJ_CORRECTION_POS)
		e->has_stamps = word_of(attr) == CONNTRACK_HAS_STAMPS;
	return MNL_CB_OK;
}

struct reading {
	struct conntrack_entry *entry;
	struct tuple asked;
	struct tuple answered;
};

static int take(const struct nlattr *attr, void *arg)
{
	struct reading *r = arg;
	struct conntrack_entry *e = r->entry;
	struct count asked = { &e->packets[0], &e->bytes[0] };
	struct count answered = { &e->packets[1], &e->bytes[1] };

	switch (mnl_attr_get_type(attr)) {
	case CTA_TUPLE_ORIG:
		return mnl_attr_parse_nested(attr, take_tuple, &r->asked);
	case CTA_TUPLE_REPLY:
		return mnl_attr_parse_nested(attr, take_tuple, &r->answered);
	case CTA_PROTOINFO:
		return mnl_attr_parse_nested(attr, take_protocol, e);
	case CTA_COUNTERS_ORIG:
		return mnl_attr_parse_nested(attr, take_count, &asked);
	case CTA_COUNTERS_REPLY:
		return mnl_attr_parse_nested(attr, take_count, &answered);
	case CTA_SEQ_ADJ_ORIG:
		return mnl_attr_parse_nested(attr, take_note, e);
	case CTA_SEQ_ADJ_REPLY:
		return mnl_attr_parse_nested(attr, take_shift, e);
	case CTA_MARK:
		e->mark = word_of(attr);
		break;
	case CTA_STATUS:
		e->is_offloaded = word_of(attr) & IPS_OFFLOAD;
		e->is_answered = word_of(attr) & IPS_SEEN_REPLY;
		e->is_assured = word_of(attr) & IPS_ASSURED;
		break;
	case CTA_TIMEOUT:
		e->timeout_s = word_of(attr);
		break;
	case CTA_ID:
		e->id = word_of(attr);
		break;
	}
	return MNL_CB_OK;
}

/* Of TCP or UDP, and with addresses of one family. */
static bool is_whole(const struct reading *r)
{
	uint16_t family = r->asked.from.family;

	return (r->asked.protocol == IPPROTO_TCP || r->asked.protocol == IPPROTO_UDP) && family &&
	       r->asked.to.family == family && r->answered.from.family == family;
}

int conntrack_read(const struct nlmsghdr *message, struct conntrack_entry *out)
{
	struct conntrack_entry entry = { .state = CONNTRACK_LIVE };
	struct reading r = { .entry = &entry };

	if (mnl_nlmsg_get_payload_len(message) < sizeof(struct nfgenmsg))
		return -EPROTO;
	(void)mnl_attr_parse(message, sizeof(struct nfgenmsg), take,
			     &r); /* what is missing shows below */
	if (!is_whole(&r))
		return -EPROTO;
	entry.transport = r.asked.protocol;
	if (entry.transport != IPPROTO_TCP)
		entry.state = CONNTRACK_LIVE;
	entry.client = r.asked.from;
	entry.to = r.asked.to;
	entry.server = r.answered.from;
	*out = entry;
	return 0;
}

uint64_t conntrack_payload(const struct conntrack_entry *entry, int way)
{
	uint64_t head = (entry->client.family == AF_INET ? IP4_BYTES : IP6_BYTES) +
			(entry->transport == IPPROTO_TCP ? TCP_BYTES : UDP_BYTES) +
			(entry->has_stamps ? STAMP_OPTION_BYTES : 0);
	uint64_t heads = entry->packets[way] * head;

	return entry->bytes[way] > heads ? entry->bytes[way] - heads : 0;
}
