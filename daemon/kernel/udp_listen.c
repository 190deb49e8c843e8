/* The sockets that diverted datagrams are led to. */
#include "kernel/udp_listen.h"

#include <linux/in6.h>

#include "kernel/loopback_bind.h"

int udp_listen_open(const struct udp_listen *want, int *fds, uint16_t *port, struct fault *fault)
{
	const bool is_v4 = want->family == AF_INET;
	const int level = is_v4 ? SOL_IP : SOL_IPV6;
	const struct loopback_option options[] = {
		{ level, is_v4 ? IP_TRANSPARENT : IPV6_TRANSPARENT, 1, "IP_TRANSPARENT" },
		{ level, is_v4 ? IP_RECVORIGDSTADDR : IPV6_RECVORIGDSTADDR, 1,
		  "IP_RECVORIGDSTADDR" },
		{ level, is_v4 ? IP_RECVTOS : IPV6_RECVTCLASS, 1, "IP_RECVTOS" },
		{ level, is_v4 ? IP_PKTINFO : IPV6_RECVPKTINFO, 1, "IP_PKTINFO" },
		{ SOL_SOCKET, SO_MARK, (int)want->mark, "SO_MARK" },
		{ SOL_SOCKET, SO_REUSEPORT, 1, "SO_REUSEPORT" },
		{ SOL_SOCKET, SO_RCVBUFFORCE, UDP_LISTEN_ROOM_BYTES, "SO_RCVBUFFORCE" },
		{ 0, 0, 0, NULL },
	};
	const struct loopback_want sockets = {
		.family = want->family,
		.type = SOCK_DGRAM,
		.what = "a UDP listener",
		.options = options,
		.count = want->count,
	};

	return loopback_bind(&sockets, fds, port, fault);
}
