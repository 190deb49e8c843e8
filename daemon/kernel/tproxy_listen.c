/* The listening sockets that diverted connections are led to. */
#include "kernel/tproxy_listen.h"

#include <errno.h>
#include <netinet/tcp.h>

#include "kernel/loopback_bind.h"

enum {
	BACKLOG = 4096,         /* the kernel caps it at net.core.somaxconn */
	KEEPALIVE_IDLE_S = 300, /* a client that vanished is noticed within some ten minutes */
	KEEPALIVE_EVERY_S = 60,
};

static int start(int fd)
{
	int no_quick_ack = 0;

	if (listen(fd, BACKLOG) < 0)
		return -errno;
	/* the ACK of the first bytes rides on the answer to them; listen() forgets this, so not before */
	(void)setsockopt(fd, SOL_TCP, TCP_QUICKACK, &no_quick_ack, sizeof no_quick_ack);
	return 0;
}

int tproxy_listen_open(const struct tproxy_listen *want, int *fds, uint16_t *port,
		       struct fault *fault)
{
	const bool is_v4 = want->family == AF_INET;
	const struct loopback_option options[] = {
		{ is_v4 ? SOL_IP : SOL_IPV6, is_v4 ? IP_TRANSPARENT : IPV6_TRANSPARENT, 1,
		  "IP_TRANSPARENT" },
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
	const struct loopback_want sockets = {
		.family = want->family,
		.type = SOCK_STREAM,
		.what = "a listener",
		.options = options,
		.start = start,
		.count = want->count,
	};

	return loopback_bind(&sockets, fds, port, fault);
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
