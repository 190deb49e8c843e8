/* nfnetlink_log: packets for user space, cut off as the rule says. */
#include "kernel/nflog.h"

#include <arpa/inet.h>
#include <errno.h>

#include <linux/netfilter/nfnetlink.h>
#include <linux/netfilter/nfnetlink_log.h>
#include <linux/netlink.h>

#include <libmnl/libmnl.h>

enum {
	MOST_BYTES = 128, /* of a packet, should a rule not say */
};

static struct nlmsghdr *begin(void *buf, uint16_t group)
{
	struct nlmsghdr *m = mnl_nlmsg_put_header(buf);
	struct nfgenmsg *head = mnl_nlmsg_put_extra_header(m, sizeof *head);

	m->nlmsg_type = NFNL_SUBSYS_ULOG << 8 | NFULNL_MSG_CONFIG;
	head->nfgen_family = AF_UNSPEC;
	head->res_id = htons(group);
	return m;
}

static int bind_to(struct netlink *nl, uint16_t group)
{
	const struct nfulnl_msg_config_cmd bind = { .command = NFULNL_CFG_CMD_BIND };
	_Alignas(struct nlmsghdr) char buf[NETLINK_MESSAGE_BYTES];
	struct nlmsghdr *m = begin(buf, group);

	mnl_attr_put(m, NFULA_CFG_CMD, sizeof bind, &bind);
	return netlink_request(nl, m);
}

/* Each packet at once, not with others a second later. */
static int configure(struct netlink *nl, uint16_t group)
{
	const struct nfulnl_msg_config_mode mode = { .copy_mode = NFULNL_COPY_PACKET,
						     .copy_range = htonl(MOST_BYTES) };
	_Alignas(struct nlmsghdr) char buf[NETLINK_MESSAGE_BYTES];
	struct nlmsghdr *m = begin(buf, group);

	mnl_attr_put(m, NFULA_CFG_MODE, sizeof mode, &mode);
	mnl_attr_put_u32(m, NFULA_CFG_QTHRESH, htonl(1));
	return netlink_request(nl, m);
}

int nflog_open(struct netlink *nl, uint16_t first, uint16_t *group)
{
	struct netlink opened;
	uint16_t tried = first;
	int err = netlink_open(&opened, NETLINK_NETFILTER);

	if (err)
		return err;
	do
		err = bind_to(&opened, tried);
	while (err == -EPERM && /* what is another's */ ++tried < first + NFLOG_GROUPS);
	if (!err)
		err = configure(&opened, tried);
	if (err) {
		netlink_close(&opened);
		return err;
	}
	*nl = opened;
	*group = tried;
	return 0;
}

static int take(const struct nlattr *attr, void *arg)
{
	struct span *out = arg;

	if (mnl_attr_get_type(attr) == NFULA_PAYLOAD)
		*out = span_of(mnl_attr_get_payload(attr), mnl_attr_get_payload_len(attr));
	return MNL_CB_OK;
}

bool nflog_packet(const struct nlmsghdr *message, struct span *out)
{
	struct span packet = { 0 };

	if (message->nlmsg_type != (NFNL_SUBSYS_ULOG << 8 | NFULNL_MSG_PACKET) ||
	    mnl_nlmsg_get_payload_len(message) < sizeof(struct nfgenmsg))
		return false;
	(void)mnl_attr_parse(message, sizeof(struct nfgenmsg), take,
			     &packet); /* none: shows below */
	if (!packet.size)
		return false;
	*out = packet;
	return true;
}
