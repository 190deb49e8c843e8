/* One entry of conntrack in place of another. */
#include "kernel/conntrack_swap.h"

#include <errno.h>

#include <linux/netfilter/nfnetlink.h>
#include <linux/netfilter/nfnetlink_conntrack.h>

#include <libmnl/libmnl.h>

#include "kernel/conntrack_read.h"
#include "kernel/conntrack_write.h"

enum {
	TRIES = 4,
	MOST_MESSAGES = 3, /* at once; all of them fit NETLINK_MESSAGE_BYTES */
};

/* Messages that are sent at once, and what the kernel said to each, up to `last`. Who asks for no
 * acknowledgement hears of faults alone. */
struct exchange {
	struct netlink *nl;
	_Alignas(struct nlmsghdr) char buf[NETLINK_MESSAGE_BYTES];
	size_t used;
	uint32_t first; /* sequence number */
	unsigned count;
	unsigned last;
	int errs[MOST_MESSAGES];
	struct conntrack_entry entries[MOST_MESSAGES];
};

static void add(struct exchange *x, struct nlmsghdr *m)
{
	m->nlmsg_flags |= NLM_F_REQUEST;
	m->nlmsg_seq = x->nl->sequence + ++x->count;
	x->used += MNL_ALIGN(m->nlmsg_len);
}

/* It has an answer in any case, which is waited for. */
static void add_last(struct exchange *x, struct nlmsghdr *m)
{
	x->last = x->count;
	add(x, m);
}

static void *place(struct exchange *x)
{
	return x->buf + x->used;
}

static int take(const struct nlmsghdr *message, void *arg)
{
	const struct nlmsgerr *word = mnl_nlmsg_get_payload(message);
	struct exchange *x = arg;
	unsigned which = message->nlmsg_seq - x->first;

	x->errs[which] = message->nlmsg_type == NLMSG_ERROR
				 ? word->error
				 : conntrack_read(message, &x->entries[which]);
	return 0;
}

static int carry_out(struct exchange *x)
{
	x->first = x->nl->sequence + 1;
	return netlink_exchange(
		x->nl, &(struct netlink_burst){ x->buf, x->used, x->count, x->last }, take, x);
}

/* --- the two sides in zone 0 --- */

struct sides {
	struct conntrack_side client; /* of the former entry, and of the one to come */
	struct conntrack_side server; /* of the one to come, to its answers */
	struct conntrack_side zoned;  /* the relay's */
};

static struct sides sides_of(const struct conntrack_swap *s)
{
	const struct conntrack_hand *h = &s->hand;

	return (struct sides){
		.client = { h->transport, 0, CTA_TUPLE_ORIG, &h->client, &h->to },
		.server = { h->transport, 0, CTA_TUPLE_REPLY, &h->server, &h->client },
		.zoned = { h->transport, s->server_zone, CTA_TUPLE_ORIG, &h->client, &h->server },
	};
}

static bool is_hand(const struct conntrack_swap *s, const struct conntrack_entry *e)
{
	return ((e->mark ^ s->hand.mark) & s->hand_mask) == 0;
}

static bool is_held(const struct conntrack_swap *s, const struct conntrack_entry *e)
{
	return ((e->mark ^ s->held_marks[0]) & s->own_mask) == 0 ||
	       ((e->mark ^ s->held_marks[1]) & s->own_mask) == 0;
}

static int forget(struct netlink *nl, const struct conntrack_side *side, uint32_t id)
{
	_Alignas(struct nlmsghdr) char buf[NETLINK_MESSAGE_BYTES];
	int err = netlink_request(nl, conntrack_write_side(buf, IPCTNL_MSG_CT_DELETE, side, id));

	return err == -ENOENT ? 0 : err;
}

/* What has the client's side, and is to go: nothing (no id), the relayed flow's own, or that of a former
 * flow of this client's. */
static int look_at_client(struct netlink *nl, struct conntrack_swap *s, const struct sides *sides,
			  struct conntrack_entry *former)
{
	struct exchange x = { .nl = nl };
	const struct conntrack_entry *e = &x.entries[0];
	int err;

	former->id = 0;
	add_last(&x, conntrack_write_side(place(&x), IPCTNL_MSG_CT_GET, &sides->client, 0));
	err = carry_out(&x);
	if (err || x.errs[0])
		return err ? err : x.errs[0] == -ENOENT ? 0 : x.errs[0];
	if (!is_held(s, e) && !is_hand(s, e))
		return -EBUSY;
	s->foreign = e->mark & ~s->own_mask;
	*former = *e;
	return 0;
}

/* What has the server's side: something that is old and ours goes. */
static int clear_server(struct netlink *nl, const struct conntrack_swap *s,
			const struct sides *sides)
{
	struct conntrack_entry e;
	int err = conntrack_get_by_answers(nl, s->hand.transport, &s->hand.server, &s->hand.client,
					   &e);

	if (err)
		return err == -ENOENT ? 0 : err;
	/* a datagram came in between, where the client's own way is the flow's */
	if (addr_equal(&e.client, &s->hand.client) && addr_equal(&e.to, &s->hand.to))
		return 0;
	if (!is_hand(s, &e) || e.timeout_s > s->old_s)
		return -EBUSY;
	err = forget(nl, &sides->server, e.id);
	return err ? err : s->gone(&e, s->arg);
}

/* Put one in place of the other. *is_gone: the former entry went. */
static int put(struct netlink *nl, const struct conntrack_swap *s, const struct sides *sides,
	       uint32_t id, bool *is_gone)
{
	struct conntrack_hand hand = s->hand;
	struct exchange x = { .nl = nl };
	struct nlmsghdr *m;
	int err;

	hand.mark |= s->foreign;
	if (id)
		add(&x, conntrack_write_side(place(&x), IPCTNL_MSG_CT_DELETE, &sides->client, id));
	m = conntrack_write_hand(place(&x), &hand);
	m->nlmsg_flags |= NLM_F_ACK;
	add_last(&x, m);
	if (s->server_zone)
		add(&x, conntrack_write_side(place(&x), IPCTNL_MSG_CT_DELETE, &sides->zoned, 0));
	err = carry_out(&x);
	*is_gone |= !err && id && !x.errs[0];
	return err ? err : x.errs[x.last];
}

/* As it was, so that what the relay sends to the client does not count as a new flow. */
static void put_back(struct netlink *nl, const struct conntrack_swap *s)
{
	struct conntrack_hand hand = s->hand;

	hand.server = hand.to;
	hand.mark = s->held_marks[0] | s->foreign;
	(void)conntrack_hand_over(nl, &hand); /* a datagram may have been faster: as good */
}

int conntrack_swap(struct netlink *nl, struct conntrack_swap *s)
{
	const struct sides sides = sides_of(s);
	struct conntrack_entry former;
	bool is_gone = false;
	int err = -EEXIST;

	s->foreign = 0;
	for (int tries = 0; err == -EEXIST && tries < TRIES; tries++) {
		err = tries ? clear_server(nl, s, &sides) : 0;
		if (!err)
			err = look_at_client(nl, s, &sides, &former);
		if (!err && !tries && s->may && !s->may(s))
			err = -ECANCELED;
		if (!err && former.id && is_hand(s, &former))
			err = s->gone(&former, s->arg);
		if (!err)
			err = put(nl, s, &sides, former.id, &is_gone);
	}
	if (err && is_gone)
		put_back(nl, s);
	return err == -EEXIST ? -EBUSY : err;
}
