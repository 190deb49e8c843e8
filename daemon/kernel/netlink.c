/* Netlink sockets: one request, one dump, one batch, pending events. Owns nothing but the socket. */
#include "kernel/netlink.h"

#include <errno.h>
#include <stdbool.h>
#include <string.h>
#include <sys/socket.h>

#include <linux/netlink.h>

#include <libmnl/libmnl.h>

int netlink_open(struct netlink *nl, int bus)
{
	int yes = 1;
	struct netlink opened = { .socket = mnl_socket_open2(bus, SOCK_CLOEXEC | SOCK_NONBLOCK) };
	int err;

	if (!opened.socket)
		return -errno;
	if (mnl_socket_bind(opened.socket, 0, MNL_SOCKET_AUTOPID) < 0) {
		err = -errno;
		(void)mnl_socket_close(opened.socket); /* the first error counts */
		return err;
	}
	/* where the kernel knows it (4.20), it lets us ask for the routes of one table only */
	(void)mnl_socket_setsockopt(opened.socket, NETLINK_GET_STRICT_CHK, &yes, sizeof yes);
	/* a refusal need not bring back the whole request, which may be larger than our buffer */
	(void)mnl_socket_setsockopt(opened.socket, NETLINK_CAP_ACK, &yes, sizeof yes);
	opened.port = mnl_socket_get_portid(opened.socket);
	*nl = opened;
	return 0;
}

void netlink_widen(struct netlink *nl)
{
	int bytes = NETLINK_EVENT_BYTES;

	/* beyond the box's limit only with CAP_NET_ADMIN */
	if (setsockopt(netlink_fd(nl), SOL_SOCKET, SO_RCVBUFFORCE, &bytes, sizeof bytes) < 0)
		/* what does not fit is dropped, and the kernel says so */
		(void)setsockopt(netlink_fd(nl), SOL_SOCKET, SO_RCVBUF, &bytes, sizeof bytes);
}

int netlink_join(struct netlink *nl, unsigned group)
{
	if (mnl_socket_setsockopt(nl->socket, NETLINK_ADD_MEMBERSHIP, &group, sizeof group) < 0)
		return -errno;
	return 0;
}

int netlink_leave(struct netlink *nl, unsigned group)
{
	if (mnl_socket_setsockopt(nl->socket, NETLINK_DROP_MEMBERSHIP, &group, sizeof group) < 0)
		return -errno;
	return 0;
}

void netlink_close(struct netlink *nl)
{
	if (!nl || !nl->socket)
		return;
	(void)mnl_socket_close(nl->socket); /* nobody could do anything about it */
	nl->socket = NULL;
}

int netlink_fd(const struct netlink *nl)
{
	return mnl_socket_get_fd(nl->socket);
}

/* The last message of a dump tells how it went. */
static int end_of_dump(const struct nlmsghdr *message)
{
	int32_t word = 0;

	if (mnl_nlmsg_get_payload_len(message) >= sizeof word)
		memcpy(&word, mnl_nlmsg_get_payload(message), sizeof word);
	return word < 0 ? word : 0;
}

/* One datagram, which may hold several messages, of an answer or, with sequence 0, of events. 0, what
 * `each` returned, or an error; *is_end tells whether the answer ends here. */
static int walk(const char *buf, size_t size, uint32_t sequence, netlink_each *each, void *arg,
		bool *is_end)
{
	const struct nlmsghdr *message = (const void *)buf;
	const struct nlmsgerr *word;
	int left = (int)size;
	int err;

	*is_end = true;
	for (; mnl_nlmsg_ok(message, left); message = mnl_nlmsg_next(message, &left)) {
		if (sequence && message->nlmsg_seq != sequence)
			continue;
		if (message->nlmsg_flags & NLM_F_DUMP_INTR)
			return -EINTR;
		if (message->nlmsg_type == NLMSG_DONE)
			return end_of_dump(message);
		if (sequence && message->nlmsg_type == NLMSG_ERROR) {
			word = mnl_nlmsg_get_payload(message);
			return word->error;
		}
		err = each ? each(message, arg) : 0;
		if (err)
			return err;
	}
	*is_end = false;
	return 0;
}

/* Read one datagram into buf; bytes, 0 when none waits, or -errno: -EMSGSIZE when it did not fit. */
static ssize_t receive(struct netlink *nl, char *buf)
{
	ssize_t got = recv(netlink_fd(nl), buf, NETLINK_BUFFER_BYTES, MSG_TRUNC);

	while (got < 0 && errno == EINTR)
		got = recv(netlink_fd(nl), buf, NETLINK_BUFFER_BYTES, MSG_TRUNC);
	if (got < 0)
		return errno == EAGAIN ? 0 : -errno;
	return got > NETLINK_BUFFER_BYTES ? -EMSGSIZE : got;
}

/* Something is missing, but what waits behind it can be read. */
static bool is_loss(ssize_t got)
{
	return got == -ENOBUFS || got == -EMSGSIZE;
}

