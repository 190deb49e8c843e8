/* Sockets for datagrams, from and to addresses that are not ours. */
#include "kernel/udp_socket.h"

#include <errno.h>
#include <netinet/ip.h>
#include <netinet/ip6.h>
#include <netinet/udp.h>
#include <unistd.h>

#include <linux/filter.h>

#include "base/checksum.h"
#include "kernel/control.h"

enum {
	/* what arrives while the carrier is at something else: some 1,000 large datagrams */
	RECEIVE_BYTES = 2 << 20,
	/* what a link has not sent yet: more than its own queue holds is lost there as well */
	SEND_BYTES = 1 << 20,
	DISCARD_PORT = 9, /* of loopback addresses: nobody sends from there */
	MOST_UDP_BYTES = UINT16_MAX,
};

struct option {
	int level;
	int name;
	int value;
};

static int set(int fd, int level, int name, int value)
{
	return setsockopt(fd, level, name, &value, sizeof value) < 0 ? -errno : 0;
}

/* A fresh socket with what all of them have; or -errno. */
static int open_marked(uint16_t family, int kind, int protocol, uint32_t mark)
{
	bool v4 = family == AF_INET;
	const struct option options[] = {
		{ SOL_SOCKET, SO_MARK, (int)mark },
		{ v4 ? SOL_IP : SOL_IPV6, v4 ? IP_TRANSPARENT : IPV6_TRANSPARENT, 1 },
		{ v4 ? SOL_IP : SOL_IPV6, v4 ? IP_MTU_DISCOVER : IPV6_MTU_DISCOVER,
		  v4 ? IP_PMTUDISC_DONT : IPV6_PMTUDISC_DONT },
	};
	int fd = socket(family, kind | SOCK_NONBLOCK | SOCK_CLOEXEC, protocol);
	int err = fd < 0 ? -errno : 0;

	for (size_t i = 0; i < sizeof options / sizeof *options && !err; i++)
		err = set(fd, options[i].level, options[i].name, options[i].value);
	if (!err) { /* smaller buffers than wished for only lose more in a burst */
		(void)set(fd, SOL_SOCKET, SO_SNDBUFFORCE, SEND_BYTES);
		return fd;
	}
	if (fd >= 0)
		(void)close(fd); /* never used */
	return err;
}

static int bind_to(int fd, const struct addr *at)
{
	struct sockaddr_storage name;
	socklen_t size = addr_to_sockaddr(at, &name);

	return bind(fd, (struct sockaddr *)&name, size) < 0 ? -errno : 0;
}

static int connect_to(int fd, const struct addr *peer)
{
	struct sockaddr_storage name;
	socklen_t size = addr_to_sockaddr(peer, &name);

	return connect(fd, (struct sockaddr *)&name, size) < 0 ? -errno : 0;
}

/* The whole of a datagram socket: what is 0 of at or peer is left out. */
static int open_between(const struct addr *at, const struct addr *peer, uint32_t mark,
			bool is_alone)
{
	int fd = open_marked(peer->family, SOCK_DGRAM, 0, mark);
	int err = 0;

	if (fd < 0)
		return fd;
	if (!is_alone)
		err = set(fd, SOL_SOCKET, SO_REUSEADDR, 1);
	if (!err && at->family)
		err = bind_to(fd, at);
	if (!err && is_alone) /* from now on others may share it */
		err = set(fd, SOL_SOCKET, SO_REUSEADDR, 1);
	if (!err)
		err = connect_to(fd, peer);
	if (!err)
		return fd;
	(void)close(fd); /* never used */
	return err;
}

/* What a flow's own socket has beside: it is read. */
static int readable(int fd, uint16_t family)
{
	if (fd < 0)
		return fd;
	(void)set(fd, SOL_SOCKET, SO_RCVBUFFORCE, RECEIVE_BYTES); /* as above */
	/* without it the class of service of its datagrams is not kept */
	(void)set(fd, family == AF_INET ? SOL_IP : SOL_IPV6,
		  family == AF_INET ? IP_RECVTOS : IPV6_RECVTCLASS, 1);
	return fd;
}

int udp_socket_server(const struct addr *from, const struct addr *server, uint32_t mark,
		      bool is_alone)
{
	return readable(open_between(from, server, mark, is_alone), server->family);
}

int udp_socket_reply(const struct addr *at, uint32_t mark)
{
	struct addr nobody = { .family = at->family, .port = DISCARD_PORT };

	if (at->family == AF_INET)
		memcpy(nobody.bytes, (const uint8_t[]){ 127, 0, 0, 1 }, 4);
	else
		nobody.bytes[15] = 1;
	return open_between(at, &nobody, mark, false);
}

int udp_socket_client(const struct addr *at, const struct addr *client, uint32_t mark)
{
	return readable(open_between(at, client, mark, false), at->family);
}

