/* The sockets that diverted datagrams are led to. */
#include "kernel/udp_listen.h"

#include <errno.h>
#include <unistd.h>

#include <linux/in6.h>

#include "base/fault.h"

struct option {
	int level;
	int name;
	int value;
	const char *what;
};

static int set_options(int fd, const struct option *o, struct fault *fault)
{
	for (; o->what; o++) {
		if (setsockopt(fd, o->level, o->name, &o->value, sizeof o->value) < 0)
			return fault_set(fault, -errno, "cannot set %s on a UDP listener%s",
					 o->what,
					 errno == EPERM ? ": CAP_NET_ADMIN is needed" : "");
	}
	return 0;
}

static int open_one(const struct udp_listen *want, uint16_t *port, struct fault *fault)
{
	const bool is_v4 = want->family == AF_INET;
	const struct option options[] = {
		{ is_v4 ? SOL_IP : SOL_IPV6, is_v4 ? IP_TRANSPARENT : IPV6_TRANSPARENT, 1,
		  "IP_TRANSPARENT" },
		{ is_v4 ? SOL_IP : SOL_IPV6, is_v4 ? IP_RECVORIGDSTADDR : IPV6_RECVORIGDSTADDR, 1,
		  "IP_RECVORIGDSTADDR" },
		{ is_v4 ? SOL_IP : SOL_IPV6, is_v4 ? IP_RECVTOS : IPV6_RECVTCLASS, 1,
		  "IP_RECVTOS" },
		{ is_v4 ? SOL_IP : SOL_IPV6, is_v4 ? IP_PKTINFO : IPV6_RECVPKTINFO, 1,
		  "IP_PKTINFO" },
		{ SOL_SOCKET, SO_MARK, (int)want->mark, "SO_MARK" },
		{ SOL_SOCKET, SO_REUSEPORT, 1, "SO_REUSEPORT" },
		{ SOL_SOCKET, SO_RCVBUFFORCE, UDP_LISTEN_ROOM_BYTES, "SO_RCVBUFFORCE" },
		{ 0, 0, 0, NULL },
	};
	struct addr a = { .family = (uint16_t)want->family, .port = *port };
	struct sockaddr_storage name;
	socklen_t size;
	int fd = socket(want->family, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	int err;

	if (fd < 0)
		return fault_set(fault, -errno, "cannot open a UDP listener: %s%s", strerror(errno),
				 errno == EMFILE ? ": raise LimitNOFILE or lower workers" : "");
	a.bytes[is_v4 ? 0 : 15] = is_v4 ? 127 : 1;
	if (is_v4)
		a.bytes[3] = 1;
	err = set_options(fd, options, fault);
	if (err)
		goto fail;
	size = addr_to_sockaddr(&a, &name);
	if (bind(fd, (struct sockaddr *)&name, size) < 0 ||
	    getsockname(fd, (struct sockaddr *)&name, &size) < 0) {
		err = fault_set(fault, -errno,
				"cannot listen on %s for UDP: is the loopback interface up?",
				is_v4 ? "127.0.0.1" : "::1");
		goto fail;
	}
	*port = addr_from_sockaddr(&name).port;
	return fd;
fail:
	(void)close(fd); /* nothing was received by it */
	return err;
}

int udp_listen_open(const struct udp_listen *want, int *fds, uint16_t *port, struct fault *fault)
{
	uint16_t shared = 0;

	for (unsigned i = 0; i < want->count; i++) {
		fds[i] = open_one(want, &shared, fault);
		if (fds[i] >= 0)
			continue;
		for (unsigned k = 0; k < i; k++)
			(void)close(fds[k]); /* nothing was received by it */
		return fds[i] == -EADDRNOTAVAIL ? -EAFNOSUPPORT : fds[i];
	}
	*port = shared;
	return 0;
}