/* An answer to a request that was given up may still wait: it is nobody's any more. */
static void discard(struct netlink *nl, char *buf)
{
	ssize_t got = receive(nl, buf);

	while (got > 0 || is_loss(got))
		got = receive(nl, buf);
}

static int send_all(struct netlink *nl, const void *bytes, size_t size)
{
	return mnl_socket_sendto(nl->socket, bytes, size) < 0 ? -errno : 0;
}

/* Send and walk all answers of that sequence number. */
static int converse(struct netlink *nl, struct nlmsghdr *request, netlink_each *each, void *arg)
{
	char buf[NETLINK_BUFFER_BYTES];
	bool is_end = false;
	ssize_t got;
	int err;

	discard(nl, buf);
	nl->sequence++;
	request->nlmsg_seq = nl->sequence ? nl->sequence : ++nl->sequence;
	err = send_all(nl, request, request->nlmsg_len);
	if (err)
		return err;
	while (!is_end) {
		got = receive(nl, buf);
		if (got <= 0)
			return got < 0 ? (int)got : -EIO;
		err = walk(buf, (size_t)got, request->nlmsg_seq, each, arg, &is_end);
	}
	if (err)
		discard(nl, buf);
	return err;
}

int netlink_request(struct netlink *nl, struct nlmsghdr *request)
{
	request->nlmsg_flags |= NLM_F_REQUEST | NLM_F_ACK;
	return converse(nl, request, NULL, NULL);
}

int netlink_ask(struct netlink *nl, struct nlmsghdr *request, netlink_each *each, void *arg)
{
	/* the acknowledgement ends the conversation: an answer alone would not tell that it is whole */
	request->nlmsg_flags |= NLM_F_REQUEST | NLM_F_ACK;
	return converse(nl, request, each, arg);
}

int netlink_dump(struct netlink *nl, struct nlmsghdr *request, netlink_each *each, void *arg)
{
	request->nlmsg_flags |= NLM_F_REQUEST | NLM_F_DUMP;
	return converse(nl, request, each, arg);
}

/* Whose words are waited for, and who takes them. */
struct hearing {
	uint32_t first; /* sequence numbers */
	uint32_t last;
	netlink_each *each;
	void *arg;
	bool is_over; /* the last one had its word */
};

static int hear(struct hearing *h, const char *buf, size_t size)
{
	const struct nlmsghdr *message = (const void *)buf;
	int left = (int)size;
	int err = 0;

	for (; mnl_nlmsg_ok(message, left) && !err; message = mnl_nlmsg_next(message, &left)) {
		if (message->nlmsg_seq - h->first > h->last - h->first)
			continue;
		h->is_over |= message->nlmsg_seq == h->last;
		err = h->each(message, h->arg);
	}
	return err;
}

int netlink_exchange(struct netlink *nl, const struct netlink_burst *burst, netlink_each *each,
		     void *arg)
{
	struct hearing h = { .first = nl->sequence + 1,
			     .last = nl->sequence + 1 + burst->last,
			     .each = each,
			     .arg = arg };
	char buf[NETLINK_BUFFER_BYTES];
	int err;

	nl->sequence += burst->count;
	err = send_all(nl, burst->bytes, burst->size);
	while (!err && !h.is_over) {
		ssize_t got = receive(nl, buf);

		if (got <= 0)
			return got < 0 ? (int)got : -EIO;
		err = hear(&h, buf, (size_t)got);
	}
	return err;
}

/* All that waits is read, whatever comes: a queue that was full takes nothing new before it is empty,
 * and nobody is woken for what stays in it. */
int netlink_events(struct netlink *nl, netlink_each *each, void *arg)
{
	char buf[NETLINK_BUFFER_BYTES];
	ssize_t got = receive(nl, buf);
	bool is_end;
	int first = 0;
	int err;

	for (; got > 0 || is_loss(got); got = receive(nl, buf)) {
		err = got > 0 ? walk(buf, (size_t)got, 0, each, arg, &is_end) : -ENOBUFS;
		first = first ? first : err;
	}
	return first ? first : (int)got;
}

/* One send() must hold the whole batch: the kernel takes it as one transaction. */
static void make_room(struct netlink *nl, size_t size)
{
	int bytes = size > (size_t)1 << 29 ? 1 << 30 : (int)size * 2 + NETLINK_BUFFER_BYTES;

	if (setsockopt(netlink_fd(nl), SOL_SOCKET, SO_SNDBUFFORCE, &bytes, sizeof bytes) < 0)
		/* the send itself says so when it does not fit */
		(void)setsockopt(netlink_fd(nl), SOL_SOCKET, SO_SNDBUF, &bytes, sizeof bytes);
}

int netlink_batch(struct netlink *nl, const void *bytes, size_t size, netlink_each *each, void *arg)
{
	char buf[NETLINK_BUFFER_BYTES];
	int err;

	discard(nl, buf);
	if (size > NETLINK_MESSAGE_BYTES) /* which any socket takes */
		make_room(nl, size);
	err = send_all(nl, bytes, size);
	if (err)
		return err;
	return netlink_events(nl, each, arg);
}