void udp_socket_let_go(int fd, uint32_t mark)
{
	const struct sockaddr nobody = { .sa_family = AF_UNSPEC };

	/* neither can fail: it is a connected socket of ours */
	(void)connect(fd, &nobody, sizeof nobody);
	(void)set(fd, SOL_SOCKET, SO_MARK, (int)mark);
}

void udp_socket_gather(int fd)
{
	(void)set(fd, SOL_UDP, UDP_GRO, 1); /* before Linux 5.0 there is no such thing */
}

int udp_socket_error(int fd)
{
	int err = 0;
	socklen_t size = sizeof err;

	if (getsockopt(fd, SOL_SOCKET, SO_ERROR, &err, &size) < 0)
		return -errno;
	return -err;
}

int udp_socket_raw(uint16_t family, uint8_t protocol, uint32_t mark)
{
	/* a raw socket is shown every packet of its protocol: take none */
	struct sock_filter none[] = { BPF_STMT(BPF_RET | BPF_K, 0) };
	const struct sock_fprog filter = { .len = 1, .filter = none };
	int fd = open_marked(family, SOCK_RAW, protocol, mark);

	if (fd >= 0 && setsockopt(fd, SOL_SOCKET, SO_ATTACH_FILTER, &filter, sizeof filter) < 0) {
		int err = -errno;

		(void)close(fd); /* never used */
		return err;
	}
	return fd;
}

/* RFC 768 */
static struct udphdr head_of(const struct addr *from, const struct addr *to, struct span datagram)
{
	uint16_t size = (uint16_t)(sizeof(struct udphdr) + datagram.size);
	struct udphdr udp = { .uh_sport = htons(from->port),
			      .uh_dport = htons(to->port),
			      .uh_ulen = htons(size) };
	uint32_t sum = (uint32_t)IPPROTO_UDP + size;

	sum = checksum_add(sum, from->bytes, addr_size(from));
	sum = checksum_add(sum, to->bytes, addr_size(to));
	sum = checksum_add(sum, &udp, sizeof udp);
	udp.uh_sum = checksum_end(checksum_add(sum, datagram.data, datagram.size));
	if (!udp.uh_sum)
		udp.uh_sum = UINT16_MAX; /* 0 would mean that there is none */
	return udp;
}

/* From which address, and with which class of service. */
static void put_source(struct msghdr *m, const struct addr *from, int tos)
{
	struct in6_pktinfo v6 = { .ipi6_ifindex = from->scope };
	struct in_pktinfo v4 = { 0 };

	if (from->family == AF_INET) {
		memcpy(&v4.ipi_spec_dst, from->bytes, sizeof v4.ipi_spec_dst);
		control_put(m, SOL_IP, IP_PKTINFO, &v4, sizeof v4);
		control_put(m, SOL_IP, IP_TOS, &tos, sizeof tos);
		return;
	}
	memcpy(&v6.ipi6_addr, from->bytes, sizeof v6.ipi6_addr);
	control_put(m, SOL_IPV6, IPV6_PKTINFO, &v6, sizeof v6);
	control_put(m, SOL_IPV6, IPV6_TCLASS, &tos, sizeof tos);
}

/* Two parts of which the first is not empty. */
static int send_raw(int fd, const struct addr *from, const struct addr *to, uint8_t tos,
		    struct iovec parts[static 2])
{
	_Alignas(struct cmsghdr) char
		control[CMSG_SPACE(sizeof(struct in6_pktinfo)) + CMSG_SPACE(sizeof(int))] = { 0 };
	struct sockaddr_storage name;
	struct msghdr message = {
		.msg_name = &name, .msg_iov = parts, .msg_iovlen = 2, .msg_control = control
	};
	struct addr host = *to;

	host.port = 0; /* to a raw socket of IPv6 it would be a protocol */
	message.msg_namelen = addr_to_sockaddr(&host, &name);
	put_source(&message, from, tos);
	return sendmsg(fd, &message, MSG_DONTWAIT) < 0 ? -errno : 0;
}

int udp_socket_raw_send(int fd, const struct addr *from, const struct addr *to, uint8_t tos,
			struct span datagram)
{
	struct iovec parts[2] = {
		{ 0 }, { .iov_base = (void *)(uintptr_t)datagram.data, .iov_len = datagram.size }
	};
	struct udphdr udp;

	if (datagram.size > MOST_UDP_BYTES - sizeof udp)
		return -EMSGSIZE;
	udp = head_of(from, to, datagram);
	parts[0] = (struct iovec){ .iov_base = &udp, .iov_len = sizeof udp };
	return send_raw(fd, from, to, tos, parts);
}

int udp_socket_raw_message(int fd, const struct addr *from, const struct addr *to, uint8_t tos,
			   struct span message)
{
	struct iovec parts[2] = { { .iov_base = (void *)(uintptr_t)message.data,
				    .iov_len = message.size } };

	return send_raw(fd, from, to, tos, parts);
}
