/* The listening sockets that diverted connections are led to. */
#include "kernel/tproxy_listen.h"

#include <errno.h>
#include <netinet/tcp.h>
#include <unistd.h>

#include "base/fault.h"

enum {
	BACKLOG = 4096,         /* the kernel caps it at net.core.somaxconn */
	KEEPALIVE_IDLE_S = 300, /* a client that vanished is noticed within some ten minutes */
	KEEPALIVE_EVERY_S = 60,
};

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
			return fault_set(fault, -errno, "cannot set %s on a listener%s", o->what,
					 errno == EPERM ? ": CAP_NET_ADMIN is needed" : "");
	}
	return 0;
}

static int open_one(const struct tproxy_listen *want, uint16_t *port, struct fault *fault)
{
	int family = want->family;
	const struct option options[] = {
		{ family == AF_INET ? SOL_IP : SOL_IPV6,
		  family == AF_INET ? IP_TRANSPARENT : IPV6_TRANSPARENT, 1, "IP_TRANSPARENT" },
		{ SOL_SOCKET, SO_MARK, (int)want->mark, "SO_MARK" },
		{ SOL_SOCKET, SO_REUSEADDR, 1, "SO_REUSEADDR" },
		{ SOL_SOCKET, SO_REUSEPORT, 1, "SO_REUSEPORT" },
		{ SOL_SOCKET, SO_KEEPALIVE, 1, "SO_KEEPALIVE" },
		{ SOL_TCP, TCP_KEEPIDLE, KEEPALIVE_IDLE_S, "TCP_KEEPIDLE" },
		{ SOL_TCP, TCP_KEEPINTVL, KEEPALIVE_EVERY_S, "TCP_KEEPINTVL" },
		{ SOL_TCP, TCP_NODELAY, 1, "TCP_NODELAY" },
		{ SOL_SOCKET, SO_OOBINLINE, 1, "SO_OOBINLINE" },
		{ SOL_TCP, TCP_SAVE_SYN, 1, "TCP_SAVE_SYN" },
		{ SOL_TCP, TCP_DEFER_ACCEPT, want->defer_s, "TCP_DEFER_ACCEPT" },
		{ 0, 0, 0, NULL },
	};
	struct addr a = { .family = (uint16_t)family, .port = *port };
	struct sockaddr_storage name;
	int no_quick_ack = 0;
	socklen_t size;
	int fd = socket(family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	int err;

	if (fd < 0)
		return fault_set(fault, -errno, "cannot open a listener: %s%s", strerror(errno),
				 errno == EMFILE ? ": raise LimitNOFILE or lower workers" : "");
	a.bytes[family == AF_INET ? 0 : 15] = family == AF_INET ? 127 : 1;
	if (family == AF_INET)
		a.bytes[3] = 1;
	err = set_options(fd, options, fault);
	if (err)
		goto fail;
	size = addr_to_sockaddr(&a, &name);
	if (bind(fd, (struct sockaddr *)&name, size) < 0 || listen(fd, BACKLOG) < 0 ||
	    getsockname(fd, (struct sockaddr *)&name, &size) < 0) {
		err = fault_set(fault, -errno, "cannot listen on %s: is the loopback interface up?",
				family == AF_INET ? "127.0.0.1" : "::1");
		goto fail;
	}
	/* the ACK of the first bytes rides on the answer to them; listen() forgets this, so not before */
	(void)setsockopt(fd, SOL_TCP, TCP_QUICKACK, &no_quick_ack, sizeof no_quick_ack);
	*port = addr_from_sockaddr(&name).port;
	return fd;
fail:
	(void)close(fd); /* nothing was accepted on it */
	return err;
}

int tproxy_listen_open(const struct tproxy_listen *want, int *fds, uint16_t *port,
		       struct fault *fault)
{
	uint16_t shared = 0;

	for (unsigned i = 0; i < want->count; i++) {
		fds[i] = open_one(want, &shared, fault);
		if (fds[i] >= 0)
			continue;
		for (unsigned k = 0; k < i; k++)
			(void)close(fds[k]); /* nothing was accepted on it */
		return fds[i] == -EADDRNOTAVAIL ? -EAFNOSUPPORT : fds[i];
	}
	*port = shared;
	return 0;
}

static int set_tcp(int fd, int name, int value)
{
	return setsockopt(fd, SOL_TCP, name, &value, sizeof value) < 0 ? -errno : 0;
}

int tproxy_listen_scale(int fd, uint8_t scale)
{
	/* the kernel takes the least scale by which the largest window can be said */
	return set_tcp(fd, TCP_WINDOW_CLAMP, UINT16_MAX << scale);
}

int tproxy_listen_segment(int fd, uint16_t bytes)
{
	return set_tcp(fd, TCP_MAXSEG, bytes);
}
