/* Connection tracking entries: made, read, taken away. */
#include "kernel/conntrack.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdbool.h>

#include <linux/netfilter/nfnetlink_conntrack.h>

#include <libmnl/libmnl.h>

#include "kernel/conntrack_read.h"
#include "kernel/conntrack_write.h"

int conntrack_hand_over(struct netlink *nl, const struct conntrack_hand *hand)
{
	_Alignas(struct nlmsghdr) char buf[NETLINK_MESSAGE_BYTES];

	return netlink_request(nl, conntrack_write_hand(buf, hand));
}

int conntrack_forget(struct netlink *nl, uint16_t zone, uint8_t transport, const struct addr *from,
		     const struct addr *to)
{
	const struct conntrack_side side = { transport, zone, CTA_TUPLE_ORIG, from, to };
	_Alignas(struct nlmsghdr) char buf[NETLINK_MESSAGE_BYTES];

	return netlink_request(nl, conntrack_write_side(buf, IPCTNL_MSG_CT_DELETE, &side, 0));
}

static int take_entry(const struct nlmsghdr *message, void *arg)
{
	return conntrack_read(message, arg);
}

static int get(struct netlink *nl, const struct conntrack_side *side, struct conntrack_entry *out)
{
	_Alignas(struct nlmsghdr) char buf[NETLINK_MESSAGE_BYTES];

	return netlink_ask(nl, conntrack_write_side(buf, IPCTNL_MSG_CT_GET, side, 0), take_entry,
			   out);
}

int conntrack_get(struct netlink *nl, uint8_t transport, const struct addr *from,
		  const struct addr *to, struct conntrack_entry *out)
{
	const struct conntrack_side side = { transport, 0, CTA_TUPLE_ORIG, from, to };

	return get(nl, &side, out);
}

int conntrack_get_by_answers(struct netlink *nl, uint8_t transport, const struct addr *server,
			     const struct addr *client, struct conntrack_entry *out)
{
	const struct conntrack_side side = { transport, 0, CTA_TUPLE_REPLY, server, client };

	return get(nl, &side, out);
}

int conntrack_set_timeout(struct netlink *nl, uint8_t transport, const struct addr *from,
			  const struct addr *to, uint32_t seconds)
{
	const struct conntrack_side side = { transport, 0, CTA_TUPLE_ORIG, from, to };
	_Alignas(struct nlmsghdr) char buf[NETLINK_MESSAGE_BYTES];
	struct nlmsghdr *m = conntrack_write_side(buf, IPCTNL_MSG_CT_NEW, &side, 0);

	mnl_attr_put_u32(m, CTA_TIMEOUT, htonl(seconds));
	return netlink_request(nl, m);
}

int conntrack_linger(struct netlink *nl, const struct addr *from, const struct addr *to,
		     uint32_t seconds, uint32_t live_s)
{
	struct conntrack_entry entry = { 0 };
	int err = conntrack_set_timeout(nl, IPPROTO_TCP, from, to, seconds);

	if (!err)
		err = conntrack_get(nl, IPPROTO_TCP, from, to, &entry);
	if (!err && entry.state < CONNTRACK_CLOSED)
		err = conntrack_set_timeout(nl, IPPROTO_TCP, from, to, live_s);
	return err;
}

int conntrack_mark(struct netlink *nl, uint16_t zone, uint8_t transport, const struct addr *from,
		   const struct addr *to, uint32_t *mark)
{
	const struct conntrack_side side = { transport, zone, CTA_TUPLE_ORIG, from, to };
	struct conntrack_entry entry = { 0 };
	int err = get(nl, &side, &entry);

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
	const struct conntrack_side side = { c->hand->transport, 0, which, from, to };
	_Alignas(struct nlmsghdr) char buf[NETLINK_MESSAGE_BYTES];
	struct conntrack_entry entry = { 0 };
	int err = get(c->nl, &side, &entry);
	bool is_ours = ((entry.mark ^ c->hand->mark) & c->mask) == 0;

	if (err)
		return err == -ENOENT ? 0 : err;
	if (entry.state < CONNTRACK_CLOSED && !(is_ours && is_former(&entry, c->hand)))
		return -EBUSY;
	/* this one, and not another that took its place meanwhile */
	err = netlink_request(c->nl,
			      conntrack_write_side(buf, IPCTNL_MSG_CT_DELETE, &side, entry.id));
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

	/* what is neither TCP nor UDP, or not of one family, is none of ours */
	return conntrack_read(message, &entry) ? 0 : walk->each(&entry, walk->arg);
}

int conntrack_dump(struct netlink *nl, uint32_t mark, uint32_t mask, conntrack_each *each,
		   void *arg)
{
	_Alignas(struct nlmsghdr) char buf[NETLINK_MESSAGE_BYTES];
	struct walk walk = { each, arg };
	int err = -EINTR;

	for (int tries = 0; err == -EINTR && tries < NETLINK_TRIES; tries++) {
		struct nlmsghdr *m = conntrack_write(buf, IPCTNL_MSG_CT_GET, AF_UNSPEC);

		mnl_attr_put_u32(m, CTA_MARK, htonl(mark));
		mnl_attr_put_u32(m, CTA_MARK_MASK, htonl(mask));
		err = netlink_dump(nl, m, walk_entry, &walk);
	}
	return err;
}

int conntrack_flush(struct netlink *nl, uint32_t mark, uint32_t mask)
{
	_Alignas(struct nlmsghdr) char buf[NETLINK_MESSAGE_BYTES];
	struct nlmsghdr *m = conntrack_write(buf, IPCTNL_MSG_CT_DELETE, AF_UNSPEC);

	/* without a mark the kernel would forget all that it has */
	if (!(mark & mask))
		return -EINVAL;
	mnl_attr_put_u32(m, CTA_MARK, htonl(mark));
	mnl_attr_put_u32(m, CTA_MARK_MASK, htonl(mask));
	return netlink_request(nl, m);
}
