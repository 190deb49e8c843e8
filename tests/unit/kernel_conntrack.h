#ifndef SHUNT_UNIT_KERNEL_CONNTRACK_H
#define SHUNT_UNIT_KERNEL_CONNTRACK_H

#include <errno.h>

#include <linux/netlink.h>

#include "kernel/conntrack.h"
#include "kernel_ctnetlink.h"
#include "own_netns.h"

enum {
	ZONE = 1443,
	OURS = 0x58000000,
	FOREIGN = 0x00000200,
	TIMEOUT_S = 4000,
};

/* The bits of a mark that are ours. */
static const uint32_t our_bits = 0xff000000;

/* The places of one connection: client, where it went, where it is led. */
struct places {
	struct addr client;
	struct addr to;
	struct addr server;
	struct addr other_to;
};

/* Connections in conntrack, in a namespace of the test's own: setup of the group, teardown of each. */
static inline int enter(void **state)
{
	return enter_netns(state, NETLINK_NETFILTER);
}

static inline struct places places_of(uint16_t family)
{
	if (family == AF_INET)
		return (struct places){ at("198.51.100.7:40000"), at("203.0.113.1:443"),
					at("192.168.1.10:8443"), at("203.0.113.2:443") };
	return (struct places){ at("[2001:db8:1::7]:40000"), at("[2001:db8::1]:443"),
				at("[fd00:1::10]:8443"), at("[2001:db8::2]:443") };
}

static inline struct conntrack_hand hand_of(const struct places *p, uint32_t mark)
{
	return (struct conntrack_hand){ .transport = IPPROTO_TCP,
					.client = p->client,
					.to = p->to,
					.server = p->server,
					.answer_shift = 0xfedcba98,
					.mark = mark,
					.timeout_s = TIMEOUT_S };
}

/* Somebody's plain connection in that zone. */
static inline void make_plain(struct netlink *nl, uint16_t zone, const struct addr *from,
			      const struct addr *to, uint32_t mark)
{
	_Alignas(struct nlmsghdr) char buf[NETLINK_MESSAGE_BYTES];
	struct nlmsghdr *m = begin(buf, from->family);

	m->nlmsg_flags = NLM_F_CREATE | NLM_F_EXCL;
	if (zone)
		mnl_attr_put_u16(m, CTA_ZONE, htons(zone));
	put_tuple(m, CTA_TUPLE_ORIG, from, to, IPPROTO_TCP);
	put_tuple(m, CTA_TUPLE_REPLY, to, from, IPPROTO_TCP);
	mnl_attr_put_u32(m, CTA_TIMEOUT, htonl(TIMEOUT_S));
	mnl_attr_put_u32(m, CTA_MARK, htonl(mark));
	put_state(m, TCP_CONNTRACK_ESTABLISHED);
	assert_int_equal(netlink_request(nl, m), 0);
}

/* A connection in zone 0 went on to that state. */
static inline void move_to(struct netlink *nl, const struct addr *from, const struct addr *to,
			   uint8_t state)
{
	_Alignas(struct nlmsghdr) char buf[NETLINK_MESSAGE_BYTES];
	struct nlmsghdr *m = begin(buf, from->family);

	put_tuple(m, CTA_TUPLE_ORIG, from, to, IPPROTO_TCP);
	put_state(m, state);
	assert_int_equal(netlink_request(nl, m), 0);
}

static inline bool is_there(struct netlink *nl, const struct addr *from, const struct addr *to)
{
	struct conntrack_entry entry;
	int err = conntrack_get(nl, IPPROTO_TCP, from, to, &entry);

	assert_true(err == 0 || err == -ENOENT);
	return !err;
}

static inline int forget_one(const struct conntrack_entry *entry, void *arg)
{
	assert_int_equal(conntrack_forget(arg, 0, entry->transport, &entry->client, &entry->to), 0);
	return 0;
}

/* The next test begins with nothing. */
static inline int clean(void **state)
{
	struct netlink nl = { .socket = NULL };
	struct netlink *first = *state;

	if (!first->socket)
		return 0;
	assert_int_equal(netlink_open(&nl, NETLINK_NETFILTER), 0);
	assert_int_equal(conntrack_dump(first, 0, 0, forget_one, &nl), 0);
	netlink_close(&nl);
	return 0;
}

#define TEST(name) cmocka_unit_test_teardown(name, clean)

#endif
